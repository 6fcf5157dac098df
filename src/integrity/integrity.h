/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_INTEGRITY_INTEGRITY_H
#define HAWK_INTEGRITY_INTEGRITY_H
/*
 * Is the kernel as it was built? Tables of functions are compared with where
 * its code lies, lists of modules with each other. The structures are read
 * while the kernel works on them, without its locks: what one look finds is
 * told only when a second look finds it, too.
 */
#include "src/integrity/findings.h"
#include "src/integrity/kmem.h"
#include "src/integrity/ksyms.h"

/* The rows of checks.def. */
enum hawk_check_id {
#define CHECK(token, name, event, doc) HAWK_CHECK_##token,
#include "src/integrity/checks.def"
#undef CHECK
	HAWK_CHECK_MAX,
};
#define HAWK_CHECKS_ALL ((1U << HAWK_CHECK_MAX) - 1)

struct hawk_check_desc {
	const char *name;
	uint16_t event;
	const char *doc;
};
const struct hawk_check_desc *hawk_check_desc(enum hawk_check_id id);
/* The check with this name, or of the event with this name; -1: none. */
int hawk_check_by_name(const char *name);

enum hawk_check_state {
	HAWK_CHECK_DONE,
	HAWK_CHECK_PARTLY,  /* some of it could not be looked at */
	HAWK_CHECK_SKIPPED, /* none */
};

#define HAWK_CHECK_NOTE_MAX 512
struct hawk_check_result {
	enum hawk_check_state state;
	uint64_t looked;   /* things that were looked at */
	uint64_t findings;
	/* What could not be looked at and why, or what else is to be known; may be empty. */
	char note[HAWK_CHECK_NOTE_MAX];
};

/* What the checks work on; all borrowed. */
struct hawk_integrity {
	struct hawk_kmem memory;
	const struct hawk_layout *layout; /* NULL: the types of the kernel are not known */
	const char *kallsyms, *modules;   /* /proc/kallsyms, /proc/modules */
	const char *const *enabled;       /* places of enabled_functions, ends in NULL */
	const char *const *own; /* functions that the daemon itself hooks, once per way; ends in NULL; may be NULL */
};

/*
 * Runs the checks in MASK. Adds to FINDINGS and sets the rows of RET that MASK
 * names. Reads for some seconds at worst. Any thread, one at a time for each
 * reader of memory.
 */
void hawk_integrity_run(const struct hawk_integrity *env, unsigned int mask, struct hawk_anomalies *findings,
			struct hawk_check_result ret[static HAWK_CHECK_MAX]);

/*
 * What the checks in MASK could not look at and why, as one line (malloc'ed);
 * NULL when they saw everything.
 */
char *hawk_integrity_missed(const struct hawk_check_result result[static HAWK_CHECK_MAX], unsigned int mask);
/*
 * Takes out of the findings of the check ftrace, whose result is *RESULT, the
 * hooks of the daemon itself: OWN is as in struct hawk_integrity, and may have
 * become more while the check ran.
 */
void hawk_integrity_disown(const char *const *own, struct hawk_anomalies *findings, struct hawk_check_result *result);

#define HAWK_DUMP_MAX 4096
/*
 * Reads LENGTH bytes (at most HAWK_DUMP_MAX) at WHAT, a symbol or an address
 * (0x…), as the finding print_mem_dump. Returns 0; on failure -errno with
 * *ret_why (malloc'ed) for people.
 */
int hawk_integrity_dump(const struct hawk_integrity *env, const char *what, size_t length,
			struct hawk_anomalies *findings, char **ret_why);

#endif
