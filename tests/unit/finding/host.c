/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/finding/host.h"

#include <fcntl.h>
#include <stdlib.h>

#include "src/base/cleanup.h"

#define BYTES(s) { (uint8_t *)s, sizeof(s) - 1, 0, 0 }
#define P(p, pp, name, path, args, u, user) \
	{ \
		.task = { \
			.pid = (p), .ppid = (pp), .start = (p) * MS, .parent_start = (pp) * MS, .uid = (user), .euid = (user), \
			.loginuid = (user) ? 1000 : UINT32_MAX, .sessionid = (user) ? 3 : UINT32_MAX, \
		}, \
		.comm = name, .exe = BYTES(path), .argv = BYTES(args), .unit = BYTES(u), \
	}

static struct hawk_process processes[] = {
	P(1, 0, "systemd", "/usr/lib/systemd/systemd", "/sbin/init\0", "init.scope", 0),
	P(50, 1, "sshd", "/usr/sbin/sshd", "sshd\0-D\0", "ssh.service", 0),
	P(60, 50, "sshd", "/usr/sbin/sshd", "sshd: ann\0", "session-3.scope", 0),
	P(100, 60, "bash", "/usr/bin/bash", "-bash\0", "session-3.scope", 1000),
	P(101, 100, "curl", "/usr/bin/curl", "curl\0--password=secret\0http://x/\0", "session-3.scope", 1000),
	P(102, 100, "cat", "/usr/bin/cat", "cat\0", "session-3.scope", 1000),
	P(200, 1, "cron", "/usr/sbin/cron", "cron\0", "cron.service", 0),
};

struct hawk_process *host_process(uint32_t pid)
{
	for (size_t i = 0; i < ARRAY_SIZE(processes); i++)
		if ((uint32_t)processes[i].task.pid == pid)
			return &processes[i];
	return NULL;
}

static const struct hawk_process *parent_of(void *ctx, const struct hawk_process *p)
{
	(void)ctx;
	return host_process((uint32_t)p->task.ppid);
}

static const struct hawk_process *find(void *ctx, uint32_t pid, uint64_t start)
{
	const struct hawk_process *p = host_process(pid);

	(void)ctx;
	return p && p->task.start == start ? p : NULL;
}

const struct hawk_model host_model = { .env = { .parent = parent_of }, .process = find };

void host_open(struct test_record *r, uint32_t pid, uint64_t time, const char *path)
{
	test_record_init(r, HAWK_EV_FILE_OPEN);
	r->header.time = time;
	r->header.tgid = r->header.tid = pid;
	r->header.start = pid * MS;
	test_record_number(r, "flags", O_RDWR);
	test_record_path(r, "pathname", path);
}

void host_see(struct hawk_findings *f, uint32_t pid, uint64_t time, const char *path)
{
	static struct test_record r;
	const void *raw;

	host_open(&r, pid, time, path);
	raw = test_record_raw(&r);
	hawk_findings_record(f, raw, test_record_size(&r));
}

struct hawk_event host_event(uint32_t pid, uint64_t time, const char *path)
{
	struct hawk_process *p = host_process(pid);
	struct hawk_event e = {
		.desc = hawk_event_by_id(HAWK_EV_FILE_OPEN), .time = time, .walltime = time + BOOT_OFFSET,
		.start = pid * MS, .tgid = pid, .tid = pid, .process = p,
		.parent = p ? host_process((uint32_t)p->task.ppid) : NULL,
	};

	for (size_t i = 0; i < e.desc->n_fields; i++)
		e.data[i].flags = HAWK_VAL_ABSENT;
	e.data[hawk_event_field(e.desc, "pathname")] =
		(struct hawk_value){ .bytes = (const uint8_t *)path, .len = (uint32_t)strlen(path) };
	return e;
}
