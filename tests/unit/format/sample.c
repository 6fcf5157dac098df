/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/format/sample.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"

#define NS 1000000000ULL
#define BOOT (1767323045 * NS) /* 2026-01-02T03:04:05Z */

#define BYTES(text) { .data = (uint8_t *)(uintptr_t)(text), .len = sizeof(text) - 1 }

static void fill_task(struct hawk_abi_task *t, int pid, int ppid)
{
	*t = (struct hawk_abi_task){
		.start = (uint64_t)pid * NS / 10 + 123456789,
		.parent_start = (uint64_t)ppid * NS / 10 + 123456789,
		.cgroup = 4711,
		.exec_id = 2,
		.cap_bounding = (1ULL << 41) - 1,
		.cap_effective = 1 << 10, /* CAP_NET_BIND_SERVICE */
		.pid = pid,
		.ppid = ppid,
		.ns_pid = pid,
		.ns_ppid = ppid,
		.uid = 1000, .gid = 1000, .euid = 1000, .egid = 1000,
		.suid = 1000, .sgid = 1000, .fsuid = 1000, .fsgid = 1000,
		.loginuid = 1000,
		.sessionid = 3,
	};
#define NAMESPACE(name, member, file) t->member = 4026531834 + sizeof(file);
#include "bpf/abi/namespaces.def"
#undef NAMESPACE
	t->ns_mnt = 4026532999;
}

static void set_host(void)
{
	struct hawk_host_ns ns = {
#define NAMESPACE(name, member, file) .name = 4026531834 + sizeof(file),
#include "bpf/abi/namespaces.def"
#undef NAMESPACE
	};

	hawk_host_ns_set(&ns);
}

void sample_init(struct sample *s, const char *name)
{
	const struct hawk_event_desc *desc = hawk_event_by_name(name);

	if (!desc) {
		fprintf(stderr, "sample: no event is called %s\n", name);
		abort();
	}
	set_host();
	*s = (struct sample){
		.event = {
			.desc = desc,
			.time = 1000 * NS + 42,
			.walltime = BOOT + 1000 * NS + 42,
			.seq = 17,
			.cgroup = 4711,
			.tgid = 4242, .tid = 4243,
			.comm = "bash",
			.process = &s->process,
			.parent = &s->parent,
		},
		.process = {
			.comm = "bash",
			.exe = BYTES("/usr/bin/bash"),
			.argv = BYTES("-bash\0-l\0"),
			.cwd = BYTES("/home/ann"),
			.tty = BYTES("pts0"),
			.cgroup = BYTES("/user.slice/user-1000.slice/session-3.scope"),
			.unit = BYTES("session-3.scope"),
			.parent_exec_id = 2,
			.parent_known = true,
		},
		.parent = {
			.comm = "sshd",
			.exe = BYTES("/usr/sbin/sshd"),
			.argv = BYTES("sshd: ann\0"),
		},
	};
	fill_task(&s->process.task, 4242, 4200);
	fill_task(&s->parent.task, 4200, 1);
	s->event.start = s->process.task.start;
	for (size_t i = 0; i < desc->n_fields; i++)
		s->event.data[i].flags = HAWK_VAL_ABSENT;
}

void sample_done(struct sample *s)
{
	free(s->process.json.data);
	free(s->parent.json.data);
}

struct hawk_value *sample_value(struct sample *s, const char *field)
{
	int i = hawk_event_field(s->event.desc, field);

	if (i < 0) {
		fprintf(stderr, "sample: %s has no field %s\n", s->event.desc->name, field);
		abort();
	}
	s->event.data[i].flags = 0;
	return &s->event.data[i];
}

void sample_number(struct sample *s, const char *field, int64_t v)
{
	sample_value(s, field)->s = v;
}

void sample_bytes(struct sample *s, const char *field, const void *bytes, size_t len)
{
	struct hawk_value *v = sample_value(s, field);

	v->bytes = bytes;
	v->len = (uint32_t)len;
}

void sample_file_open(struct sample *s)
{
	sample_init(s, "file_open");
	sample_number(s, "inode", 1835021);
	sample_number(s, "ctime", BOOT - 12345 * NS + 678);
	sample_number(s, "dev", 259 << 20 | 2);
	sample_number(s, "flags", O_RDONLY | O_CLOEXEC);
	sample_number(s, "inode_mode", S_IFREG | 0644);
	sample_str(s, "pathname", "/usr/lib/x86_64-linux-gnu/libc.so.6");
}
