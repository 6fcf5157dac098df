/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_POLICY_READER_H
#define HAWK_POLICY_READER_H
/* What readers of dialects share. Private to this room. */
#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/base/nearest.h"
#include "src/policy/policy.h"
#include "src/yaml/reader.h"

struct hawk_policy_reader {
	struct hawk_policy *policy; /* being made */
	struct hawk_yaml_reader yaml;
	const struct hawk_policy_signatures *signatures; /* NULL: none are known */
	int error; /* the first that is none of the text: -ENOMEM */
};

/* Dialects. Each is asked whether a document is its own, then reads it. */
bool hawk_tracee_knows(struct hawk_yaml_node *root);
int hawk_tracee_read(struct hawk_policy_reader *r, struct hawk_yaml_node *root);

#endif
