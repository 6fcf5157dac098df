/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes the corpus of fuzz_recording to a directory: recordings with a table
 * of processes and with their lives. Made anew by each build, so that it
 * follows the tables.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"
#include "src/collect/recording.h"
#include "tests/lib/record.h"

static uint64_t now = 1000;

static void put(struct hawk_buf *b, struct test_record *r)
{
	r->header.time = now++;
	hawk_recording_put(b, test_record_raw(r), test_record_size(r));
}

/* The facts of process PID; it started at ten times its number. */
static struct hawk_abi_task task_of(uint32_t pid, uint32_t ppid)
{
	return (struct hawk_abi_task){
		.pid = (int32_t)pid, .start = pid * 10, .ppid = (int32_t)ppid, .parent_start = ppid * 10,
		.cgroup = 7, .exec_id = now,
	};
}

static void start(struct test_record *r, uint16_t event, uint32_t pid, uint32_t ppid)
{
	const struct hawk_abi_task task = task_of(pid, ppid);

	test_record_init(r, event);
	r->header.tgid = r->header.tid = pid;
	r->header.start = pid * 10;
	if (event != HAWK_EV_SCHED_PROCESS_EXIT && event != HAWK_EV_FILE_OPEN)
		test_record_task(r, &task);
}

static void put_fork(struct hawk_buf *b, uint32_t parent, uint32_t pid)
{
	const struct hawk_abi_task child = task_of(pid, parent);
	static struct test_record r;

	start(&r, HAWK_EV_SCHED_PROCESS_FORK, parent, 1);
	test_record_task(&r, &child);
	put(b, &r);
}

static void put_exec(struct hawk_buf *b, uint32_t pid, uint32_t ppid, const char *exe)
{
	static const char *const argv[] = { "x", "-y", "/z", NULL };
	static struct test_record r;

	start(&r, HAWK_EV_SCHED_PROCESS_EXEC, pid, ppid);
	test_record_path(&r, "pathname", exe);
	test_record_path(&r, "cwd", "/");
	test_record_path(&r, "cgroup_path", "/user.slice/user-5.slice/user@5.service/app.slice/a.scope");
	test_record_text(&r, "tty", "pts1");
	test_record_strv(&r, "argv", argv);
	put(b, &r);
}

static void put_plain(struct hawk_buf *b, uint16_t event, uint32_t pid, uint32_t ppid)
{
	static struct test_record r;

	start(&r, event, pid, ppid);
	put(b, &r);
}

static void put_seeds(struct hawk_buf *b)
{
	static uint8_t argv[3 * HAWK_CHUNK_BYTES];
	struct hawk_process p = { .comm = "seed" };

	memset(argv, 'a', sizeof(argv));
	argv[sizeof(argv) - 1] = '\0';
	p.exe = (struct hawk_bytes){ .data = (uint8_t *)"/usr/bin/seed", .len = 13 };
	p.exe.flags = HAWK_VAL_DELETED;
	p.cgroup = (struct hawk_bytes){ .data = (uint8_t *)"/system.slice/s.service", .len = 23 };
	for (uint32_t pid = 1; pid <= 3; pid++) {
		p.task = task_of(pid, pid - 1);
		p.argv = (struct hawk_bytes){ .data = argv + sizeof(argv) - pid * 3000, .len = pid * 3000 };
		hawk_recording_put_seed(b, &p);
	}
}

static void put_lives(struct hawk_buf *b)
{
	for (uint32_t pid = 10; pid < 22; pid++) {
		put_fork(b, pid == 10 ? 1 : pid - 1, pid);
		put_exec(b, pid, pid - 1, "/usr/bin/some thing");
		put_plain(b, HAWK_EV_FILE_OPEN, pid, 1);
		if (pid % 3 == 0)
			put_plain(b, HAWK_EV_PROCESS_CONTEXT, pid, 1);
		if (pid % 2)
			put_plain(b, HAWK_EV_SCHED_PROCESS_EXIT, pid, 1);
		if (pid % 4 == 0)
			put_plain(b, HAWK_EV_PROCESS_SEED, pid, 1);
	}
}

static int save(const char *dir, const char *name, const struct hawk_buf *b)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	if (!f || b->error || fwrite(b->data, b->len, 1, f) != 1) {
		fprintf(stderr, "%s: cannot be written\n", path);
		return -EIO;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct hawk_buf b = HAWK_BUF_INIT;
	struct hawk_recording_header h;
	int r;

	if (argc != 2 || (mkdir(argv[1], 0755) < 0 && errno != EEXIST)) {
		fprintf(stderr, "usage: %s DIR\n", argv[0]);
		return 1;
	}
	hawk_recording_header_fill(&h);
	hawk_recording_put_header(&b, &h);
	r = save(argv[1], "empty", &b);
	put_seeds(&b);
	r |= save(argv[1], "seeds", &b);
	put_lives(&b);
	r |= save(argv[1], "seeds_and_lives", &b);
	hawk_buf_reset(&b);
	hawk_recording_put_header(&b, &h);
	put_lives(&b);
	r |= save(argv[1], "lives", &b);
	hawk_buf_done(&b);
	return r ? 1 : 0;
}
