/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/proto/frame.h"

#include <errno.h>
#include <unistd.h>

/* One read; a client that sends more is heard again on the next turn of the loop. */
#define READ_MAX (16 * 1024)

void hawk_frames_init(struct hawk_frames *f, size_t max)
{
	/* Room for the longest message and what a read brought behind it. */
	*f = (struct hawk_frames){ .in.max = max + 2 * READ_MAX, .max = max };
}

void hawk_frames_done(struct hawk_frames *f)
{
	hawk_buf_done(&f->in);
	f->start = f->scanned = 0;
}

/* Moves what is left to the front. */
static void compact(struct hawk_frames *f)
{
	if (!f->start)
		return;
	memmove(f->in.data, f->in.data + f->start, f->in.len - f->start);
	f->in.len -= f->start;
	f->scanned -= f->start;
	f->start = 0;
}

/* Whether the message that has begun is still within its bound. */
static int check_bound(struct hawk_frames *f)
{
	size_t len = f->in.len - f->start;

	if (len <= f->max || memchr(f->in.data + f->start, 0, f->max + 1))
		return 0;
	return -EMSGSIZE;
}

int hawk_frames_feed(struct hawk_frames *f, const void *data, size_t len)
{
	compact(f);
	hawk_buf_put(&f->in, data, len);
	if (f->in.error)
		return f->in.error == -E2BIG ? -EMSGSIZE : f->in.error;
	return check_bound(f);
}

long hawk_frames_read(struct hawk_frames *f, int fd)
{
	char *to;
	ssize_t n;
	int r;

	compact(f);
	to = hawk_buf_room(&f->in, READ_MAX);
	if (!to)
		return f->in.error == -E2BIG ? -EMSGSIZE : f->in.error;
	do {
		n = read(fd, to, READ_MAX);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	f->in.len += n;
	r = check_bound(f);
	return r < 0 ? r : n;
}

int hawk_frames_next(struct hawk_frames *f, const char **ret_text, size_t *ret_len)
{
	char *nul = NULL;

	if (f->scanned < f->in.len)
		nul = memchr(f->in.data + f->scanned, 0, f->in.len - f->scanned);
	if (!nul) {
		f->scanned = f->in.len;
		return 0;
	}
	*ret_text = f->in.data + f->start;
	*ret_len = nul - *ret_text;
	f->start = f->scanned = nul + 1 - f->in.data;
	return 1;
}

bool hawk_frames_partial(const struct hawk_frames *f)
{
	return f->start < f->in.len;
}
