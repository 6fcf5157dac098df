/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes a small recording to standard output: a shell in a service that
 * existed before, its child that runs a program, opens, connects and is
 * ends, and a process that nobody told of. All the same on every
 * machine, so that its replay can be compared with a stored one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "src/base/cleanup.h"
#include "src/collect/recording.h"
#include "tests/lib/record.h"

#define SECOND 1000000000ULL
#define SHELL 200U
#define CHILD 300U
#define STRANGER 400U

static uint64_t now = 100 * SECOND;
static struct hawk_buf out = { .max = 16 * 1024 * 1024 };
static struct test_record record;

static struct hawk_abi_task task_of(uint32_t pid, uint32_t ppid)
{
	return (struct hawk_abi_task){
		.pid = (int32_t)pid, .ns_pid = (int32_t)pid, .start = pid * SECOND / 10,
		.ppid = (int32_t)ppid, .ns_ppid = (int32_t)ppid, .parent_start = ppid * SECOND / 10,
		.cgroup = 7, .exec_id = 1, .uid = 1000, .euid = 1000, .suid = 1000, .fsuid = 1000,
		.gid = 100, .egid = 100, .sgid = 100, .fsgid = 100,
		.loginuid = 1000, .sessionid = 3, .cap_bounding = 3,
		.ns_mnt = 11, .ns_pidns = 12, .ns_net = 13, .ns_user = 99,
	};
}

static void begin(uint16_t event, uint32_t pid, const char *comm)
{
	test_record_init(&record, event);
	record.header.tgid = record.header.tid = pid;
	record.header.start = pid * SECOND / 10;
	memset(record.header.comm, 0, sizeof(record.header.comm));
	memcpy(record.header.comm, comm, strlen(comm));
}

static void put(void)
{
	now += SECOND / 1000;
	record.header.time = now;
	if (hawk_recording_put(&out, test_record_raw(&record), test_record_size(&record)) < 0)
		abort();
}

static struct hawk_bytes bytes_of(const char *text, size_t len)
{
	return (struct hawk_bytes){ .data = (uint8_t *)text, .len = (uint32_t)len };
}

static void put_head(void)
{
	static const char argv[] = "bash\0-l";
	struct hawk_process shell = {
		.task = task_of(SHELL, 1),
		.comm = "bash",
		.exe = bytes_of("/usr/bin/bash", 13),
		.argv = bytes_of(argv, sizeof(argv)),
		.cwd = bytes_of("/home/ann", 9),
		.tty = bytes_of("pts0", 4),
		.cgroup = bytes_of("/system.slice/demo.service", 26),
	};
	struct hawk_recording_header h;

	hawk_recording_header_fill(&h);
	h.boot_offset = 1767322800LL * (int64_t)SECOND;
	memset(h.boot_id, 0xb0, sizeof(h.boot_id));
	memset(h.machine_id, 0xa1, sizeof(h.machine_id));
	for (size_t i = 0; i < ARRAY_SIZE(h.host_ns); i++)
		h.host_ns[i] = 11; /* the mount namespace is the host's, others are not */
	if (hawk_recording_put_header(&out, &h) < 0 || hawk_recording_put_seed(&out, &shell) < 0)
		abort();
}

static void put_life(void)
{
	static const char *const argv[] = { "curl", "--password", "hunter2", "a b", "\xff\x1b[1m\n", NULL };
	struct hawk_abi_task child = task_of(CHILD, SHELL);

	begin(HAWK_EV_SCHED_PROCESS_FORK, SHELL, "bash");
	test_record_task(&record, &child);
	test_record_number(&record, "parent_pid", SHELL);
	test_record_number(&record, "parent_tid", SHELL);
	test_record_number(&record, "child_pid", CHILD);
	put();
	child.exec_id = 2;
	child.euid = child.suid = child.fsuid = 0;
	begin(HAWK_EV_SCHED_PROCESS_EXEC, CHILD, "curl");
	test_record_task(&record, &child);
	test_record_number(&record, "inode", 4711);
	test_record_number(&record, "flags", HAWK_EXEC_SETUID | HAWK_EXEC_SECURE);
	test_record_number(&record, "inode_mode", 0104755);
	test_record_path(&record, "pathname", "/usr/bin/curl");
	test_record_text(&record, "cmdpath", "curl");
	test_record_text(&record, "interp", "curl");
	test_record_path(&record, "cwd", "/tmp/a \"b\"");
	test_record_text(&record, "tty", "pts0");
	test_record_path(&record, "cgroup_path", "/user.slice/user-1000.slice/session-3.scope");
	test_record_strv(&record, "argv", argv);
	put();
}

static void put_deeds(void)
{
	begin(HAWK_EV_FILE_OPEN, CHILD, "curl");
	test_record_number(&record, "inode", 12);
	test_record_number(&record, "flags", O_RDWR | O_CREAT);
	test_record_path(&record, "pathname", "/etc/shadow");
	put();
	begin(HAWK_EV_NET_TCP_CONNECT, CHILD, "curl");
	test_record_ip(&record, "src", "192.0.2.1");
	test_record_ip(&record, "dst", "2001:db8::1");
	test_record_number(&record, "dst_port", 443);
	test_record_number(&record, "retval", (uint64_t)-115);
	test_record_number(&record, "family", AF_INET6);
	put();
	begin(hawk_event_by_name("ptrace")->id, STRANGER, "gdb");
	test_record_number(&record, "request", 16);
	test_record_number(&record, "pid", CHILD);
	put();
	begin(HAWK_EV_SCHED_PROCESS_EXIT, CHILD, "curl");
	test_record_number(&record, "run_time", SECOND / 2);
	put();
}

int main(void)
{
	put_head();
	put_life();
	put_deeds();
	fwrite(out.data, 1, out.len, stdout);
	hawk_buf_done(&out);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
