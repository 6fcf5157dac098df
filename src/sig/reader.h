/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SIG_READER_H
#define HAWK_SIG_READER_H
/*
 * What the readers of signatures share. They go on after an error, so that people see all of them: what is wrong is
 * told and counted in the diags, and no memory is kept in .error. Private to this room.
 */
#include <errno.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/base/nearest.h"
#include "src/policy/filters.h"
#include "src/sig/signature.h"
#include "src/sig/test.h"
#include "src/yaml/reader.h"

#define HAWK_SIG_MATCHES_MAX 32    /* of a step */
#define HAWK_SIG_VARIABLES_MAX 32
#define HAWK_SIG_EXCEPTIONS_MAX 256
#define HAWK_SIG_OUTPUT_MAX 32
#define HAWK_SIG_STRINGS_MAX 64    /* references, tags */
#define HAWK_SIG_TESTS_MAX 128
#define HAWK_SIG_LIST_VALUE_MAX 4096 /* bytes of a value of a list */
#define HAWK_SIG_WITHIN_MAX (30ULL * 24 * 3600 * 1000000000)

/* Where the conditions of a step are written; NULL: nowhere. */
struct hawk_sig_draft {
	struct hawk_yaml_node *node;
	const struct hawk_yaml_node *where;                         /* of all its matches */
	const struct hawk_yaml_node *wheres[HAWK_SIG_MATCHES_MAX]; /* of each */
};

struct hawk_sig_reader {
	struct hawk_yaml_reader yaml;
	struct hawk_sig *sig; /* being made */
	const struct hawk_cel_list *lists;
	size_t n_lists;
	struct hawk_cel_variable variables[HAWK_SIG_VARIABLES_MAX]; /* expressions are owned, names are the tree's */
	size_t n_variables;
	struct hawk_sig_draft drafts[HAWK_SIG_STEPS_MAX];
	uint64_t all[HAWK_SIG_EVENT_WORDS];     /* events of all steps */
	uint64_t trigger[HAWK_SIG_EVENT_WORDS]; /* those that may complete it */
	struct hawk_tracee_lowered filters[HAWK_SIG_MATCHES_MAX]; /* of Tracee's detectors: of each match */
	bool tracee; /* expressions are those of Tracee's detectors */
	int error;   /* 0 or -ENOMEM */
};

/* Dialects: the parts of the tree become r->sig. */
void hawk_sig_read_own(struct hawk_sig_reader *r, struct hawk_yaml_node *root);
void hawk_sig_read_tracee(struct hawk_sig_reader *r, struct hawk_yaml_node *root);

/* Tells an error at the key or the value of a node. */
#define hawk_sig_refuse(r, node, ...) ((void)hawk_yaml_refuse(&(r)->yaml, node, 0, __VA_ARGS__))
/* Notes that there is no memory when P is NULL. Returns P. */
#define hawk_sig_kept(r, p) ({ __typeof__(p) _kept = (p); if (!_kept) (r)->error = -ENOMEM; _kept; })

/* The member KEY when it is there and is not null. */
struct hawk_yaml_node *hawk_sig_get(struct hawk_yaml_node *map, const char *key);
/* A copy of the text at KEY, at most MAX bytes; NULL: it is not there, or told. */
char *hawk_sig_text(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key, size_t max);
/* The same, and it must be there. */
char *hawk_sig_need(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key, size_t max);
/* The texts of the list at KEY. */
void hawk_sig_strings(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key, char ***ret,
		      size_t *ret_n);
/* "true" or "false" at KEY, else FALLBACK. */
bool hawk_sig_bool(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key, bool fallback);
/* A time at KEY, 0: it is not there, or told. */
uint64_t hawk_sig_duration(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key);
/* A whole number from 1 at KEY; 0: it is not there, or told. */
uint32_t hawk_sig_count(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const char *key);
/* True for a word of such characters: small letters, digits and _ after a letter. */
bool hawk_sig_is_word(const char *text);
/* The id, the name, the version, the severity and what else a signature says about itself. */
bool hawk_sig_is_id(const char *text);
bool hawk_sig_is_version(const char *text);
/* Reads tactic and technique of a mapping of names. */
void hawk_sig_technique(struct hawk_sig_reader *r, const struct hawk_yaml_node *node);

