/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CEL_CEL_H
#define HAWK_CEL_CEL_H
/*
 * Expressions in the syntax of CEL (https://github.com/google/cel-spec, the
 * subset that sechawk-signature(5) documents) over an event, what is known of
 * its process, lists, variables and captured values. Compiled once, checked
 * against the fields of the events that it is for; evaluated without
 * allocation, in bounded steps and memory.
 *
 * Three-valued, as CEL has it: a value that is absent, an unknown answer of the
 * model, a division by zero are "unknown"; so is what is made of them, but
 * unknown && false is false and unknown || true is true. A condition holds only
 * when it is true.
 */
#include "src/event/event.h"
#include "src/ir/ir.h"

struct hawk_buf;
struct hawk_cel;
struct hawk_model;

#define HAWK_CEL_TEXT_MAX 16384  /* bytes of an expression */
#define HAWK_CEL_DEPTH_MAX 32
#define HAWK_CEL_NODES_MAX 1024
#define HAWK_CEL_STEPS_MAX 20000 /* of one evaluation; then it is unknown, and counted */
#define HAWK_CEL_CAPTURES_MAX 16 /* values that a signature carries from step to step */

enum hawk_cel_type {
	HAWK_CEL_UNKNOWN, /* a value: unknown. An expression: its type is known when it is evaluated */
	HAWK_CEL_NULL,
	HAWK_CEL_BOOL,
	HAWK_CEL_INT,
	HAWK_CEL_UINT,
	HAWK_CEL_DOUBLE,
	HAWK_CEL_STRING,   /* bytes, not always UTF-8 */
	HAWK_CEL_DURATION, /* .i: ns */
	HAWK_CEL_TIME,     /* .u: CLOCK_BOOTTIME ns */
	HAWK_CEL_IP,       /* .bytes, 16 of them */
	HAWK_CEL_LIST,
	HAWK_CEL_PROCESS,  /* an ancestor */
};

struct hawk_cel_value {
	enum hawk_cel_type type;
	/*
	 * A number of a field that has names (flags, an enum): the field's type, else HAWK_T_MAX. It is compared
	 * with a string by name, and told by name.
	 */
	enum hawk_type named;
	union {
		struct {
			uint32_t len;     /* of bytes, items */
			uint32_t context; /* as in struct hawk_value */
		};
		int64_t wall; /* of a time: ns to add for CLOCK_REALTIME, when it is printed */
	};
	union {
		bool b;
		int64_t i;
		uint64_t u;
		double d;
		const uint8_t *bytes; /* borrowed of the event, the expression or the arena */
		const struct hawk_cel_value *items;
		const struct hawk_process *process;
	};
};

/* A list that expressions name: UPPER_SNAKE. */
struct hawk_cel_list {
	const char *name;
	const char *const *values;
	size_t n;
};

/* An expression with a name. */
struct hawk_cel_variable {
	const char *name;
	const struct hawk_cel *expr; /* copied into the expression that names it */
};

/* What names mean where an expression stands. All borrowed for the call that compiles. */
struct hawk_cel_scope {
	/* Rows of hawk_event_descs() that it is evaluated for: a data field must be in one of them. NULL: any. */
	const uint64_t *events;
	const struct hawk_cel_list *lists;
	size_t n_lists;
	const struct hawk_cel_variable *variables;
	size_t n_variables;
	const char *const *captures; /* "captured.NAME" is the I-th of hawk_cel_input.captures */
	size_t n_captures;
	/* Those of Tracee's detectors: getEventData(), hasData(), workload.…, the data stores, standard lists by name. */
	bool tracee;
};

struct hawk_cel_error {
	unsigned int line, column; /* from 1, in the text */
	char message[256];         /* what was expected, and the nearest name */
};

/* Parses and checks TEXT. Returns 0, -EINVAL with *error filled, or -ENOMEM. Immutable; threads may share it. */
int hawk_cel_compile(struct hawk_cel **ret, const char *text, size_t len, const struct hawk_cel_scope *scope,
		     struct hawk_cel_error *error);
struct hawk_cel *hawk_cel_free(struct hawk_cel *cel);
/* What it gives; HAWK_CEL_UNKNOWN when that depends on the event. */
enum hawk_cel_type hawk_cel_type(const struct hawk_cel *cel);
/* Whether it asks the model, a capture or first_seen(): its value is not that of event and process alone. */
bool hawk_cel_impure(const struct hawk_cel *cel);

/* A name in it that is understood but whose value is never known here (Tracee's detectors), or NULL: for a warning. */
const char *hawk_cel_missing(const struct hawk_cel *cel);

/* Memory of evaluations: what they make lives until the arena is reset. */
struct hawk_cel_arena {
	uint8_t *data; /* aligned to 16 */
	size_t size, used;
	uint64_t exhausted; /* evaluations that ended unknown for want of room or steps */
};

struct hawk_cel_input {
	const struct hawk_event *event;
	const struct hawk_model *model;
	const struct hawk_cel_value *captures;
	size_t n_captures;
	/*
	 * first_seen(a, b, …): whether these values are new to the one who asks. HASH is of the values (SipHash is the
	 * owner's; this one is only spread) and of the place of the call. NULL: unknown.
	 */
	bool (*first_seen)(void *ctx, uint64_t hash);
	void *ctx;
	struct hawk_cel_arena *arena;
};

/* Whether the condition holds. No allocation. */
bool hawk_cel_test(const struct hawk_cel *cel, const struct hawk_cel_input *in);
/* Its value, *ret->type HAWK_CEL_UNKNOWN where there is none; borrows of the event and the arena. */
void hawk_cel_eval(const struct hawk_cel *cel, const struct hawk_cel_input *in, struct hawk_cel_value *ret);
/* Appends V as people read it: numbers with names by name, lists with spaces between, bytes not escaped. */
void hawk_cel_print_value(const struct hawk_cel_value *v, struct hawk_buf *out);
/* A number that is the same for equal values, for keys of state. */
uint64_t hawk_cel_hash(const struct hawk_cel_value *v, uint64_t seed);

/*
 * The predicate that follows from CEL and that ir (and so the kernel) can decide: true whenever CEL is.
 * *ret_exact: they are the same. *ret is NULL when nothing follows. Returns 0 or -ENOMEM.
 */
int hawk_cel_lower(const struct hawk_cel *cel, struct hawk_ir **ret, bool *ret_exact);

/* A text with expressions in braces: "{process.exe} opened {data.pathname}"; {{ is a brace. */
struct hawk_cel_template;
int hawk_cel_template_compile(struct hawk_cel_template **ret, const char *text, size_t len,
			      const struct hawk_cel_scope *scope, struct hawk_cel_error *error);
struct hawk_cel_template *hawk_cel_template_free(struct hawk_cel_template *t);
/* Appends the text; unknown values are "?". Bytes are as they are: the sink escapes. */
void hawk_cel_template_print(const struct hawk_cel_template *t, const struct hawk_cel_input *in,
			     struct hawk_buf *out);

#endif
