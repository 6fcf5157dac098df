/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_CEL_H
#define HAWK_TEST_CEL_H
/* Expressions of CEL, and events that they are tried on. */
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
#include "src/cel/cel.h"
#include "src/cel/model.h"
#include "tests/unit/ir/event.h"

/* What names mean; its events are those of the last only(). */
extern struct hawk_cel_scope scope;
/* What is asked; NULL: nobody answers. */
extern const struct hawk_model *model;
extern struct hawk_cel_value captures[2];
/* Restricts the scope to these events, comma-separated; NULL: all. */
void only(const char *names);

/* The expression of SOURCE; the test fails when it is refused. */
struct hawk_cel *compiled(const char *source);
/* Fails unless SOURCE is refused with a message that has WANT in it, at COLUMN. */
void refused(const char *source, unsigned int column, const char *want);
/* Fails unless SOURCE gives, printed, WANT for E: "?" is unknown. */
void expect(const struct hawk_event *e, const char *source, const char *want);
/* Fails unless SOURCE follows as WANT ("" for nothing), exactly or not. */
void lowers(const char *source, const char *want, bool exact);

/* What expressions are evaluated with. */
struct hawk_cel_input input(const struct hawk_event *e);

#endif
