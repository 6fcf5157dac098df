/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_IR_H
#define HAWK_TEST_IR_H
/* Expressions, and events that they are tried on. */
#include <errno.h>
#include <linux/fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/ir/ir.h"
#include "tests/unit/ir/event.h"

/* The tree of TEXT; the test fails when there is none. */
struct hawk_ir *parsed(const char *text);

/* Fails unless TEXT is, as WANT says, true for E, and E among the events that it can be true for. */
void expect(const struct hawk_event *e, const char *text, bool want);

#endif