/*
 * Compiles the expression in NODE for EVENTS, with the first N_CAPTURES captured values. NULL: told, or no memory.
 * CONDITION: it has to be true or false.
 */
struct hawk_cel *hawk_sig_compile(struct hawk_sig_reader *r, const struct hawk_yaml_node *node,
				  const uint64_t *events, size_t n_captures, bool condition);
/* The same of an expression of ours, a condition that does not depend on the event. NODE: for messages. */
struct hawk_cel *hawk_sig_compile_text(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, const char *text);
/* The AND of N conditions, which it takes over; NULL with .error or told, or of nothing. NODE: for messages. */
struct hawk_cel *hawk_sig_and(struct hawk_sig_reader *r, const struct hawk_yaml_node *node,
			      struct hawk_cel *const *parts, size_t n);
/* The text with expressions in NODE, for the events that complete the signature. */
struct hawk_cel_template *hawk_sig_template(struct hawk_sig_reader *r, const struct hawk_yaml_node *node);
/* A text without expressions. */
struct hawk_cel_template *hawk_sig_plain_template(struct hawk_sig_reader *r, const char *text);
/* Makes the guard of M from its condition, which it takes over; FILTER, too: an IR that has to be true as well. */
void hawk_sig_lower(struct hawk_sig_reader *r, struct hawk_sig_match *m, struct hawk_cel *where,
		    struct hawk_ir *filter);
/* Reads a list of keys of state: "process", …, or expressions. */
void hawk_sig_read_keys(struct hawk_sig_reader *r, struct hawk_yaml_node *map, const uint64_t *events,
		   struct hawk_sig_key *ret, size_t *ret_n);
/* The word for it in a file; NULL for HAWK_SIG_BY_VALUE. */
const char *hawk_sig_by_name(enum hawk_sig_by by);

/* Reads steps (or the short form), with all but their conditions; then those. */
void hawk_sig_read_steps(struct hawk_sig_reader *r, struct hawk_yaml_node *root);
void hawk_sig_finish_steps(struct hawk_sig_reader *r, struct hawk_yaml_node *root);
/* Adds what NODE, the name of an event or of a set, selects to M. */
void hawk_sig_select(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, struct hawk_sig_match *m);
/* The same for the findings of the signature NAME. */
void hawk_sig_select_finding(struct hawk_sig_reader *r, const struct hawk_yaml_node *node, const char *name,
			     struct hawk_sig_match *m);
/* Appends to what is missing. */
void hawk_sig_pending(struct hawk_sig_reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Room for one more element, zeroed; NULL: no memory, or more than MAX (told). */
void *hawk_sig_grow(struct hawk_sig_reader *r, void *array, size_t *n, size_t size, size_t max,
		    const struct hawk_yaml_node *node, const char *what);

#define HAWK_SIG_WHY_MAX 16384 /* bytes of a text for people */
void hawk_sig_exception_done(struct hawk_sig_exception *x);
/* Adds the exceptions in the mapping ROOT. */
void hawk_sig_read_exceptions(struct hawk_sig_reader *r, struct hawk_yaml_node *root);
/* Checks a document of kind exceptions, but for these. The name of its signature; NULL: told. */
const char *hawk_sig_excepted(struct hawk_yaml_reader *yaml, struct hawk_yaml_node *root);

/* Lists. */
bool hawk_sig_is_list_name(const char *text);
/* A document of kind list. */
void hawk_sig_read_list(struct hawk_yaml_reader *yaml, struct hawk_yaml_node *root, struct hawk_sig_list *ret,
			int *error);
/* A file with a value in each line; PATH ends in ".list". */
void hawk_sig_read_list_file(const struct hawk_sig_source *source, struct hawk_sig_list *ret,
			     struct hawk_diags *diags, int *error);
void hawk_sig_list_done(struct hawk_sig_list *l);

#endif
