/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SYMBOL_ELF_H
#define HAWK_SYMBOL_ELF_H
/*
 * The symbols that a shared object exports, as the dynamic linker finds them:
 * by its dynamic section and not by section headers, which it need not have.
 * elf(5) and the gABI; DT_GNU_HASH as in binutils. Little-endian files of 64
 * and 32 bits. Pure but for the reading, which is given.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HAWK_ELF_SYMBOLS_MAX 65536             /* more are left out */
#define HAWK_ELF_STRINGS_MAX (8U * 1024 * 1024) /* bytes of their names; the rest is left out */

#define HAWK_ELF_NAME_MAX 4096                 /* longer ones are left out: many may share one long text */

/* Where the file is. READ fills LEN bytes from OFFSET; returns how many there are, or -errno. */
struct hawk_elf_source {
	long (*read)(void *ctx, uint64_t offset, void *buf, size_t len);
	void *ctx;
};

struct hawk_elf_symbol {
	const char *name; /* LEN bytes and a NUL, until the call returns; at least 1 */
	size_t len;
	bool strong; /* STB_GLOBAL; weak and unique ones may be there many times */
};

/*
 * Calls FN for each function or object that the file defines and that others
 * see. Returns 0, or 1 when there were more than the limits allow; -EBADMSG
 * when it is no shared object, or a broken one; -ENOMEM, or what reading said.
 */
int hawk_elf_exports(const struct hawk_elf_source *source,
		     void (*fn)(void *ctx, const struct hawk_elf_symbol *symbol), void *ctx);

#endif
