/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_POLICY_POLICY_H
#define HAWK_POLICY_POLICY_H
/*
 * A policy: what somebody wants to see, or not. Written in a dialect (that of
 * Tracee: YAML or JSON), held as predicates of src/ir. An event belongs to a
 * policy when the scope is true for it, and one of the rules that name the
 * event has a filter that is true for it. Parsing is pure: no I/O, no clock.
 */
#include "src/base/diag.h"
#include "src/event/event.h"
#include "src/event/field.h"
#include "src/ir/ir.h"

struct hawk_buf;

#define HAWK_POLICY_TEXT_MAX (1024 * 1024) /* bytes of a file */
#define HAWK_POLICY_RULES_MAX 1024         /* of a policy, as they are in struct hawk_policy */
#define HAWK_POLICY_NAME_MAX 253           /* bytes of a name: that of a DNS subdomain, RFC 1123 */
#define HAWK_POLICY_BY_MAX 8               /* fields that an aggregation tells apart */
#define HAWK_POLICY_EVENT_WORDS (HAWK_EVENT_ID_MAX / 64)

/* Told at most so often: one of the extensions of a rule. All 0: always. */
struct hawk_policy_rate {
	uint32_t one_of;     /* sampling: the first of so many that match, then every so many-th; 0: all */
	uint32_t per_second; /* no more of them in a second; 0: no limit */
};

/* Of several matches that are alike the first is told, and in the window behind it no other. */
struct hawk_policy_aggregate {
	uint64_t window;     /* ns; 0: none */
	char *by[HAWK_POLICY_BY_MAX]; /* names of the fields that make them different */
	struct hawk_field fields[HAWK_POLICY_BY_MAX]; /* the same, found */
	size_t n_by;
};

/*
 * A rule. One that is written may become several: events that read a filter
 * differently, and events that are missing, have one each.
 */
struct hawk_policy_rule {
	char *event;             /* as written */
	uint64_t events[HAWK_POLICY_EVENT_WORDS]; /* by row of hawk_event_descs() */
	struct hawk_ir *filter;  /* NULL: true */
	struct hawk_policy_rate rate;
	struct hawk_policy_aggregate aggregate;
	char **pending;          /* what is missing: with one the rule never matches */
	size_t n_pending;
	char **signatures;       /* words for those by whose findings alone it matches: hawk_policy_signature_of() */
	size_t n_signatures;
	unsigned int line, column; /* of its event */
};

/* What is known of the signature that a name stands for. */
enum hawk_policy_signature {
	HAWK_POLICY_NO_SIGNATURE,
	HAWK_POLICY_SIGNATURE_OFF, /* disabled, or pending itself */
	HAWK_POLICY_SIGNATURE_ON,
};

/* Which signatures there are, for rules about their findings. */
struct hawk_policy_signatures {
	/* That with this name or id. */
	enum hawk_policy_signature (*find)(void *ctx, const char *name);
	/* The name of the I-th, or NULL. */
	const char *(*name)(void *ctx, size_t i);
	/* Whether the I-th, which there is, has this tag. */
	bool (*has_tag)(void *ctx, size_t i, const char *tag);
	void *ctx;
};

/*
 * What is known of those that WORD of a rule stands for: a name or id, a pattern of names, or a tag. The best of them
 * counts: with one that is on the rule has something to wait for.
 */
enum hawk_policy_signature hawk_policy_signature_of(const struct hawk_policy_signatures *s, const char *word);

struct hawk_policy {
	char *name;
	char *description;       /* may be empty */
	char *path;              /* as given to the parser */
	const char *dialect;     /* constant: "tracee" */
	char *text;              /* as read */
	size_t len;
	struct hawk_ir *scope;   /* NULL: true */
	bool follow;             /* children of a process in the scope are in it, too, whatever the scope says */
	struct hawk_policy_rule *rules;
	size_t n_rules;
	char **pending;          /* what is missing of the scope: with one the policy never matches */
	size_t n_pending;
	/*
	 * What rules want to be looked at beyond what the daemon looks at: system calls, for suspicious_syscall_source
	 * and stack_pivot, and symbols, for symbols_loaded.
	 */
	char **checked_syscalls, **watched_symbols;
	size_t n_checked_syscalls, n_watched_symbols;
	bool enabled;            /* for its owner; true at first */
};

/*
 * Reads a policy. PATH is what messages call it. A rule may name SIGNATURES (NULL: those that Tracee has, too). Returns
 * 0 with *ret set (DIAGS may have warnings), -EINVAL with at least one error in DIAGS, -ENOMEM.
 */
int hawk_policy_parse(struct hawk_policy **ret, const char *text, size_t len, const char *path,
		      const struct hawk_policy_signatures *signatures, struct hawk_diags *diags);
/* Frees it; NULL is allowed. Returns NULL. */
struct hawk_policy *hawk_policy_free(struct hawk_policy *p);

/*
 * Appends what a policy became, as text: its scope, and the events and the filter
 * of each rule. Stable: the same for the same policy. Returns 0 or the buffer's error.
 */
int hawk_policy_print(const struct hawk_policy *p, struct hawk_buf *out);

#endif
