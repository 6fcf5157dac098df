/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * emit FORMAT: writes a set of events in this format, the same bytes each time. tests/golden/golden compares them.
 * emit --families FORMAT: the same of some events of each family.
 * emit --all FORMAT: every event that there is, with values of no meaning, once as they are and once with all marks.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "tests/golden/families.h"
#include "tests/unit/format/sample.h"

#define MS 1000000

static const uint8_t v4_local[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 10 };
static const uint8_t v4_remote[16] = { [10] = 0xff, [11] = 0xff, 198, 51, 100, 7 };
static const uint8_t v6_local[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
static const uint8_t v6_remote[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };

static void fork_(struct sample *s)
{
	sample_init(s, "sched_process_fork");
	sample_number(s, "parent_start_time", (int64_t)s->process.task.start);
	sample_number(s, "start_time", (int64_t)s->event.time);
	sample_number(s, "parent_tid", 4243);
	sample_number(s, "parent_pid", 4242);
	sample_number(s, "parent_ns_pid", 2);
	sample_number(s, "child_pid", 4300);
	sample_number(s, "child_ns_pid", 3);
}

static void exec(struct sample *s)
{
	static const char argv[] = "curl\0-H\0Authorization: Bearer abc\0--password\0hunter2\0https://a:b@host/";

	sample_init(s, "sched_process_exec");
	memcpy(s->event.comm, "curl", sizeof("curl"));
	s->process.exe = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)"/usr/bin/curl", .len = 13 };
	s->process.argv = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)argv, .len = sizeof(argv) };
	s->process.exec_flags = HAWK_EXEC_SETUID | HAWK_EXEC_SECURE;
	s->process.exec_time = s->event.time;
	sample_number(s, "inode", 1835021);
	sample_number(s, "ctime", 1700000000000000001);
	sample_number(s, "mtime", 1600000000000000000);
	sample_number(s, "dev", 8 << 20 | 1);
	sample_number(s, "flags", HAWK_EXEC_SETUID | HAWK_EXEC_SECURE);
	sample_number(s, "old_tid", 4243);
	sample_number(s, "inode_uid", 0);
	sample_number(s, "inode_gid", 0);
	sample_number(s, "inode_mode", S_IFREG | S_ISUID | 0755);
	sample_number(s, "stdin_type", S_IFCHR);
	sample_str(s, "pathname", "/usr/bin/curl");
	sample_str(s, "cmdpath", "curl");
	sample_str(s, "interp", "/usr/bin/curl");
	sample_str(s, "cwd", "/home/ann");
	sample_bytes(s, "argv", argv, sizeof(argv));
	sample_strv(s, "env", "HOME=/home/ann\0API_KEY=0815\0LANG=C");
}

static void exec_cut(struct sample *s)
{
	struct hawk_value *v;

	sample_init(s, "sched_process_exec");
	s->parent.exe.flags = HAWK_VAL_DELETED;
	sample_strv(s, "argv", "sh\0-c\0echo aaaa");
	v = &s->event.data[hawk_event_field(s->event.desc, "argv")];
	v->flags = HAWK_VAL_TRUNCATED;
	v->full = 2000000;
	sample_str(s, "pathname", "/memfd:x");
	s->event.data[hawk_event_field(s->event.desc, "pathname")].flags = HAWK_VAL_DELETED;
	sample_number(s, "flags", HAWK_EXEC_MEMFD | HAWK_EXEC_UNLINKED);
	sample_value(s, "cmdpath")->flags = HAWK_VAL_UNREADABLE;
}

static void exit_(struct sample *s)
{
	sample_init(s, "sched_process_exit");
	s->process.exit_time = s->event.time;
	s->process.exit_signal = SIGKILL;
	sample_number(s, "run_time", 1500 * MS);
	sample_number(s, "user_time", 20 * MS);
	sample_number(s, "system_time", 5 * MS);
	sample_number(s, "exit_code", 0);
	sample_number(s, "signal", SIGKILL);
	sample_number(s, "core_dumped", 0);
	sample_number(s, "group_exit", 1);
}

