/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_IR_CHECK_H
#define HAWK_IR_CHECK_H
/* Inside of ir: what resolve.c, check.c and eval.c share. */
#include <errno.h>
#include <stdio.h>

#include "src/ir/node.h"

/* Sets the message of FAULT and gives back -EINVAL. */
#define hawk_ir_refuse(fault, ...)                                                                           \
	(snprintf((fault)->message, sizeof((fault)->message), __VA_ARGS__), -EINVAL)

/* True when LEN bytes at P fit the pattern and text of V. */
bool hawk_ir_match(const struct hawk_ir_value *v, const uint8_t *p, size_t len);
/* Makes the bits of "event=" and "set=". Returns 0, -EINVAL with the message set, or -ENOMEM. */
int hawk_ir_check_events(struct hawk_ir_condition *c, struct hawk_ir_fault *fault);

#endif
