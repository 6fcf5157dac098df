/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file of events, rotated by size and by age: PATH.1 is the youngest old
 * file. The directory is opened first and everything happens inside of it, so
 * a rotation cannot end up elsewhere; the file itself is never a link.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/sink/internal.h"

#define KEEP_DEFAULT 5
#define KEEP_MAX 1000
#define SUFFIX_LEN 5         /* ".1000" */
#define ROTATE_RETRY_S 30    /* after a rotation that failed */

struct file_state {
	int fd, dir_fd;
	const char *base;      /* last component of the path */
	uint64_t size;         /* of whole events */
	time_t since;          /* CLOCK_REALTIME s, when the file was begun */
	time_t rotate_after;   /* no rotation before this, since one failed */
};

static const char *file_check(const struct hawk_sink_options *o)
{
	const char *base = o->path ? strrchr(o->path, '/') : NULL;

	if (!o->path || o->path[0] != '/')
		return "path must be given and absolute";
	for (const char *p = o->path; *p; p += strcspn(p, "/")) {
		p += strspn(p, "/");
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || !p[2]))
			return "path must not contain \"..\"";
	}
	if (!base[1] || strcmp(base, "/.") == 0)
		return "path must name a file, not a directory";
	if (strlen(base + 1) > NAME_MAX - SUFFIX_LEN || strlen(o->path) >= PATH_MAX)
		return "path is too long";
	if (o->rotate_keep > KEEP_MAX)
		return "rotate_keep is at most 1000";
	return NULL;
}

static int open_dir(struct hawk_sink *s)
{
	struct file_state *f = s->state;
	char dir[PATH_MAX];
	int fd;

	f->base = strrchr(s->options.path, '/') + 1;
	snprintf(dir, sizeof(dir), "%.*s", (int)(f->base - s->options.path), s->options.path);
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	f->dir_fd = fd;
	return 0;
}

/* Opens the file in the directory and writes the format's head into a new one. */
static int open_file(struct hawk_sink *s)
{
	const struct hawk_buf *head = &s->outlet.encoding->head;
	struct file_state *f = s->state;
	/* O_NONBLOCK: a fifo put in its place must not hang us; it is then refused. */
	_cleanup_close_ int fd =
		openat(f->dir_fd, f->base,
		       O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	struct statx st;

	if (fd < 0)
		return -errno;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &st) < 0)
		return -errno;
	if (!S_ISREG(st.stx_mode))
		return -EBADF; /* not a regular file */
	f->size = st.stx_size;
	f->since = st.stx_size && st.stx_mask & STATX_BTIME ? st.stx_btime.tv_sec : time(NULL);
	if (!f->size && head->len) {
		if (write(fd, head->data, head->len) != (ssize_t)head->len) {
			int r = errno ? -errno : -EIO;

			return ftruncate(fd, 0) < 0 ? -errno : r;
		}
		f->size = head->len;
	}
	f->fd = TAKE_FD(fd);
	return 0;
}

static void file_close(struct hawk_sink *s)
{
	struct file_state *f = s->state;

	close(f->fd);
	close(f->dir_fd);
}

static int file_open(struct hawk_sink *s)
{
	struct file_state *f = s->state;
	int r = open_dir(s);

	if (r < 0)
		return r;
	r = open_file(s);
	if (r < 0)
		close(f->dir_fd);
	return r;
}

static int rename_step(struct file_state *f, unsigned int from)
{
	char a[NAME_MAX + 1], b[NAME_MAX + 1];

	snprintf(a, sizeof(a), from ? "%.*s.%u" : "%.*s", NAME_MAX - SUFFIX_LEN, f->base, from);
	snprintf(b, sizeof(b), "%.*s.%u", NAME_MAX - SUFFIX_LEN, f->base, from + 1);
	return renameat(f->dir_fd, a, f->dir_fd, b) < 0 && errno != ENOENT ? -errno : 0;
}

/*
 * Moves the files on by one and begins a new one. When a rename fails the old
 * file is written on, since a file that is too large is better than lost events.
 */
static int rotate(struct hawk_sink *s)
{
	struct file_state *f = s->state;
	unsigned int keep = s->options.rotate_keep ? s->options.rotate_keep : KEEP_DEFAULT;
	int old = f->fd, r = 0;

	for (unsigned int i = keep; r == 0 && i-- > 0;)
		r = rename_step(f, i);
	if (r < 0) {
		if (!f->rotate_after)
			hawk_warning("sink %s: cannot rotate %s: %s; it grows on", s->outlet.name,
				     s->options.path, strerror(-r));
		f->rotate_after = time(NULL) + ROTATE_RETRY_S;
		return 0;
	}
	f->rotate_after = 0;
	r = open_file(s);
	if (r == 0)
		close(old);
	return r;
}

/* True when the file must be rotated before LEN more bytes. */
static bool is_due(const struct hawk_sink *s, size_t len)
{
	const struct hawk_sink_options *o = &s->options;
	const struct file_state *f = s->state;
	uint64_t empty = s->outlet.encoding->head.len;
	time_t now;

	if (f->size <= empty)
		return false;
	now = o->rotate_seconds || f->rotate_after ? time(NULL) : 0;
	if (now < f->rotate_after)
		return false;
	return (o->rotate_bytes && f->size + len > o->rotate_bytes) ||
	       (o->rotate_seconds && (uint64_t)(now - f->since) >= o->rotate_seconds);
}

/* Writes until all is written or it fails; then nothing of a half written event stays in the file. */
static long write_whole(struct hawk_sink *s, const char *data, size_t len, size_t n)
{
	struct file_state *f = s->state;
	size_t done = 0, whole;
	ssize_t r = 0;
	int error;

	while (done < len) {
		r = write(f->fd, data + done, len - done);
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			break;
		done += (size_t)r;
	}
	error = r < 0 ? errno : EIO;
	whole = done == len ? len : hawk_sink_whole(s, done, n);
	if (whole < done && ftruncate(f->fd, (off_t)(f->size + whole)) < 0)
		return -errno;
	f->size += whole;
	return whole ? (long)whole : -error;
}

static long file_write(struct hawk_sink *s, const char *data, size_t len, size_t n)
{
	const struct file_state *f = s->state;
	uint64_t max = s->options.rotate_bytes;

	if (is_due(s, hawk_sink_event_len(s, 0))) {
		int r = rotate(s);

		if (r < 0)
			return r;
	}
	if (max && f->size + len > max && !f->rotate_after) {
		size_t fits = max > f->size ? hawk_sink_whole(s, max - f->size, n) : 0;

		len = fits ? fits : hawk_sink_event_len(s, 0); /* one that is larger than a file gets one */
	}
	return write_whole(s, data, len, n);
}

/* Somebody may have moved the file, or its directory. */
static int file_reopen(struct hawk_sink *s)
{
	struct file_state before = *(struct file_state *)s->state;
	int r = file_open(s);

	if (r < 0) {
		*(struct file_state *)s->state = before;
		return r; /* the engine closes */
	}
	close(before.fd);
	close(before.dir_fd);
	return 0;
}

const struct hawk_sink_ops hawk_sink_file = {
	.type = "file",
	.doc = "a file of lines, rotated by size and time",
	.state_size = sizeof(struct file_state),
	.check = file_check,
	.open = file_open,
	.write = file_write,
	.reopen = file_reopen,
	.close = file_close,
};
