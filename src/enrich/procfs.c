/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/enrich/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"
#include "src/enrich/proctext.h"
#include "src/enrich/unit.h"

#define SMALL_FILE 65536              /* stat, status, cgroup: some hundred bytes; status grows with groups */
#define ARGV_COUNT_MAX (8 * 1024 * 1024) /* how far the length of a command line is counted */
#define TICK_NS (1000000000ULL / 100) /* USER_HZ is 100 on every architecture we know */
#define OPEN_READ (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

int hawk_procfs_open(int proc_fd, uint32_t pid)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%u", pid);
	fd = openat(proc_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

bool hawk_procfs_same_start(uint64_t start, uint64_t ticks)
{
	uint64_t have = start / TICK_NS;

	return (have > ticks ? have - ticks : ticks - have) <= 1;
}

/* Reads at most MAX bytes of a file into B. Returns 1 when there is more, 0 at the end, or -errno. */
static int read_some(int fd, struct hawk_buf *b, size_t max)
{
	hawk_buf_reset(b);
	for (;;) {
		char *to = hawk_buf_room(b, 1);
		size_t room = b->cap - b->len < max - b->len ? b->cap - b->len : max - b->len;
		ssize_t n;

		if (!to)
			return b->error;
		if (!room)
			return 1;
		n = read(fd, to, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		b->len += (size_t)n;
	}
}

static int read_file(int dir, const char *name, struct hawk_buf *b, size_t max)
{
	_cleanup_close_ int fd = openat(dir, name, OPEN_READ);

	hawk_buf_reset(b);
	if (fd < 0)
		return -errno;
	return read_some(fd, b, max);
}

int hawk_procfs_read_stat(int dir, struct hawk_procfs *p)
{
	struct hawk_buf *scratch = &p->argv; /* every reader of stat that wants it reads it later */
	int r = read_file(dir, "stat", scratch, SMALL_FILE);

	return r < 0 ? r : hawk_proctext_stat(p, scratch->data, scratch->len);
}

static uint32_t read_id(int dir, const char *name, struct hawk_buf *b)
{
	uint32_t v;

	if (read_file(dir, name, b, 32) != 0 || hawk_proctext_id(&v, b->data, b->len) < 0)
		return UINT32_MAX;
	return v;
}

/* The target of a link without the remarks that the kernel adds to it. */
static void read_path(int dir, const char *name, struct hawk_buf *b, uint32_t *ret_flags)
{
	static const char deleted[] = " (deleted)", unreachable[] = "(unreachable)";
	struct statx st;
	ssize_t n;
	char *to;

	hawk_buf_reset(b);
	*ret_flags = 0;
	to = hawk_buf_room(b, HAWK_PATH_BYTES);
	n = to ? readlinkat(dir, name, to, HAWK_PATH_BYTES) : -1;
	if (n <= 0)
		return;
	b->len = (size_t)n;
	if (b->len > strlen(unreachable) && memcmp(b->data, unreachable, strlen(unreachable)) == 0) {
		*ret_flags |= HAWK_VAL_UNREACHABLE;
		b->len -= strlen(unreachable);
		memmove(b->data, b->data + strlen(unreachable), b->len);
	}
	/*
	 * A file may be called so: its link count says which it is. A server of the file system is
	 * not asked.
	 */
	if (b->len > strlen(deleted) &&
	    memcmp(b->data + b->len - strlen(deleted), deleted, strlen(deleted)) == 0 &&
	    (statx(dir, name, AT_STATX_DONT_SYNC, STATX_NLINK, &st) < 0 || st.stx_nlink == 0)) {
		*ret_flags |= HAWK_VAL_DELETED;
		b->len -= strlen(deleted);
	}
}

/*
 * How many arguments the process behind DIR was started with; 0: not told. The
 * number stands where the kernel made the stack begin (create_elf_tables() in
 * fs/binfmt_elf.c): a long, of which the lower half is enough for 32-bit
 * programs, too.
 */
static uint32_t read_argc(int dir, uint64_t start_stack)
{
	_cleanup_close_ int fd = start_stack ? openat(dir, "mem", OPEN_READ) : -1;
	uint32_t argc;

	if (fd < 0 || start_stack > INT64_MAX ||
	    pread(fd, &argc, sizeof(argc), (off_t)start_stack) != sizeof(argc))
		return 0;
	return argc;
}

/* The command line, cut at HAWK_LONG_BYTES. */
static void read_cmdline(int dir, struct hawk_procfs *p)
{
	_cleanup_close_ int fd = openat(dir, "cmdline", OPEN_READ);
	struct hawk_buf *b = &p->argv;
	size_t full;
	char more[4096];
	ssize_t n;
	int r;

	hawk_buf_reset(b);
	p->argv_full = 0;
	if (fd < 0)
		return;
	r = read_some(fd, b, HAWK_LONG_BYTES);
	full = b->len;
	while (r == 1 && full < ARGV_COUNT_MAX && (n = read(fd, more, sizeof(more))) > 0)
		full += (size_t)n;
	if (full == b->len && hawk_proctext_argv_padded(b->data, b->len))
		full = b->len = hawk_proctext_argv_len(b->data, b->len, read_argc(dir, p->start_stack));
	/* the list must end as every list does, also when a string was cut */
	if (b->len && b->data[b->len - 1]) {
		full += full == b->len;
		if (b->len == HAWK_LONG_BYTES)
			b->len--;
		hawk_buf_putc(b, '\0');
	}
	p->argv_full = (uint32_t)full;
}

int hawk_procfs_namespace(int dir, const char *file, uint32_t *ret)
{
	char path[32], link[64];
	ssize_t n;

	snprintf(path, sizeof(path), "ns/%s", file);
	n = readlinkat(dir, path, link, sizeof(link));
	return n < 0 ? -errno : hawk_proctext_namespace(ret, link, (size_t)n);
}

int hawk_procfs_read_cgroup(int dir, struct hawk_procfs *p)
{
	int r = read_file(dir, "cgroup", &p->cgroup, SMALL_FILE);
	struct hawk_unit_name path;

	if (r < 0)
		return r;
	path = hawk_unit_cgroup_path(p->cgroup.data, p->cgroup.len);
	if (path.len)
		memmove(p->cgroup.data, path.name, path.len);
	p->cgroup.len = path.len;
	return 0;
}

int hawk_procfs_read_argv(int dir, struct hawk_procfs *p)
{
	int r = hawk_procfs_read_stat(dir, p);

	if (r < 0)
		return r;
	read_cmdline(dir, p);
	return 0;
}

int hawk_procfs_read(int dir, struct hawk_procfs *p)
{
	struct hawk_buf *scratch = &p->argv;
	int r;

	memset(&p->task, 0, sizeof(p->task));
	r = hawk_procfs_read_stat(dir, p);
	if (r < 0)
		return r;
	r = read_file(dir, "status", scratch, SMALL_FILE);
	if (r < 0)
		return r;
	r = hawk_proctext_status(&p->task, scratch->data, scratch->len);
	if (r < 0)
		return r;
	p->task.loginuid = read_id(dir, "loginuid", scratch);
	p->task.sessionid = read_id(dir, "sessionid", scratch);
#define NAMESPACE(name, member, file) hawk_procfs_namespace(dir, file, &p->task.member);
#include "bpf/abi/namespaces.def"
#undef NAMESPACE
	read_path(dir, "exe", &p->exe, &p->exe_flags);
	read_path(dir, "cwd", &p->cwd, &p->cwd_flags);
	if (hawk_procfs_read_cgroup(dir, p) < 0)
		hawk_buf_reset(&p->cgroup);
	hawk_buf_reset(&p->argv);
	p->argv_full = 0;
	return 0;
}

void hawk_procfs_done(struct hawk_procfs *p)
{
	hawk_buf_done(&p->exe);
	hawk_buf_done(&p->argv);
	hawk_buf_done(&p->cwd);
	hawk_buf_done(&p->cgroup);
}
