/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/symbol/elf.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"

#define PROGRAM_HEADERS_MAX 128
#define DYNAMIC_MAX 1024   /* entries */
#define CHUNK 512          /* symbols, or words of a hash table, read at a time */
#define BUCKETS_MAX (4 * HAWK_ELF_SYMBOLS_MAX)

#ifndef STB_GNU_UNIQUE
#define STB_GNU_UNIQUE 10
#endif

struct segment {
	uint64_t vaddr, offset, size;
};

struct elf {
	const struct hawk_elf_source *source;
	bool wide; /* 64 bits */
	struct segment loads[PROGRAM_HEADERS_MAX];
	size_t n_loads;
	struct segment dynamic;
	uint64_t symbols, strings, strings_size, hash, gnu_hash; /* addresses */
	uint32_t n_symbols;
	bool cut;
};

/* All LEN bytes or nothing. */
static int read_all(const struct elf *e, uint64_t offset, void *buf, size_t len)
{
	long n = e->source->read(e->source->ctx, offset, buf, len);

	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EBADMSG;
}

/* Where ADDRESS is in the file, with how many bytes behind it. Returns 0 or -EBADMSG. */
static int find(const struct elf *e, uint64_t address, uint64_t *ret_offset, uint64_t *ret_left)
{
	for (size_t i = 0; i < e->n_loads; i++) {
		const struct segment *s = &e->loads[i];
		uint64_t in = address - s->vaddr;

		if (address < s->vaddr || in >= s->size || s->offset + in < in)
			continue;
		*ret_offset = s->offset + in;
		*ret_left = s->size - in;
		return 0;
	}
	return -EBADMSG;
}

static int read_at(const struct elf *e, uint64_t address, void *buf, size_t len)
{
	uint64_t offset, left;

	if (find(e, address, &offset, &left) < 0 || left < len)
		return -EBADMSG;
	return read_all(e, offset, buf, len);
}

static void take_segment(struct elf *e, uint32_t type, const struct segment *s)
{
	if (type == PT_LOAD)
		e->loads[e->n_loads++] = *s;
	else if (type == PT_DYNAMIC)
		e->dynamic = *s;
}

/* Program headers of either width, SIZE bytes each. */
static int read_segments(struct elf *e, uint64_t offset, size_t n, size_t size)
{
	union {
		Elf64_Phdr p64;
		Elf32_Phdr p32;
	} h;
	int r = 0;

	if (n > PROGRAM_HEADERS_MAX || size != (e->wide ? sizeof(h.p64) : sizeof(h.p32)) ||
	    offset > UINT64_MAX - PROGRAM_HEADERS_MAX * sizeof(h))
		return -EBADMSG;
	for (size_t i = 0; i < n && r == 0; i++) {
		r = read_all(e, offset + i * size, &h, size);
		if (r < 0)
			break;
		if (e->wide)
			take_segment(e, h.p64.p_type, &(struct segment){ h.p64.p_vaddr, h.p64.p_offset, h.p64.p_filesz });
		else
			take_segment(e, h.p32.p_type, &(struct segment){ h.p32.p_vaddr, h.p32.p_offset, h.p32.p_filesz });
	}
	return r;
}

static int read_header(struct elf *e)
{
	union {
		unsigned char ident[EI_NIDENT];
		Elf64_Ehdr h64;
		Elf32_Ehdr h32;
	} h;
	int r = read_all(e, 0, &h.h32, sizeof(h.h32));

	if (r < 0)
		return r;
	if (memcmp(h.ident, ELFMAG, SELFMAG) != 0 || h.ident[EI_DATA] != ELFDATA2LSB)
		return -EBADMSG;
	e->wide = h.ident[EI_CLASS] == ELFCLASS64;
	if (!e->wide && h.ident[EI_CLASS] != ELFCLASS32)
		return -EBADMSG;
	if (!e->wide)
		return h.h32.e_type == ET_DYN ? read_segments(e, h.h32.e_phoff, h.h32.e_phnum, h.h32.e_phentsize)
					      : -EBADMSG;
	r = read_all(e, 0, &h.h64, sizeof(h.h64));
	if (r < 0)
		return r;
	return h.h64.e_type == ET_DYN ? read_segments(e, h.h64.e_phoff, h.h64.e_phnum, h.h64.e_phentsize) : -EBADMSG;
}

