/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_IR_IR_H
#define HAWK_IR_IR_H
/*
 * Typed predicates over the fields of events. One language inside: sink
 * filters, watch --where, trace and (later) policies and signatures lower to
 * it. No I/O, no YAML, no BPF.
 *
 * Text form: conditions joined by AND or OR, NOT and parentheses (AND binds
 * tighter; white space or a comma between conditions is AND). A condition is
 * FIELD OP VALUE without spaces around OP, or with them:
 *   =  !=            equality; a list a|b|c is any of them (!=: none of them)
 *   <  <=  >  >=     numbers, times, durations ("1500ms", "5min")
 *   ^=  $=  *=       prefix, suffix, contains
 *   ~=  !~           regular expression (PCRE2, bytes, unanchored); of a list any (!~: none)
 *   &=  !&           any of these flags (!&: none of them)
 *   ==  !==          these flags and no others
 * In a value outside of quotes * stands for any bytes, also / and none, ? for one byte and [a-z] or [!a-z] for one of
 * a set; * alone: there is a value. A number may be a range: 1000..2000, 1000.., ..2000, ends included.
 * Values may be quoted with " (escapes \" \\ \n \t \xNN) or ', wholly or in
 * part ("/etc/a b"*). Flags and enums by name. For flag types "=" means: has all
 * these bits, and 0 means none; for lists (argv): any element. Addresses take
 * networks (10.0.0.0/8). What JSON shows inside of a data field is written with a
 * dot (data.addr.sun_path, data.msg.name.sin_port), and credentials that an exec
 * changed as data.previous.NAME. A data field may have another type in another
 * event: it is compared by the type that it has there, and false where that type
 * does not take the value. A regular expression that needs too many steps does not match.
 * Special fields: "ancestor.NAME": what "parent.NAME" is, of any ancestor
 * (!=: of none of them); "tree=PID": the process is PID or its descendant;
 * "set=NAME": the event is in that set; "event=NAME": names and aliases, or
 * event=sched_* by canonical name.
 * An expression with a part that no event can make true is refused.
 */
#include "src/event/event.h"
#include "src/event/field.h"

struct hawk_buf;
struct hawk_ir;

/* Where a text is wrong. */
struct hawk_ir_error {
	unsigned int line, column; /* from 1 */
	char message[256];         /* what was expected */
};

/* Questions about other processes, answered by the owner of the process table. */
struct hawk_ir_env {
	/* Whether PROCESS is ANCESTOR or below it; NULL: "tree" is false. */
	bool (*in_tree)(void *ctx, const struct hawk_process *process, uint32_t ancestor);
	/* The parent of PROCESS, or NULL; NULL: ancestors are those that the event tells. */
	const struct hawk_process *(*parent)(void *ctx, const struct hawk_process *process);
	void *ctx;
};

/*
 * Parses and type-checks TEXT. An empty text is always true. Returns 0, or
 * -EINVAL with *error filled, -ENOMEM. The tree is immutable and may be shared
 * by threads.
 */
int hawk_ir_parse(struct hawk_ir **ret, const char *text, struct hawk_ir_error *error);
struct hawk_ir *hawk_ir_free(struct hawk_ir *ir);

/*
 * Makes the AND (ALL) or the OR of copies of N trees. An always true part makes an OR always true; the AND of no
 * parts is always true. Unlike the parser it takes parts that no event can make true together. Returns 0, -EINVAL
 * for the OR of no parts, -E2BIG when it is more than the parser takes, or -ENOMEM.
 */
int hawk_ir_join(struct hawk_ir **ret, const struct hawk_ir *const *parts, size_t n, bool all);

/* Appends LEN bytes at TEXT as an exact value of the text form, in quotes where it needs them. */
void hawk_ir_quote(struct hawk_buf *out, const char *text, size_t len);

/* Evaluates. A condition on a field that the event does not have is false, also for != . No allocation. */
bool hawk_ir_eval(const struct hawk_ir *ir, const struct hawk_event *event, const struct hawk_ir_env *env);

/* Appends the normal text form; parsing it gives an equal tree. */
int hawk_ir_print(const struct hawk_ir *ir, struct hawk_buf *out);

/*
 * The events that IR can be true for: sets bit i of BITS for the i-th event of
 * hawk_event_descs() and returns true, or returns false when IR does not
 * restrict them. BITS has room for all events, (n + 63) / 64 words; its other
 * bits stay. (trace enables what it needs with this.)
 */
bool hawk_ir_events(const struct hawk_ir *ir, uint64_t *bits);

#endif
