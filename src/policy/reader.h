/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_POLICY_READER_H
#define HAWK_POLICY_READER_H
/* What readers of dialects share. Private to this room. */
#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/base/nearest.h"
#include "src/policy/yaml.h"

struct hawk_policy_reader {
	struct hawk_policy *policy; /* being made */
	struct hawk_diags *diags;
	int error; /* the first that is none of the text: -ENOMEM */
};

/* Tells an error at byte OFFSET of a text, or where NODE begins. Returns -EINVAL. */
int hawk_policy_refuse(struct hawk_policy_reader *r, const struct hawk_yaml_node *node, size_t offset,
		       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same for a warning. */
void hawk_policy_warn(struct hawk_policy_reader *r, const struct hawk_yaml_node *node, size_t offset,
		      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Keys that a mapping may have; ends in a NULL. Warns of others, with the nearest one. */
void hawk_policy_check_keys(struct hawk_policy_reader *r, const struct hawk_yaml_node *map,
			    const char *const *known, const char *where);
/* The text of the member KEY of MAP, or NULL; anything but a text is an error. */
const struct hawk_yaml_node *hawk_policy_text(struct hawk_policy_reader *r, struct hawk_yaml_node *map,
					      const char *key);

/* Appends a copy of TEXT to a list. Returns 0 or -ENOMEM. */
int hawk_policy_push(char ***list, size_t *n, const char *text);

/* Dialects. Each is asked whether a document is its own, then reads it. */
bool hawk_tracee_knows(struct hawk_yaml_node *root);
int hawk_tracee_read(struct hawk_policy_reader *r, struct hawk_yaml_node *root);

#endif