static void take_dynamic(struct elf *e, uint64_t tag, uint64_t value)
{
	switch (tag) {
	case DT_SYMTAB:
		e->symbols = value;
		break;
	case DT_STRTAB:
		e->strings = value;
		break;
	case DT_STRSZ:
		e->strings_size = value;
		break;
	case DT_HASH:
		e->hash = value;
		break;
	case DT_GNU_HASH:
		e->gnu_hash = value;
		break;
	}
}

static int read_dynamic(struct elf *e)
{
	size_t size = e->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	uint64_t n = e->dynamic.size / size;

	for (uint64_t i = 0; i < n && i < DYNAMIC_MAX; i++) {
		union {
			Elf64_Dyn d64;
			Elf32_Dyn d32;
		} d;
		int r = e->dynamic.offset > UINT64_MAX - i * size ? -EBADMSG
								   : read_all(e, e->dynamic.offset + i * size, &d, size);
		uint64_t tag;

		if (r < 0)
			return r;
		tag = e->wide ? (uint64_t)d.d64.d_tag : (uint32_t)d.d32.d_tag;
		if (tag == DT_NULL)
			break;
		take_dynamic(e, tag, e->wide ? d.d64.d_un.d_val : d.d32.d_un.d_val);
	}
	return e->symbols && e->strings && e->strings_size && (e->hash || e->gnu_hash) ? 0 : -EBADMSG;
}

/* The highest symbol that a bucket of DT_GNU_HASH begins with; 0: all are empty. */
static int last_bucket(const struct elf *e, uint64_t at, uint32_t n, uint32_t *ret)
{
	uint32_t words[CHUNK], max = 0;

	for (uint32_t i = 0; i < n; i += CHUNK) {
		uint32_t some = n - i < CHUNK ? n - i : CHUNK;
		int r = read_at(e, at + 4ULL * i, words, 4 * some);

		if (r < 0)
			return r;
		for (uint32_t w = 0; w < some; w++)
			max = words[w] > max ? words[w] : max;
	}
	*ret = max;
	return 0;
}

/*
 * The number of symbols stands nowhere: it is where the last chain ends, whose
 * last word is odd. Head: buckets, first symbol in the table, words of the Bloom
 * filter, its shift.
 */
static int count_by_gnu_hash(struct elf *e)
{
	uint64_t buckets, chains;
	uint32_t head[4], last, word;
	int r = read_at(e, e->gnu_hash, head, sizeof(head));

	if (r < 0)
		return r;
	if (head[0] > BUCKETS_MAX || head[2] > BUCKETS_MAX)
		return -EBADMSG;
	buckets = e->gnu_hash + sizeof(head) + (uint64_t)head[2] * (e->wide ? 8 : 4);
	chains = buckets + 4ULL * head[0];
	r = last_bucket(e, buckets, head[0], &last);
	if (r < 0)
		return r;
	if (!last) /* exports nothing */
		return 0;
	if (last < head[1])
		return -EBADMSG;
	for (word = 0; !(word & 1) && last < HAWK_ELF_SYMBOLS_MAX; last++) {
		r = read_at(e, chains + 4ULL * (last - head[1]), &word, sizeof(word));
		if (r < 0)
			return r;
	}
	e->n_symbols = last;
	return 0;
}

static int count_symbols(struct elf *e)
{
	uint32_t head[2]; /* buckets, chains: as many as symbols */
	int r;

	if (e->hash)
		r = read_at(e, e->hash, head, sizeof(head));
	else
		return count_by_gnu_hash(e);
	if (r < 0)
		return r;
	e->n_symbols = head[1];
	return 0;
}

