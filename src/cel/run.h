/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CEL_RUN_H
#define HAWK_CEL_RUN_H
/* Inside of cel: one evaluation. */
#include "src/base/buf.h"
#include "src/cel/model.h"
#include "src/cel/node.h"

#define HAWK_CEL_LOCALS_MAX 64 /* of all macros that are open, with those of variables */

struct hawk_cel_run {
	const struct hawk_cel *cel; /* that is evaluated: of a variable its own */
	const struct hawk_cel_input *in;
	unsigned int steps;
	bool exhausted;
	struct hawk_cel_value *locals;
	unsigned int locals_left;
};

/* The value of NODE. */
void hawk_cel_run(struct hawk_cel_run *run, uint16_t node, struct hawk_cel_value *ret);
/* The value of a call. */
void hawk_cel_run_call(struct hawk_cel_run *run, const struct hawk_cel_node *n, struct hawk_cel_value *ret);
/* Reads a field as a value of expressions; unknown when there is none. */
void hawk_cel_read(struct hawk_cel_run *run, const struct hawk_cel_field *f, struct hawk_cel_value *ret);
/* Whether there is a value of it. */
bool hawk_cel_has(const struct hawk_cel_run *run, const struct hawk_cel_field *f);
/* The same of a field of PROCESS. */
void hawk_cel_read_member(struct hawk_cel_run *run, const struct hawk_cel_field *f, const struct hawk_process *process,
			  struct hawk_cel_value *ret);
/* N bytes of the arena, or NULL when it is full. */
void *hawk_cel_room(struct hawk_cel_run *run, size_t n);
/* A buffer over what is left of the arena; take_text() makes its contents a value. */
struct hawk_buf hawk_cel_open_text(struct hawk_cel_run *run);
void hawk_cel_take_text(struct hawk_cel_run *run, const struct hawk_buf *text, struct hawk_cel_value *ret);
/* Networks that are not of the internet. */
extern const struct hawk_cel_network hawk_cel_private[];
/* The model's answers: src/cel/ask.c. */
void hawk_cel_ask(struct hawk_cel_run *run, const struct hawk_cel_node *n, const struct hawk_cel_value *args, size_t n_args,
		  struct hawk_cel_value *ret);

static inline void hawk_cel_set_unknown(struct hawk_cel_value *v)
{
	*v = (struct hawk_cel_value){ .type = HAWK_CEL_UNKNOWN, .named = HAWK_T_MAX };
}
static inline void hawk_cel_set_bool(struct hawk_cel_value *v, bool b)
{
	*v = (struct hawk_cel_value){ .type = HAWK_CEL_BOOL, .named = HAWK_T_MAX, .b = b };
}
/* P may be NULL when LEN is 0: texts always have bytes, as memcmp(3) and its like want even for none. */
static inline void hawk_cel_set_text(struct hawk_cel_value *v, const void *p, size_t len)
{
	*v = (struct hawk_cel_value){ .type = HAWK_CEL_STRING, .named = HAWK_T_MAX, .len = (uint32_t)len,
				      .bytes = p ? p : "" };
}
static inline void hawk_cel_set_int(struct hawk_cel_value *v, int64_t i)
{
	*v = (struct hawk_cel_value){ .type = HAWK_CEL_INT, .named = HAWK_T_MAX, .i = i };
}
static inline void hawk_cel_set_list(struct hawk_cel_value *v, const struct hawk_cel_value *items, size_t n)
{
	*v = (struct hawk_cel_value){ .type = HAWK_CEL_LIST, .named = HAWK_T_MAX, .len = (uint32_t)n, .items = items };
}

#endif
