/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_YAML_READER_H
#define HAWK_YAML_READER_H
/* What those who read a tree share: telling people where it is wrong. */
#include "src/yaml/yaml.h"

struct hawk_yaml_reader {
	struct hawk_diags *diags;
	/* What the tree was made of, borrowed: with it places in texts of several lines are found. May be NULL. */
	const char *text;
	size_t len;
};

/* Tells an error at byte OFFSET of a text, or where NODE begins. Returns -EINVAL. */
int hawk_yaml_refuse(struct hawk_yaml_reader *r, const struct hawk_yaml_node *node, size_t offset,
		       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same for a warning. */
void hawk_yaml_warn(struct hawk_yaml_reader *r, const struct hawk_yaml_node *node, size_t offset,
		      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Keys that a mapping may have; ends in a NULL. Warns of others, with the nearest one. */
void hawk_yaml_check_keys(struct hawk_yaml_reader *r, const struct hawk_yaml_node *map,
			    const char *const *known, const char *where);
/* The same, but others are errors. */
void hawk_yaml_only_keys(struct hawk_yaml_reader *r, const struct hawk_yaml_node *map, const char *const *known,
			   const char *where);
/* The text of the member KEY of MAP, or NULL; anything but a text is an error. */
const struct hawk_yaml_node *hawk_yaml_text(struct hawk_yaml_reader *r, struct hawk_yaml_node *map,
					      const char *key);

/* Appends a copy of TEXT to a list. Returns 0 or -ENOMEM. */
int hawk_yaml_push(char ***list, size_t *n, const char *text);

#endif