static void context(struct sample *s)
{
	sample_init(s, "process.context");
	s->process.task.euid = 0;
	s->process.task.cap_effective = s->process.task.cap_permitted = (1ULL << 41) - 1;
	sample_str(s, "cgroup_path", "/system.slice/x.service");
}

static void permission(struct sample *s)
{
	sample_init(s, "security_file_open");
	sample_number(s, "inode", 5);
	sample_number(s, "dev", 1 << 20);
	sample_number(s, "flags", O_WRONLY | O_CREAT | O_TRUNC);
	sample_number(s, "inode_mode", S_IFREG | 0600);
	/* A name that is not UTF-8, with a line break, an escape sequence and a text direction mark. */
	s->event.policies = (struct hawk_value){ .bytes = (const uint8_t *)"shells\0own \"one\"", .len = 17 };
	sample_str(s, "pathname", "/tmp/\xff\xfe\n\x1b[31m \xe2\x80\xae gr\xc3\xbc\xc3\x9f,\"q\\");
}

static void connect_(struct sample *s)
{
	sample_init(s, "net_tcp_connect");
	sample_bytes(s, "src", v4_local, sizeof(v4_local));
	sample_bytes(s, "dst", v4_remote, sizeof(v4_remote));
	sample_number(s, "retval", -EINPROGRESS);
	sample_number(s, "cookie", 77);
	sample_number(s, "src_port", 43210);
	sample_number(s, "dst_port", 443);
	sample_number(s, "family", AF_INET);
}

static void accept_(struct sample *s)
{
	sample_init(s, "net_tcp_accept");
	sample_bytes(s, "src", v6_remote, sizeof(v6_remote));
	sample_bytes(s, "dst", v6_local, sizeof(v6_local));
	sample_number(s, "cookie", 78);
	sample_number(s, "src_port", 50000);
	sample_number(s, "dst_port", 22);
	sample_number(s, "family", AF_INET6);
}

static void failed_open(struct sample *s)
{
	sample_init(s, "openat");
	sample_number(s, "dirfd", AT_FDCWD);
	sample_str(s, "pathname", "missing file");
	sample_number(s, "flags", O_RDWR | O_CLOEXEC);
	sample_number(s, "mode", 0);
	sample_number(s, "retval", -ENOENT);
	sample_number(s, "errno", -ENOENT);
}

static void openat2_(struct sample *s)
{
	static const struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT };

	sample_init(s, "openat2");
	s->event.rec_flags = HAWK_REC_COMPAT;
	sample_number(s, "dirfd", 3);
	sample_value(s, "pathname")->flags = HAWK_VAL_NULL;
	sample_bytes(s, "how", &how, sizeof(how));
	sample_number(s, "size", sizeof(how));
	sample_number(s, "retval", -EFAULT);
	sample_number(s, "errno", -EFAULT);
}

static void socket_connect(struct sample *s)
{
	static const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "\0/tmp/.X11-unix/X0" };

	sample_init(s, "connect");
	sample_number(s, "sockfd", 5);
	sample_bytes(s, "addr", &address, sizeof(sa_family_t) + sizeof("\0/tmp/.X11-unix/X0") - 1);
	sample_number(s, "addrlen", 20);
	sample_number(s, "retval", 0);
}

static void ptrace_(struct sample *s)
{
	sample_init(s, "ptrace");
	sample_number(s, "request", PTRACE_ATTACH);
	sample_number(s, "pid", 1);
	sample_number(s, "addr", 0);
	sample_number(s, "data", 0x7ffd00001000);
	sample_number(s, "retval", 0);
}

static void unshare_(struct sample *s)
{
	sample_init(s, "unshare");
	sample_number(s, "flags", CLONE_NEWNS | CLONE_NEWUSER);
	sample_number(s, "retval", 0);
}

static void lost(struct sample *s)
{
	sample_init(s, "events.lost");
	s->event.process = s->event.parent = NULL;
	s->event.tgid = s->event.tid = 0;
	s->event.comm[0] = '\0';
	sample_number(s, "count", 12);
	sample_number(s, "total", 3000);
	sample_str(s, "name", "file_open");
	sample_str(s, "where", "ring");
}

