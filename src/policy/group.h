/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_POLICY_GROUP_H
#define HAWK_POLICY_GROUP_H
/*
 * All that a list of filters says of one field, as one predicate. What is equal
 * to any of the values fits, even when it is excluded, too; so does what is in
 * the range and not excluded. Without values and a range what is not excluded
 * fits. Private to this room.
 */
#include "src/policy/reader.h"

enum hawk_filter_op { HAWK_OP_NONE, HAWK_OP_EQ, HAWK_OP_NE, HAWK_OP_LT, HAWK_OP_LE, HAWK_OP_GT, HAWK_OP_GE };

/* "key", "key=a,b" or "key>=5" as it stands in a text. */
struct hawk_filter {
	const struct hawk_yaml_node *node;
	const char *key; /* into the node's text */
	size_t key_len;
	enum hawk_filter_op op;
	const char *values; /* behind the operator; "" without one */
	bool bare;          /* the key is the name of data: there is no "data." before it */
};

/* Takes the text of NODE apart. Returns 0, or -EINVAL (told). */
int hawk_filter_split(struct hawk_policy_reader *r, const struct hawk_yaml_node *node,
		      struct hawk_filter *ret);
/* The text of an operator. */
const char *hawk_filter_op_text(enum hawk_filter_op op);

struct hawk_group_item {
	const struct hawk_yaml_node *node; /* for messages: where it is written */
	size_t offset;
	bool differ; /* behind != */
	bool whole;  /* .text is a condition; else a value for the group's fields */
	char *text;  /* NULL: pending */
};

struct hawk_group {
	const char *fields[2]; /* names for src/ir; with two of them either may fit */
	struct hawk_group_item *items;
	size_t n_items;
	bool octal; /* the fields are written in octal: here a number that does not begin with 0 is decimal */
	bool has_low, has_high, low_in, high_in; /* .._in: the bound itself is in the range */
	int64_t low, high;
	const struct hawk_yaml_node *low_at, *high_at;
	char *pending; /* what is missing of it; "" or NULL: nothing */
};

/* Adds a value, of LEN bytes; * at its ends are wildcards when PATTERN. Returns 0 or -ENOMEM. */
int hawk_group_value(struct hawk_group *g, const struct hawk_filter *f, const char *value, size_t len,
		     bool pattern);
/* Adds a condition on its own. OFFSET: where in the text of the filter. */
int hawk_group_term(struct hawk_group *g, const struct hawk_filter *f, const char *at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Adds something that cannot be true yet, and why. */
int hawk_group_pending(struct hawk_group *g, const struct hawk_filter *f, const char *why);
/* Narrows the range by a filter with < <= > or >=. Returns 0, or -EINVAL (told). */
int hawk_group_bound(struct hawk_policy_reader *r, struct hawk_group *g, const struct hawk_filter *f);

/* Appends " AND (…)" to OUT, without the AND when OUT is empty. Returns 0, -ENODATA: it is pending, or
 * -ENOMEM. */
int hawk_group_print(const struct hawk_group *g, struct hawk_buf *out);
/* Checks what hawk_group_print() writes by itself. Returns 0, -EINVAL (told where it stands) or -ENOMEM. */
int hawk_group_check(struct hawk_policy_reader *r, const struct hawk_group *g);
void hawk_group_done(struct hawk_group *g);

/* Appends the value as src/ir quotes it; * at its ends are wildcards when PATTERN. */
void hawk_policy_quote(struct hawk_buf *out, const char *value, size_t len, bool pattern);

#endif
