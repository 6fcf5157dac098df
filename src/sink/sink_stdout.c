/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Standard output, which may be anything: a file, a terminal that was stopped,
 * a pipe nobody reads. Only as much is written as cannot block.
 */
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/sink/internal.h"

struct stdout_state {
	size_t chunk;   /* bytes that fit once it is writable */
	size_t partial; /* bytes of the first queued event that are already out */
	size_t head;    /* bytes of the format's head that are out */
};

static int stdout_open(struct hawk_sink *s)
{
	struct stdout_state *o = s->state;
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) < 0)
		return -errno;
	/* pipe(7): a pipe that is writable takes PIPE_BUF bytes at once, terminals and sockets do as well. */
	o->chunk = S_ISREG(st.st_mode) ? SIZE_MAX : PIPE_BUF;
	return 0;
}

/* Writes a part of DATA. Returns how much, 0 when it takes nothing now, or -errno. */
static long write_part(const struct stdout_state *o, const char *data, size_t len)
{
	int r = hawk_sink_wait_writable(STDOUT_FILENO);
	ssize_t w;

	if (r <= 0)
		return r;
	w = write(STDOUT_FILENO, data, len < o->chunk ? len : o->chunk);
	if (w >= 0)
		return w;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

static long stdout_write(struct hawk_sink *s, const char *data, size_t len, size_t n)
{
	const struct hawk_buf *head = &s->outlet.encoding->head;
	struct stdout_state *o = s->state;
	size_t done = o->partial, whole;
	long r = 1;

	while (o->head < head->len) {
		r = write_part(o, head->data + o->head, head->len - o->head);
		if (r <= 0)
			return r;
		o->head += (size_t)r;
	}
	while (done < len && (r = write_part(o, data + done, len - done)) > 0) {
		done += (size_t)r;
		if (atomic_load(&s->stop))
			break; /* the engine watches the time */
	}
	whole = hawk_sink_whole(s, done, n);
	o->partial = done - whole;
	return whole || r >= 0 ? (long)whole : r;
}

static void stdout_close(struct hawk_sink *s)
{
}

const struct hawk_sink_ops hawk_sink_stdout = {
	.type = "stdout",
	.doc = "standard output",
	.state_size = sizeof(struct stdout_state),
	.open = stdout_open,
	.write = stdout_write,
	.close = stdout_close,
};