static void (*const events[])(struct sample *s) = {
	fork_, exec, exec_cut, exit_, context, sample_file_open, permission, connect_, accept_, failed_open,
	openat2_, socket_connect, ptrace_, unshare_, lost,
};

static int emit_one(struct hawk_format *f, struct sample *s, size_t i, struct hawk_buf *out)
{
	int r;

	s->event.seq = i + 1;
	s->event.time += i * MS;
	s->event.walltime += i * MS;
	r = hawk_format_event(f, &s->event, out);
	sample_done(s);
	return r;
}

static int emit(struct hawk_format *f, struct hawk_buf *out)
{
	int r = hawk_format_head(f, out);

	for (size_t i = 0; i < ARRAY_SIZE(events) && !r; i++) {
		struct sample s;

		events[i](&s);
		r = emit_one(f, &s, i, out);
	}
	return r;
}

static int emit_families(struct hawk_format *f, struct hawk_buf *out)
{
	int r = hawk_format_head(f, out);

	for (size_t i = 0; i < families_count() && !r; i++) {
		struct sample s;

		families_make(i, &s);
		r = emit_one(f, &s, i, out);
	}
	return r;
}

static void fill(struct sample *s, const struct hawk_event_desc *desc, uint32_t flags)
{
	static const uint8_t bytes[64] = { 1, 0, 'a', 'b' };

	sample_init(s, desc->name);
	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct hawk_type_desc *type = hawk_type_desc(desc->fields[i].type);
		struct hawk_value *v = &s->event.data[i];

		*v = (struct hawk_value){ .u = 1 };
		if (type->vclass == HAWK_V_IP)
			*v = (struct hawk_value){ .bytes = v6_local, .len = sizeof(v6_local) };
		else if (type->var)
			*v = (struct hawk_value){ .bytes = bytes, .len = sizeof(bytes), .full = 100 };
		v->flags = flags;
	}
	s->process.exe.flags = s->process.argv.flags = flags & ~(uint32_t)HAWK_VAL_NULL;
	s->process.exit_time = s->event.time;
}

static int emit_all(struct hawk_format *f, struct hawk_buf *out)
{
	static const uint32_t flags[] = {
		0,
		HAWK_VAL_TRUNCATED | HAWK_VAL_DELETED | HAWK_VAL_INCOMPLETE | HAWK_VAL_UNREACHABLE |
			HAWK_VAL_ANY_MOUNT,
		HAWK_VAL_UNREADABLE,
		HAWK_VAL_NULL,
	};
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	int r = hawk_format_head(f, out);

	for (size_t i = 0; i < n * ARRAY_SIZE(flags) && !r; i++) {
		const struct hawk_event_desc *desc = descs[i / ARRAY_SIZE(flags)];
		struct sample s;

		if (!hawk_event_is_seen(desc))
			continue;
		fill(&s, desc, flags[i % ARRAY_SIZE(flags)]);
		r = hawk_format_event(f, &s.event, out);
		sample_done(&s);
	}
	return r;
}

static int (*chosen(int argc, char **argv))(struct hawk_format *, struct hawk_buf *)
{
	if (argc == 2)
		return emit;
	if (argc == 3 && strcmp(argv[1], "--all") == 0)
		return emit_all;
	if (argc == 3 && strcmp(argv[1], "--families") == 0)
		return emit_families;
	return NULL;
}

int main(int argc, char **argv)
{
	int (*const make)(struct hawk_format *, struct hawk_buf *) = chosen(argc, argv);
	struct hawk_buf out = { .max = (size_t)64 * 1024 * 1024 };
	struct hawk_format *f = NULL;
	_cleanup_free_ char *why = NULL;
	int r;

	if (!make) {
		fputs("usage: emit [--all|--families] FORMAT\n", stderr);
		return EXIT_FAILURE;
	}
	hawk_format_set_host("host.example");
	r = hawk_format_new(&f, argv[argc - 1], false, &why);
	if (!r)
		r = make(f, &out);
	if (!r)
		fwrite(out.data, 1, out.len, stdout);
	else
		fprintf(stderr, "emit: %s\n", why ? why : strerror(-r));
	hawk_format_free(f);
	hawk_buf_done(&out);
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
