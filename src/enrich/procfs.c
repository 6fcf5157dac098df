/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/enrich/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"
#include "src/enrich/unit.h"

#define SMALL_FILE 65536              /* stat, status, cgroup: some hundred bytes; status grows with groups */
#define ARGV_COUNT_MAX (8 * 1024 * 1024) /* how far the length of a command line is counted */
#define TICK_NS (1000000000ULL / 100) /* USER_HZ is 100 on every architecture we know */
#define OPEN_READ (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
#define PF_KTHREAD 0x00200000         /* include/linux/sched.h */

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

/* Reads a number in BASE at *P, before END, and moves *P behind it. Returns 0 or -EBADMSG. */
static int number(const char **p, const char *end, unsigned int base, uint64_t *ret)
{
	const char *s = *p;
	uint64_t v = 0;

	for (; s < end; s++) {
		unsigned int digit = *s >= '0' && *s <= '9' ? (unsigned int)(*s - '0') :
				     *s >= 'a' && *s <= 'f' ? (unsigned int)(*s - 'a') + 10 : 99;

		if (digit >= base)
			break;
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, digit, &v))
			return -EBADMSG;
	}
	if (s == *p)
		return -EBADMSG;
	*p = s;
	*ret = v;
	return 0;
}

/* "136:3" and the like, by the kernel's name of the terminal. */
static void name_tty(struct hawk_procfs *p, uint32_t dev)
{
	/* the layout of new_encode_dev(), include/linux/kdev_t.h */
	unsigned int major = dev >> 8 & 0xfff, minor = (dev & 0xff) | (dev >> 12 & 0xfff00);

	p->tty[0] = '\0';
	if (major >= 136 && major <= 143)
		snprintf(p->tty, sizeof(p->tty), "pts%u", (major - 136) << 20 | minor);
	else if (major == 4 && minor < 64)
		snprintf(p->tty, sizeof(p->tty), "tty%u", minor);
	else if (major == 4)
		snprintf(p->tty, sizeof(p->tty), "ttyS%u", minor - 64);
}

/*
 * "PID (COMM) STATE PPID …", proc(5). The name is written as it is and may hold
 * ") ", newlines and anything else, but what follows cannot hold a ")".
 */
static int parse_stat(struct hawk_procfs *p, const char *s, size_t len)
{
	const char *open = memchr(s, '(', len), *shut = memrchr(s, ')', len), *end = s + len, *at;
	size_t n;

	if (!open || !shut || shut < open || end - shut < 4)
		return -EBADMSG;
	n = (size_t)(shut - open - 1);
	memset(p->comm, 0, sizeof(p->comm));
	memcpy(p->comm, open + 1, n < sizeof(p->comm) - 1 ? n : sizeof(p->comm) - 1);
	p->state = shut[2];
	at = shut + 3; /* behind the state, field 3 */
	for (unsigned int field = 4; field <= 22; field++) {
		uint64_t v;
		bool minus;

		if (at >= end || *at++ != ' ')
			return -EBADMSG;
		minus = at < end && *at == '-';
		at += minus;
		if (number(&at, end, 10, &v) < 0)
			return -EBADMSG;
		if (field == 4)
			p->task.ppid = (int32_t)v;
		else if (field == 7)
			name_tty(p, minus ? 0 : (uint32_t)v);
		else if (field == 9)
			p->task.kthread = !!(v & PF_KTHREAD);
		else if (field == 22)
			p->start_ticks = v;
	}
	return 0;
}

int hawk_procfs_read_stat(int dir, struct hawk_procfs *p)
{
	struct hawk_buf *scratch = &p->argv; /* every reader of stat that wants it reads it later */
	int r = read_file(dir, "stat", scratch, SMALL_FILE);

	return r < 0 ? r : parse_stat(p, scratch->data, scratch->len);
}

/* Rows of status that hold facts: COUNT numbers of a BASE; of more numbers the last counts. */
static const struct status_row {
	const char *name;
	unsigned int base, count;
	bool wide;
	size_t offset;
} status_rows[] = {
#define ROW(name, base, count, member) \
	{ name, base, count, sizeof(((struct hawk_abi_task *)0)->member) == 8, \
	  offsetof(struct hawk_abi_task, member) }
	ROW("Tgid:\t", 10, 1, pid),
	ROW("NSpid:\t", 10, 1, ns_pid),
	ROW("CapInh:\t", 16, 1, cap_inheritable),
	ROW("CapPrm:\t", 16, 1, cap_permitted),
	ROW("CapEff:\t", 16, 1, cap_effective),
	ROW("CapBnd:\t", 16, 1, cap_bounding),
	ROW("CapAmb:\t", 16, 1, cap_ambient),
	ROW("Uid:\t", 10, 4, uid),
	ROW("Gid:\t", 10, 4, gid),
#undef ROW
};

