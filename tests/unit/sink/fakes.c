/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stands in for rooms that are not there yet. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/ir/ir.h"

#define WEAK __attribute__((weak))
struct hawk_ir { char *text; };

WEAK int hawk_ir_parse(struct hawk_ir **ret, const char *text, struct hawk_ir_error *error)
{
	if (strncmp(text, "event=", 6)) {
		*error = (struct hawk_ir_error){ 1, 1, "no such field" };
		return -EINVAL;
	}
	*ret = calloc(1, sizeof(**ret));
	(*ret)->text = strdup(text + 6);
	return 0;
}
WEAK struct hawk_ir *hawk_ir_free(struct hawk_ir *ir)
{
	if (ir)
		free(ir->text);
	free(ir);
	return NULL;
}
WEAK bool hawk_ir_eval(const struct hawk_ir *ir, const struct hawk_event *event,
		       const struct hawk_ir_env *env)
{
	return hawk_event_by_name(ir->text) == event->desc;
}
WEAK bool hawk_ir_events(const struct hawk_ir *ir, uint64_t *bits)
{
	return false;
}
