/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/enrich/make_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

void make_event(struct made *m, uint16_t id, uint32_t pid, uint64_t start, uint64_t time)
{
	*m = (struct made){ .event = { .tgid = pid, .tid = pid, .start = start, .time = time, .cgroup = 1 } };
	m->event.desc = hawk_event_by_id(id);
	assert_non_null(m->event.desc);
	for (size_t i = 0; i < HAWK_EVENT_FIELDS_MAX; i++)
		m->event.data[i].flags = HAWK_VAL_ABSENT;
	memcpy(m->event.comm, "test", 5);
}

struct hawk_abi_task *make_task(struct made *m, uint32_t ppid, uint64_t parent_start)
{
	m->task = (struct hawk_abi_task){
		.pid = (int32_t)m->event.tgid,
		.start = m->event.start,
		.ppid = (int32_t)ppid,
		.parent_start = parent_start,
		.cgroup = m->event.cgroup,
	};
	m->event.task = &m->task;
	return &m->task;
}

static struct hawk_value *value(struct made *m, const char *field)
{
	int i = hawk_event_field(m->event.desc, field);

	assert_true(i >= 0);
	m->event.data[i] = (struct hawk_value){ .len = 0 };
	return &m->event.data[i];
}

void make_bytes(struct made *m, const char *field, const void *bytes, size_t len)
{
	struct hawk_value *v = value(m, field);

	v->bytes = bytes;
	v->len = (uint32_t)len;
}

void make_text(struct made *m, const char *field, const char *text)
{
	make_bytes(m, field, text, strlen(text));
}

void make_number(struct made *m, const char *field, uint64_t v)
{
	value(m, field)->u = v;
}

void make_fork(struct made *m, uint32_t parent, uint64_t parent_start, uint32_t pid, uint64_t start)
{
	make_event(m, HAWK_EV_SCHED_PROCESS_FORK, parent, parent_start, start);
	make_task(m, parent, parent_start);
	m->task.pid = (int32_t)pid;
	m->task.start = start;
}

void make_exec(struct made *m, uint32_t pid, uint64_t start, uint64_t time, const char *exe)
{
	make_event(m, HAWK_EV_SCHED_PROCESS_EXEC, pid, start, time);
	make_task(m, 1, 1);
	m->task.exec_id = time;
	make_number(m, "flags", 0);
	make_text(m, "pathname", exe);
	make_bytes(m, "argv", "ls\0-l", 6);
	make_text(m, "cwd", "/");
	make_text(m, "tty", "");
	make_text(m, "cgroup_path", "/system.slice/demo.service");
}
