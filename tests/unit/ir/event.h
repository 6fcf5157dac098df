/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_EVENT_H
#define HAWK_TEST_EVENT_H
/* Events that expressions are tried on. */
#include "src/event/event.h"
#include "src/event/process.h"

/* Their process and its parent. */
extern struct hawk_process process, parent;

#define TEXT(s) .bytes = (const uint8_t *)(s), .len = sizeof(s) - 1

/* Gives the field NAME of E a value. */
void set(struct hawk_event *e, const char *name, struct hawk_value v);
/* The same, LEN bytes at P. */
void put(struct hawk_event *e, const char *name, const void *p, size_t len);
/* An event without values, of a process 100 of user 1000 below one of root. */
struct hawk_event make_event(const char *name);

#endif
