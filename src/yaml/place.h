/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_YAML_PLACE_H
#define HAWK_YAML_PLACE_H
/* Where in a file a byte of a scalar is written. Private to this room. */
#include "src/yaml/yaml.h"

struct hawk_yaml_place {
	unsigned int line, column; /* from 1 */
};

/*
 * The place of byte OFFSET of the text of NODE in the LEN bytes at TEXT that it was read from. With escapes
 * before it, or without TEXT (NULL), near it.
 */
struct hawk_yaml_place hawk_yaml_place(const char *text, size_t len, const struct hawk_yaml_node *node,
				       size_t offset);

#endif
