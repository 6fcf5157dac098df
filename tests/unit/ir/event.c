/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/ir/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

struct hawk_process process = { .comm = "zsh" }, parent = { .comm = "login" };

void set(struct hawk_event *e, const char *name, struct hawk_value v)
{
	int column = hawk_event_field(e->desc, name);

	assert_true(column >= 0);
	e->data[column] = v;
}

void put(struct hawk_event *e, const char *field, const void *p, size_t len)
{
	set(e, field, (struct hawk_value){ .bytes = p, .len = (uint32_t)len, .full = (uint32_t)len });
}

struct hawk_event make_event(const char *name)
{
	struct hawk_event e = {
		.desc = hawk_event_by_name(name), .time = 1000000000, .tid = 101, .tgid = 100
	};

	assert_non_null(e.desc);
	e.walltime = e.time + 1700000000ULL * 1000000000ULL;
	for (size_t i = 0; i < e.desc->n_fields; i++)
		e.data[i].flags = HAWK_VAL_ABSENT;
	process.task.pid = 100;
	process.task.uid = 1000;
	process.task.loginuid = UINT32_MAX;
	process.task.start = 500000000;
	process.task.cap_effective = 1ULL << 21 | 1ULL << 12;
	process.argv = (struct hawk_bytes){ .data = (uint8_t *)"ls\0-l\0", .len = 6 };
	process.exe = (struct hawk_bytes){ .data = (uint8_t *)"/usr/bin/ls", .len = 11 };
	parent.task.pid = 50;
	parent.task.uid = 0;
	e.process = &process;
	e.parent = &parent;
	return e;
}
