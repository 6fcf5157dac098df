/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_YAML_YAML_H
#define HAWK_YAML_YAML_H
/*
 * A YAML or JSON text as a tree with positions. Everything is bounded, so that
 * a hostile text costs no more than a large one.
 */
#include "src/base/diag.h"

#define HAWK_YAML_TEXT_MAX (1024 * 1024) /* bytes of a text */
#define HAWK_YAML_DEPTH_MAX 24     /* lists and mappings in each other */
#define HAWK_YAML_NODES_MAX 65536  /* with what aliases stand for, each time they are used */
#define HAWK_YAML_SCALAR_MAX 65536 /* bytes of a scalar */
#define HAWK_YAML_ANCHORS_MAX 256
#define HAWK_YAML_KEYS_MAX 256 /* of a mapping */

enum hawk_yaml_kind { HAWK_YAML_SCALAR, HAWK_YAML_LIST, HAWK_YAML_MAP };

struct hawk_yaml_node {
	enum hawk_yaml_kind kind;
	bool plain;                /* a scalar without quotes: may be a number, true or null */
	bool block;                /* a scalar of several lines, | or > */
	unsigned int line, column; /* from 1 */
	char *text;                /* of a scalar, with a NUL at the end and none inside */
	char *key;                 /* of a member of a mapping */
	unsigned int key_line, key_column;
	size_t weight;                       /* nodes in it, itself included */
	bool shared;                         /* text and children belong to an anchor's node */
	bool used;                           /* for readers: that they know the key */
	struct hawk_yaml_node *first, *next; /* children; the next child of the parent */
};

/*
 * Reads the first document. Returns 0, -EINVAL with the errors in DIAGS, or -ENOMEM. Of an empty
 * text *ret is a null scalar. Later documents are a warning.
 */
int hawk_yaml_parse(struct hawk_yaml_node **ret, const char *text, size_t len, struct hawk_diags *diags);
/* A copy of NODE and what is in it that needs no other tree, without its key; NULL: no memory. */
struct hawk_yaml_node *hawk_yaml_copy(const struct hawk_yaml_node *node);
/* Frees a tree; NULL is allowed. Returns NULL. */
struct hawk_yaml_node *hawk_yaml_free(struct hawk_yaml_node *root);

/* The member of a mapping with this key, or NULL; marked as used. */
struct hawk_yaml_node *hawk_yaml_get(struct hawk_yaml_node *map, const char *key);
/* True for nothing, ~ and null. */
bool hawk_yaml_is_null(const struct hawk_yaml_node *node);
/* "a text", "a list" or "a mapping": for messages. */
const char *hawk_yaml_kind_name(const struct hawk_yaml_node *node);

#endif
