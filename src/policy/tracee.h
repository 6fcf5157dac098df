/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_POLICY_TRACEE_H
#define HAWK_POLICY_TRACEE_H
/* The parts of the reader of Tracee's policies. Private to this room. */
#include "src/policy/group.h"

/* How the values of a key are read: the column HOW of tracee_keys.def. */
enum hawk_tracee_how {
	HAWK_TRACEE_GLOBAL,
	HAWK_TRACEE_NUMBER,
	HAWK_TRACEE_PID,
	HAWK_TRACEE_TEXT,
	HAWK_TRACEE_EXE,
	HAWK_TRACEE_CONTAINER,
	HAWK_TRACEE_NOT_CONTAINER,
	HAWK_TRACEE_TREE,
	HAWK_TRACEE_FOLLOW,
	HAWK_TRACEE_MISSING,
	HAWK_TRACEE_SYSCALL,
};

enum hawk_tracee_operators { HAWK_TRACEE_NONE, HAWK_TRACEE_EQUAL, HAWK_TRACEE_ORDER, HAWK_TRACEE_ANY };

struct hawk_tracee_key {
	const char *names; /* comma separated */
	enum hawk_tracee_how how;
	const char *fields;
	enum hawk_tracee_operators operators;
	const char *values; /* what people may write */
};

/* The row for the key of F, or NULL. */
const struct hawk_tracee_key *hawk_tracee_scope_key(const struct hawk_filter *f);
const struct hawk_tracee_key *hawk_tracee_context_key(const struct hawk_filter *f);
/* Refuses a key that there is not, with the nearest that there is. Returns -EINVAL. */
int hawk_tracee_refuse_key(struct hawk_policy_reader *r, const struct hawk_filter *f, bool scope);

/* Groups by key: those of a scope, or of a rule. */
struct hawk_tracee_groups {
	struct {
		const struct hawk_tracee_key *key;
		char word;    /* what a value of the key is that is a word; 0: none */
		char *fields; /* a copy of the key's, taken apart */
		struct hawk_group group;
	} v[64];
	size_t n;
};

/* Adds a filter, of any HOW but GLOBAL, FOLLOW and SYSCALL; those of one key fit when any value does. Returns
 * 0, -EINVAL (told) or -ENOMEM. */
int hawk_tracee_groups_add(struct hawk_policy_reader *r, struct hawk_tracee_groups *gs,
			   const struct hawk_tracee_key *key, const struct hawk_filter *f);
/* Appends all that was added to OUT, an AND; what is missing to the list. Returns 0, -EINVAL (told) or
 * -ENOMEM. */
int hawk_tracee_groups_print(struct hawk_policy_reader *r, const struct hawk_tracee_groups *gs,
			     struct hawk_buf *out, char ***pending, size_t *n_pending);
void hawk_tracee_groups_done(struct hawk_tracee_groups *gs);

/*
 * Steps through comma-separated values: *ret_len bytes at the result, without
 * white space at their ends. *p starts at the first; NULL: no more.
 */
const char *hawk_tracee_next_value(const char **p, size_t *ret_len);
/* Checks one value of a text field: not empty, no lone wildcard. Returns 0, or -EINVAL (told). */
int hawk_tracee_check_value(struct hawk_policy_reader *r, const struct hawk_filter *f, const char *value,
			    size_t len);

/* The findings that a rule selects, which to Tracee are events of detectors. */
struct hawk_tracee_findings {
	bool all;                     /* but those left out */
	struct hawk_buf take, leave;  /* alternatives for src/ir, with OR between them; empty: none */
	char **signatures;            /* those that were named */
	size_t n_signatures;
};

/*
 * Each adds what a word selects, or leaves it out: the name or id of a signature, a set of them or a tag, a pattern of
 * names. They return 1 when there is such a thing, 0 when not, or -ENOMEM.
 */
int hawk_tracee_finding_name(struct hawk_policy_reader *r, struct hawk_tracee_findings *f, const char *word,
			     bool without);
int hawk_tracee_finding_set(struct hawk_policy_reader *r, struct hawk_tracee_findings *f, const char *word,
			    bool without);
int hawk_tracee_finding_pattern(struct hawk_policy_reader *r, struct hawk_tracee_findings *f, const char *pattern,
				bool without);
/* The same for "threat.severity>=high" and its kin, at WORD in the text of NODE up to its end; may be -EINVAL (told). */
int hawk_tracee_finding_threat(struct hawk_policy_reader *r, struct hawk_tracee_findings *f,
			       const struct hawk_yaml_node *node, const char *word, bool without);
bool hawk_tracee_is_threat(const char *word, size_t len);
/* True when PATTERN, with * at its ends, fits NAME. */
bool hawk_tracee_fits(const char *pattern, const char *name);
/* Offers the names of all of them. */
void hawk_tracee_finding_offer(const struct hawk_policy_reader *r, struct hawk_nearest *near);
/* Whether any is selected. */
bool hawk_tracee_finds(const struct hawk_tracee_findings *f);
/* Appends which findings they are to OUT, an AND; nothing when it is all of them. Returns 0 or -ENOMEM. */
int hawk_tracee_findings_print(const struct hawk_tracee_findings *f, struct hawk_buf *out);
void hawk_tracee_findings_done(struct hawk_tracee_findings *f);

/* The events that a rule selects. */
struct hawk_tracee_events {
	struct hawk_tracee_findings findings;
	uint64_t bits[HAWK_POLICY_EVENT_WORDS]; /* by row of hawk_event_descs() */
	bool listed;                            /* each of them was named */
	char **pending;                         /* those that there are not yet, with the reason */
	size_t n_pending;
};

/* Reads the text of event:. Returns 0, -EINVAL (told) or -ENOMEM. */
int hawk_tracee_select(struct hawk_policy_reader *r, const struct hawk_yaml_node *node,
		       struct hawk_tracee_events *ret);
void hawk_tracee_events_done(struct hawk_tracee_events *e);

/* Reads the key scope of BODY. Returns 0, -EINVAL (told) or -ENOMEM. */
int hawk_tracee_scope(struct hawk_policy_reader *r, struct hawk_yaml_node *body);
/* Reads the key rules of BODY. Returns 0, -EINVAL (told) or -ENOMEM. */
int hawk_tracee_rules(struct hawk_policy_reader *r, struct hawk_yaml_node *body);

/*
 * Appends the predicate of the key where: (NULL: none), as it is but for
 * parentheses. Returns 0, -EINVAL (told) or -ENOMEM.
 */
int hawk_tracee_where(struct hawk_policy_reader *r, const struct hawk_yaml_node *where, struct hawk_buf *out);

#endif
