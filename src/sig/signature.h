/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SIG_SIGNATURE_H
#define HAWK_SIG_SIGNATURE_H
/*
 * A signature: what an attack looks like, as events and conditions on them.
 * Written in YAML (sechawk-signature(5)), or as a detector of Tracee. Parsing
 * is pure: no I/O, no clock.
 */
#include "src/base/diag.h"
#include "src/cel/cel.h"
#include "src/event/event.h"
#include "src/ir/ir.h"

#define HAWK_SIG_TEXT_MAX (1024 * 1024) /* bytes of a file */
#define HAWK_SIG_STEPS_MAX 8
#define HAWK_SIG_KEYS_MAX 4
#define HAWK_SIG_COUNT_MAX 4096
#define HAWK_SIG_ID_MAX 64
#define HAWK_SIG_EVENT_WORDS (HAWK_EVENT_ID_MAX / 64)

enum hawk_severity {
#define SEVERITY(token, value, name, doc) HAWK_SEVERITY_##token = value,
#include "src/event/severity.def"
};

/* An event that a signature looks at, and when. */
struct hawk_sig_match {
	uint64_t events[HAWK_SIG_EVENT_WORDS]; /* by row of hawk_event_descs() */
	char **findings; /* names of other signatures whose findings it looks at; the event "finding" is in EVENTS then */
	size_t n_findings;
	bool optional;           /* no matter that there are no such signatures */
	/* The event fits when both are true. */
	struct hawk_ir *guard;   /* what the kernel and the index can decide; NULL: true */
	struct hawk_cel *where;  /* NULL: true */
	unsigned int line, column;
};

/* Whom state belongs to. */
enum hawk_sig_by {
	HAWK_SIG_BY_VALUE,   /* an expression */
#define BY(token, name, doc) HAWK_SIG_BY_##token,
#include "src/sig/by.def"
};

struct hawk_sig_key {
	enum hawk_sig_by by;
	struct hawk_cel *value; /* HAWK_SIG_BY_VALUE */
};

/* A value that a step keeps for later ones: captured.NAME. */
struct hawk_sig_capture {
	unsigned int index; /* in hawk_sig.captures */
	struct hawk_cel *value;
};

struct hawk_sig_step {
	char *name;
	struct hawk_sig_match *matches; /* any of them */
	size_t n_matches;
	struct hawk_sig_capture *captures;
	size_t n_captures;
	uint32_t count;          /* so many of them, at most HAWK_SIG_COUNT_MAX; 1: the first */
	struct hawk_cel *distinct; /* so many that differ in this; NULL: any */
	bool absent;             /* it must not come within the time: the last step only */
};

struct hawk_sig_field {
	char *name;
	struct hawk_cel *value;
	bool optional;
};

struct hawk_sig_exception {
	char *name;
	char *why; /* may be NULL */
	struct hawk_cel *where;
};

struct hawk_sig {
	char *id, *name, *version, *title, *description; /* title: a line for people */
	char *author, *what_to_do, *false_positives; /* may be NULL */
	char *tactic, *technique; /* ATT&CK: "Execution", "T1059.004"; may be NULL */
	char *layer;              /* "common", "host", "container", "container-threats" or NULL */
	char **references, **tags;
	size_t n_references, n_tags;
	enum hawk_severity severity;
	char *path;        /* as given to the parser */
	const char *dialect; /* constant: "sechawk", "tracee" */
	bool enabled;      /* as its author says: true but for those that are noisy on some hosts */

	/* One step: each event that matches (so many of them within the time) is a finding. */
	struct hawk_sig_step *steps;
	size_t n_steps;
	bool unordered;    /* the steps may come in any order */
	uint64_t within;   /* ns, from the first step to the last; 0: no limit, for one step without count */
	struct hawk_sig_key by[HAWK_SIG_KEYS_MAX];
	size_t n_by;       /* 0 with state: all share it */
	char **captures;
	size_t n_captures;

	/* After a finding those alike are counted only, and the next one tells how many. */
	uint64_t suppress; /* ns; 0: never */
	struct hawk_sig_key suppress_by[HAWK_SIG_KEYS_MAX];
	size_t n_suppress_by; /* 0: the process's exe */

	struct hawk_sig_exception *exceptions;
	size_t n_exceptions;
	struct hawk_sig_field *output;
	size_t n_output;
	struct hawk_cel_template *message;

	/* What is missing here: with one it never finds anything, and its expressions may be NULL. */
	char **pending;
	size_t n_pending;
	struct hawk_sig_test *tests; /* src/sig/test.h */
	size_t n_tests;
	uint64_t digest;   /* of its text and its lists: the same text keeps its state over a reload */
};

/* A list, of a document or a file. */
struct hawk_sig_list {
	char *name;   /* UPPER_SNAKE */
	char **values;
	size_t n;
	char *path;
	bool tracee;   /* of a string_list: another list may have the same name */
};

/* What a set of files holds. Names and ids are unique in it. */
struct hawk_sig_files {
	struct hawk_sig **signatures;
	size_t n_signatures;
	struct hawk_sig_list *lists;
	size_t n_lists;
};

/* A text and what people call it. */
struct hawk_sig_source {
	const char *path;
	const char *text;
	size_t len;
};

/*
 * Reads N texts, lists first, whatever their order. DIAGS has one entry per text. A text with an error is left
 * out whole, as is one whose names another has (the later one); the others are read. Returns 0 or -ENOMEM.
 */
int hawk_sig_read(struct hawk_sig_files *ret, const struct hawk_sig_source *sources, size_t n,
		  struct hawk_diags *diags);
void hawk_sig_files_done(struct hawk_sig_files *f);
struct hawk_sig *hawk_sig_free(struct hawk_sig *s);

/* "info" … "critical", or NULL. */
const char *hawk_severity_name(enum hawk_severity severity);
/* The severity with this name, or -1. */
int hawk_severity_parse(const char *name);

/* Appends what it became, as text: steps, guards, what is left to the daemon. Stable. */
int hawk_sig_print(const struct hawk_sig *s, struct hawk_buf *out);

#endif
