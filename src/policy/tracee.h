/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_POLICY_TRACEE_H
#define HAWK_POLICY_TRACEE_H
/* The parts of the reader of Tracee's policies. Private to this room. */
#include "src/policy/reader.h"

/* Reads the key scope of BODY. Returns 0, -EINVAL (told) or -ENOMEM. */
int hawk_tracee_scope(struct hawk_policy_reader *r, struct hawk_yaml_node *body);
/* Reads the key rules of BODY. Returns 0, -EINVAL (told) or -ENOMEM. */
int hawk_tracee_rules(struct hawk_policy_reader *r, struct hawk_yaml_node *body);

#endif
