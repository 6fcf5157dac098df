/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stand-in for the room ir: knows "event=NAME", maybe in parentheses. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/ir/ir.h"

#define WEAK __attribute__((weak))

struct hawk_ir {
	const struct hawk_event_desc *event; /* NULL: any */
};

WEAK int hawk_ir_parse(struct hawk_ir **ret, const char *text, struct hawk_ir_error *error)
{
	const struct hawk_event_desc *event = NULL;
	char name[64];

	text += strspn(text, "( ");
	if (*text && (sscanf(text, "event=%63[^) ]", name) != 1 || !(event = hawk_event_by_name(name)))) {
		*error = (struct hawk_ir_error){ 1, 3, "no such field" };
		return -EINVAL;
	}
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	(*ret)->event = event;
	return 0;
}

WEAK struct hawk_ir *hawk_ir_free(struct hawk_ir *ir)
{
	free(ir);
	return NULL;
}

WEAK bool hawk_ir_eval(const struct hawk_ir *ir, const struct hawk_event *event, const struct hawk_ir_env *env)
{
	return !ir->event || ir->event == event->desc;
}

WEAK bool hawk_ir_events(const struct hawk_ir *ir, uint64_t *bits)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++)
		if (descs[i] == ir->event)
			bits[i / 64] |= 1ULL << i % 64;
	return ir->event;
}