/* What is the same in symbols of both widths. */
struct entry {
	uint32_t name;
	uint16_t section;
	uint8_t info, other;
};

static bool is_export(const struct entry *s, bool *ret_strong)
{
	uint8_t bind = ELF64_ST_BIND(s->info), type = ELF64_ST_TYPE(s->info), seen = ELF64_ST_VISIBILITY(s->other);

	if (s->section == SHN_UNDEF || s->section == SHN_ABS || seen == STV_HIDDEN || seen == STV_INTERNAL)
		return false;
	if (bind != STB_GLOBAL && bind != STB_WEAK && bind != STB_GNU_UNIQUE)
		return false;
	*ret_strong = bind == STB_GLOBAL;
	return type == STT_NOTYPE || type == STT_OBJECT || type == STT_FUNC || type == STT_GNU_IFUNC;
}

struct names {
	char *text; /* with a NUL behind LEN bytes */
	size_t len;
};

static void tell(const struct entry *s, const struct names *names,
		 void (*fn)(void *ctx, const struct hawk_elf_symbol *symbol), void *ctx)
{
	struct hawk_elf_symbol symbol;

	if (!is_export(s, &symbol.strong) || s->name >= names->len)
		return;
	symbol.name = names->text + s->name;
	symbol.len = strnlen(symbol.name, HAWK_ELF_NAME_MAX);
	if (symbol.len && symbol.len < HAWK_ELF_NAME_MAX && symbol.len < names->len - s->name) /* else it has no end */
		fn(ctx, &symbol);
}

static int each_symbol(const struct elf *e, const struct names *names,
		       void (*fn)(void *ctx, const struct hawk_elf_symbol *symbol), void *ctx)
{
	union {
		Elf64_Sym s64[CHUNK];
		Elf32_Sym s32[CHUNK];
	} some;
	size_t size = e->wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);

	for (uint32_t i = 0; i < e->n_symbols; i += CHUNK) {
		uint32_t n = e->n_symbols - i < CHUNK ? e->n_symbols - i : CHUNK;
		int r = read_at(e, e->symbols + (uint64_t)i * size, &some, n * size);

		if (r < 0)
			return r;
		for (uint32_t k = 0; k < n; k++) {
			const Elf64_Sym *w = &some.s64[k];
			const Elf32_Sym *s = &some.s32[k];

			tell(e->wide ? &(struct entry){ w->st_name, w->st_shndx, w->st_info, w->st_other }
				     : &(struct entry){ s->st_name, s->st_shndx, s->st_info, s->st_other },
			     names, fn, ctx);
		}
	}
	return 0;
}

static int read_names(struct elf *e, struct names *ret)
{
	uint64_t offset, left;
	int r = find(e, e->strings, &offset, &left);

	if (r < 0)
		return r;
	if (left > e->strings_size)
		left = e->strings_size;
	if (left > HAWK_ELF_STRINGS_MAX) {
		left = HAWK_ELF_STRINGS_MAX;
		e->cut = true;
	}
	ret->text = malloc(left + 1);
	if (!ret->text)
		return -ENOMEM;
	r = read_all(e, offset, ret->text, left);
	ret->text[left] = '\0';
	ret->len = left;
	return r;
}

int hawk_elf_exports(const struct hawk_elf_source *source,
		     void (*fn)(void *ctx, const struct hawk_elf_symbol *symbol), void *ctx)
{
	struct elf e = { .source = source };
	struct names names = { NULL, 0 };
	int r = read_header(&e);

	if (r == 0)
		r = read_dynamic(&e);
	if (r == 0)
		r = count_symbols(&e);
	if (r == 0 && e.n_symbols >= HAWK_ELF_SYMBOLS_MAX) {
		e.n_symbols = HAWK_ELF_SYMBOLS_MAX;
		e.cut = true;
	}
	if (r == 0)
		r = read_names(&e, &names);
	if (r == 0)
		r = each_symbol(&e, &names, fn, ctx);
	free(names.text);
	return r < 0 ? r : e.cut;
}
