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

/* The tree of TEXT; the test fails when there is none. */
struct hawk_ir *parsed(const char *text);

/* The process of events and its parent. */
extern struct hawk_process process, parent;

#define TEXT(s) .bytes = (const uint8_t *)(s), .len = sizeof(s) - 1

/* Gives the field NAME of E a value. */
void set(struct hawk_event *e, const char *name, struct hawk_value v);
/* The same, LEN bytes at P. */
void put(struct hawk_event *e, const char *name, const void *p, size_t len);
/* An event without values, of a process 100 of user 1000 below one of root. */
struct hawk_event make_event(const char *name);
/* Fails unless TEXT is, as WANT says, true for E, and E among the events that it can be true for. */
void expect(const struct hawk_event *e, const char *text, bool want);

#endif
