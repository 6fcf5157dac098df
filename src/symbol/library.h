/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SYMBOL_LIBRARY_H
#define HAWK_SYMBOL_LIBRARY_H
/* What a shared object exports, kept to be compared with others; and what is asked of it. No locks. */
#include "src/base/buf.h"
#include "src/symbol/elf.h"

struct hawk_symbols_list {
	char *const *v;
	size_t n;
};

/* The options of the section symbols. */
struct hawk_symbols_config {
	struct hawk_symbols_list watched;  /* names of symbols */
	struct hawk_symbols_list allowed;  /* paths that libraries may begin with, or names like "libc" */
	struct hawk_symbols_list ignored;  /* symbols that collisions leave out */
};

struct hawk_rules;
/* Copies CONFIG. Returns 0 or -ENOMEM. */
int hawk_rules_new(struct hawk_rules **ret, const struct hawk_symbols_config *config);
/* NULL is fine. Returns NULL. */
struct hawk_rules *hawk_rules_free(struct hawk_rules *r);
/*
 * True when the library at PATH may export what is watched: PATH begins with an
 * allowed one, or its last component is an allowed name with ".so" or a version
 * behind it ("libc" allows libc.so.6 and libc-2.31.so).
 */
bool hawk_rules_allow(const struct hawk_rules *r, const char *path);

struct hawk_library {
	struct hawk_library_symbol {
		uint64_t hash;
		uint32_t name; /* offset in names */
		bool strong;
	} *symbols;            /* by hash; without the ignored ones */
	size_t n, room;
	struct hawk_buf names;   /* with NULs */
	struct hawk_buf watched; /* those of the watched symbols that it exports, each with a NUL */
	bool error;              /* no memory: not complete */
};

/* Fills LIBRARY, which is zeroed, from a file; what is no shared object exports nothing. Returns 0 or -errno. */
int hawk_library_read(struct hawk_library *library, const struct hawk_rules *rules,
		      const struct hawk_elf_source *source);
void hawk_library_done(struct hawk_library *library);
/* Bytes of memory. */
size_t hawk_library_bytes(const struct hawk_library *library);

#define HAWK_COLLISIONS_MAX 64 /* names in one list */
/*
 * Appends the names that both export, with a NUL each; weak symbols on both
 * sides are meant to be there twice. Returns how many there are, which may be
 * more than HAWK_COLLISIONS_MAX in the list.
 */
size_t hawk_library_collide(const struct hawk_library *a, const struct hawk_library *b, struct hawk_buf *names);

#endif
