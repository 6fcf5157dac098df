/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_SYMBOL_SAMPLE_H
#define HAWK_TEST_SYMBOL_SAMPLE_H
/* A shared object with what a linker looks at and nothing else. */
#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct sample_symbol {
	const char *name;
	uint8_t bind, type, seen;
	uint16_t section;
};

struct sample {
	bool wide, gnu;
	const struct sample_symbol *symbols; /* ends with a name of NULL */
	uint8_t bytes[8192];
	size_t len;
};

static inline void sample_put(struct sample *s, const void *p, size_t n)
{
	memcpy(s->bytes + s->len, p, n);
	s->len += n;
}

static inline void sample_head(struct sample *s, uint64_t size, uint64_t dynamic)
{
	uint16_t wide = s->wide;
	Elf64_Ehdr h64 = { .e_ident = ELFMAG, .e_type = ET_DYN, .e_version = 1, .e_phoff = sizeof(h64),
			   .e_ehsize = sizeof(h64), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2 };
	Elf32_Ehdr h32 = { .e_ident = ELFMAG, .e_type = ET_DYN, .e_version = 1, .e_phoff = sizeof(h32),
			   .e_ehsize = sizeof(h32), .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 2 };
	Elf64_Phdr p64[2] = { { .p_type = PT_LOAD, .p_filesz = size, .p_memsz = size },
			      { .p_type = PT_DYNAMIC, .p_offset = dynamic, .p_vaddr = dynamic,
				.p_filesz = 6 * sizeof(Elf64_Dyn) } };
	Elf32_Phdr p32[2] = { { .p_type = PT_LOAD, .p_filesz = (uint32_t)size, .p_memsz = (uint32_t)size },
			      { .p_type = PT_DYNAMIC, .p_offset = (uint32_t)dynamic, .p_vaddr = (uint32_t)dynamic,
				.p_filesz = 6 * sizeof(Elf32_Dyn) } };

	h64.e_ident[EI_CLASS] = ELFCLASS64;
	h32.e_ident[EI_CLASS] = ELFCLASS32;
	h64.e_ident[EI_DATA] = h32.e_ident[EI_DATA] = ELFDATA2LSB;
	sample_put(s, wide ? (void *)&h64 : (void *)&h32, wide ? sizeof(h64) : sizeof(h32));
	sample_put(s, wide ? (void *)p64 : (void *)p32, wide ? sizeof(p64) : sizeof(p32));
}

static inline void sample_dynamic(struct sample *s, const uint64_t rows[6][2])
{
	for (int i = 0; i < 6; i++) {
		Elf64_Dyn d64 = { .d_tag = (int64_t)rows[i][0], .d_un.d_val = rows[i][1] };
		Elf32_Dyn d32 = { .d_tag = (int32_t)rows[i][0], .d_un.d_val = (uint32_t)rows[i][1] };

		sample_put(s, s->wide ? (void *)&d64 : (void *)&d32, s->wide ? sizeof(d64) : sizeof(d32));
	}
}

/* The head, dynamic section, hash table, symbols and names, in this order. */
static inline void sample_build(struct sample *s)
{
	static const uint8_t zeroes[64];
	size_t n = 1, names = 1, head = s->wide ? 64 + 2 * 56 : 52 + 2 * 32, at = 1;
	size_t hash = head + 6 * (s->wide ? 16 : 8), hash_words, symbols, strings;

	for (const struct sample_symbol *y = s->symbols; y->name; y++, n++)
		names += strlen(y->name) + 1;
	/* one bucket with all symbols; a Bloom filter of one word */
	hash_words = s->gnu ? 4 + (s->wide ? 2 : 1) + 1 + n - 1 : 2 + 1 + n;
	symbols = hash + 4 * hash_words;
	strings = symbols + n * (s->wide ? 24 : 16);
	s->len = 0;
	sample_head(s, strings + names, head);
	sample_dynamic(s, (const uint64_t[6][2]){ { s->gnu ? DT_GNU_HASH : DT_HASH, hash }, { DT_SYMTAB, symbols },
						  { DT_STRTAB, strings }, { DT_STRSZ, names } });
	if (s->gnu) {
		sample_put(s, (const uint32_t[]){ 1, 1, 1, 0 }, 16);
		sample_put(s, zeroes, s->wide ? 8 : 4);
		sample_put(s, &(const uint32_t){ n > 1 }, 4);
		for (size_t i = 1; i < n; i++)
			sample_put(s, &(const uint32_t){ i == n - 1 }, 4);
	} else {
		sample_put(s, (const uint32_t[]){ 1, (uint32_t)n, 0 }, 12);
		for (size_t i = 0; i < n; i++)
			sample_put(s, zeroes, 4);
	}
	sample_put(s, zeroes, s->wide ? 24 : 16);
	for (const struct sample_symbol *y = s->symbols; y->name; at += strlen(y->name) + 1, y++) {
		Elf64_Sym y64 = { .st_name = (uint32_t)at, .st_info = ELF64_ST_INFO(y->bind, y->type),
				  .st_other = y->seen, .st_shndx = y->section };
		Elf32_Sym y32 = { .st_name = (uint32_t)at, .st_info = ELF32_ST_INFO(y->bind, y->type),
				  .st_other = y->seen, .st_shndx = y->section };

		sample_put(s, s->wide ? (void *)&y64 : (void *)&y32, s->wide ? sizeof(y64) : sizeof(y32));
	}
	sample_put(s, zeroes, 1);
	for (const struct sample_symbol *y = s->symbols; y->name; y++)
		sample_put(s, y->name, strlen(y->name) + 1);
}

static inline long sample_read(void *ctx, uint64_t offset, void *buf, size_t len)
{
	const struct sample *s = ctx;

	if (offset >= s->len)
		return 0;
	if (len > s->len - offset)
		len = s->len - offset;
	memcpy(buf, s->bytes + offset, len);
	return (long)len;
}

#endif
