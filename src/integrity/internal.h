/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_INTEGRITY_INTERNAL_H
#define HAWK_INTEGRITY_INTERNAL_H
/* What the files of this room share. */
#include <string.h>

#include "src/integrity/integrity.h"

/* No kernel has more of these; whatever exceeds them is a list that leads nowhere. */
#define HAWK_MODULES_MAX 4096
#define HAWK_MODULE_REGIONS 7 /* MOD_MEM_NUM_TYPES, include/linux/module.h; the first is text */
#define HAWK_MODULE_NAME_LEN 56

struct hawk_module {
	uint64_t address;
	uint32_t state;
	char name[HAWK_MODULE_NAME_LEN + 1];
	struct {
		uint64_t base, size;
	} region[HAWK_MODULE_REGIONS];
};

struct hawk_modules {
	struct hawk_module *v;
	size_t n;
	int error;      /* 0 or -errno: why those that the kernel lists are not known, N is 0 then */
	size_t nowhere; /* of N: where its memory is is not known */
};

/* One look. */
struct hawk_pass {
	const struct hawk_integrity *env;
	const struct hawk_layout *layout;
	const struct hawk_ksyms *ksyms;     /* NULL: none, for the check ftrace only */
	const struct hawk_modules *modules; /* those that the kernel lists */
	struct hawk_anomalies *findings;
	struct hawk_check_result *result;
	uint64_t missing; /* symbols that the kernel does not show, a bit each */
};
_Static_assert(HAWK_SYM_MAX <= 64, "a bit each");

/* The look could not see something: says so in the note. NONE of it: nothing at all. */
void hawk_pass_missed(struct hawk_pass *p, enum hawk_check_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Something to know beside. */
void hawk_pass_note(struct hawk_pass *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The address of a symbol; 0, and said, when the kernel shows none. */
uint64_t hawk_pass_symbol(struct hawk_pass *p, enum hawk_symbol symbol);
/* True, when all of N members are known; else it says that a structure is not. */
bool hawk_pass_knows(struct hawk_pass *p, const int32_t *const *members, size_t n, const char *what);

/* When the modules or where they are is not known: says that functions outside the kernel are not judged. */
void hawk_pass_needs_modules(struct hawk_pass *p);

/* In the text of the kernel itself. */
bool hawk_in_kernel(const struct hawk_pass *p, uint64_t address);
/*
 * A function in a table at TABLE: in the kernel, or, when the table belongs to
 * a module that is listed, in such a module. Where modules are not known,
 * every function outside the kernel is: see hawk_pass_needs_modules().
 */
bool hawk_is_legal(const struct hawk_pass *p, uint64_t table, uint64_t function);
/* Adds "function" and "owner" of an address to a finding. */
void hawk_anomaly_symbol(const struct hawk_pass *p, struct hawk_anomaly *g, uint64_t address);

static inline uint64_t hawk_word_at(const uint8_t *bytes, int32_t offset)
{
	uint64_t word;

	memcpy(&word, bytes + offset, sizeof(word));
	return word;
}

/* Reads text up to a NUL byte into TO, at most SIZE - 1 bytes. Returns 0 or -errno. */
int hawk_kmem_text(const struct hawk_kmem *m, uint64_t address, char *to, size_t size);

/*
 * Calls FN for the nodes of a red-black tree, in no order that is promised;
 * ends when it returns false, at MAX nodes or at one that cannot be read
 * (-EFAULT). ROOT is the address of the first node.
 */
int hawk_rb_each(const struct hawk_pass *p, uint64_t root, bool (*fn)(void *ctx, uint64_t node), void *ctx);

/* modules.c: those that the kernel lists, none when it has no modules. Sets error, -ENOENT when it shows no list. */
void hawk_modules_read(struct hawk_modules *ret, const struct hawk_pass *p);
/* False for a kernel that was built without modules. */
bool hawk_has_modules(const struct hawk_pass *p);

/* Line of enabled_functions, what stands behind a function (hooks.c). */
struct hawk_ftrace_hook {
	char symbol[128], trampoline[128], callback[128], owner[64], flags[16];
	int64_t offset;
	uint64_t count;
};
/*
 * Takes a line apart (without its end). Returns 0, 1 for the continuation of
 * the line before ("direct-->…", "direct(jmp)-->…", whose function goes into callback, owner and
 * offset of *ret), or -EINVAL.
 */
int hawk_ftrace_parse(struct hawk_ftrace_hook *ret, const char *line, size_t len);

#define CHECK(token, name, event, doc) void hawk_check_##token(struct hawk_pass *p);
#include "src/integrity/checks.def"
#undef CHECK

#endif