/* Real, effective, saved and file system id, in the order of status. */
static void set_ids(struct hawk_abi_task *t, size_t offset, const uint64_t v[4])
{
	bool user = offset == offsetof(struct hawk_abi_task, uid);

	*(user ? &t->uid : &t->gid) = (uint32_t)v[0];
	*(user ? &t->euid : &t->egid) = (uint32_t)v[1];
	*(user ? &t->suid : &t->sgid) = (uint32_t)v[2];
	*(user ? &t->fsuid : &t->fsgid) = (uint32_t)v[3];
}

static int parse_status_row(struct hawk_abi_task *t, const struct status_row *row, const char *at,
			    const char *end)
{
	uint64_t v[4] = { 0 };
	unsigned int n = 0;

	for (;;) {
		if (number(&at, end, row->base, &v[n < row->count ? n : row->count - 1]) < 0)
			return -EBADMSG;
		n++;
		if (at == end)
			break;
		if (*at++ != '\t')
			return -EBADMSG;
	}
	if (n < row->count)
		return -EBADMSG;
	if (row->count == 4)
		set_ids(t, row->offset, v);
	else if (row->wide)
		memcpy((char *)t + row->offset, &v[0], sizeof(uint64_t));
	else
		memcpy((char *)t + row->offset, &(uint32_t){ (uint32_t)v[0] }, sizeof(uint32_t));
	return 0;
}

static int parse_status(struct hawk_abi_task *t, const char *s, size_t len)
{
	const char *end = s + len;
	unsigned int seen = 0;

	while (s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));

		nl = nl ? nl : end;
		for (unsigned int i = 0; i < ARRAY_SIZE(status_rows); i++) {
			size_t n = strlen(status_rows[i].name);

			if ((size_t)(nl - s) < n || memcmp(s, status_rows[i].name, n) != 0)
				continue;
			if (parse_status_row(t, &status_rows[i], s + n, nl) < 0)
				return -EBADMSG;
			seen |= 1U << i;
		}
		s = nl + (nl < end);
	}
	return seen == (1U << ARRAY_SIZE(status_rows)) - 1 ? 0 : -EBADMSG;
}

static uint32_t read_id(int dir, const char *name, struct hawk_buf *b)
{
	const char *at;
	uint64_t v;

	if (read_file(dir, name, b, 32) != 0 || !b->len)
		return UINT32_MAX;
	at = b->data;
	return number(&at, b->data + b->len, 10, &v) < 0 || v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
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
	/* A file may be called so: its link count says which it is. A server of the file system is not asked. */
	if (b->len > strlen(deleted) &&
	    memcmp(b->data + b->len - strlen(deleted), deleted, strlen(deleted)) == 0 &&
	    (statx(dir, name, AT_STATX_DONT_SYNC, STATX_NLINK, &st) < 0 || st.stx_nlink == 0)) {
		*ret_flags |= HAWK_VAL_DELETED;
		b->len -= strlen(deleted);
	}
}

/*
 * The command line, cut at HAWK_LONG_BYTES. A program that writes a title over
 * its arguments leaves a tail of NUL bytes: empty arguments at the end cannot
 * be told from it and are left out.
 */
static void read_cmdline(int dir, struct hawk_procfs *p)
{
	_cleanup_close_ int fd = openat(dir, "cmdline", OPEN_READ);
	size_t full;
	char more[4096];
	ssize_t n;
	int r;

	hawk_buf_reset(&p->argv);
	p->argv_full = 0;
	if (fd < 0)
		return;
	r = read_some(fd, &p->argv, HAWK_LONG_BYTES);
	full = p->argv.len;
	while (r == 1 && full < ARGV_COUNT_MAX && (n = read(fd, more, sizeof(more))) > 0)
		full += (size_t)n;
	if (full == p->argv.len) {
		while (p->argv.len && !p->argv.data[p->argv.len - 1])
			p->argv.len--;
		full = p->argv.len + !!p->argv.len;
	}
	/* the list must end as every list does, also when a string was cut */
	if (p->argv.len == HAWK_LONG_BYTES)
		p->argv.data[p->argv.len - 1] = '\0';
	else if (p->argv.len)
		hawk_buf_putc(&p->argv, '\0');
	p->argv_full = (uint32_t)full;
}

int hawk_procfs_namespace(int dir, const char *file, uint32_t *ret)
{
	char path[32], link[64];
	const char *at;
	uint64_t v;
	ssize_t n;

	snprintf(path, sizeof(path), "ns/%s", file);
	n = readlinkat(dir, path, link, sizeof(link));
	if (n < 0)
		return -errno;
	at = memchr(link, '[', (size_t)n);
	if (!at++ || number(&at, link + n, 10, &v) < 0 || v > UINT32_MAX || at != link + n - 1 || *at != ']')
		return -EBADMSG;
	*ret = (uint32_t)v;
	return 0;
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
	r = parse_status(&p->task, scratch->data, scratch->len);
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
