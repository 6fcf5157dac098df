/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CEL_LOWER_H
#define HAWK_CEL_LOWER_H
/* Inside of cel: what follows from an expression, as predicates of ir. */
#include "src/base/buf.h"
#include "src/cel/node.h"

#define HAWK_CEL_LOWER_MAX 4096 /* nodes that are looked at: a variable may be named often */

struct hawk_cel_lowering {
	const struct hawk_cel *cel; /* of a variable its own */
	unsigned int left;          /* of HAWK_CEL_LOWER_MAX */
	/* In a condition on the items of a list: which variable they are, and what ir calls any of them. */
	int local;
	const char *items;
	const struct hawk_cel_field *list; /* NULL: ancestors */
};

/* What is true whenever the expression is (or, asked so, whenever it is false). NULL: nothing follows. */
struct hawk_cel_follows {
	struct hawk_ir *ir;
	bool exact; /* and the other way round; with NULL: it is always true */
};

/* A condition on one field. Returns 0 or -ENOMEM; *ret is unchanged when nothing follows. */
int hawk_cel_lower_leaf(struct hawk_cel_lowering *l, uint16_t node, bool not, struct hawk_cel_follows *ret);
/* Parses TEXT. What ir refuses does not follow. */
int hawk_cel_lower_text(struct hawk_buf *text, bool exact, struct hawk_cel_follows *ret);

#endif
