/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_INTEGRITY_KSYMS_H
#define HAWK_INTEGRITY_KSYMS_H
/* The symbols of the kernel, /proc/kallsyms. */
#include <stddef.h>
#include <stdint.h>

/* The rows of symbols.def. */
enum hawk_symbol {
#define SYMBOL(name) HAWK_SYM_##name,
#include "src/integrity/symbols.def"
	HAWK_SYM_MAX,
};

/* A line; the texts are parts of it and end where their length says. */
struct hawk_ksym_line {
	uint64_t address;
	char type; /* nm(1) */
	const char *name, *owner; /* owner: module, "bpf", …; of length 0: the kernel itself */
	size_t name_len, owner_len;
};

/* Takes a line (without its end) of /proc/kallsyms apart. Returns 0, or -EINVAL for what is none. */
int hawk_ksym_parse(struct hawk_ksym_line *ret, const char *line, size_t len);

struct hawk_ksyms;

/*
 * Reads PATH. Lines that are none are left out; a file with more symbols than
 * any kernel has is refused (-E2BIG). Some ten megabytes until it is freed.
 * Returns 0 or -errno.
 */
int hawk_ksyms_read(struct hawk_ksyms **ret, const char *path);
struct hawk_ksyms *hawk_ksyms_free(struct hawk_ksyms *k);

/*
 * The address of a symbol; 0: there is none, or the kernel hides addresses. The
 * kernel's own symbols go before those of modules.
 */
uint64_t hawk_ksyms_known(const struct hawk_ksyms *k, enum hawk_symbol symbol);
uint64_t hawk_ksyms_find(const struct hawk_ksyms *k, const char *name);
/* The name of a row. */
const char *hawk_symbol_name(enum hawk_symbol symbol);

struct hawk_ksym {
	const char *name, *owner; /* owner: empty for the kernel itself */
	uint64_t address;
	uint64_t next; /* where the next symbol begins; 0: it is the last */
};

/* The symbol that ADDRESS lies in, with texts of K. Returns 0, or -ENOENT before the first one. */
int hawk_ksyms_at(const struct hawk_ksyms *k, uint64_t address, struct hawk_ksym *ret);

#endif
