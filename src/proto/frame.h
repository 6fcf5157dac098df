/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PROTO_FRAME_H
#define HAWK_PROTO_FRAME_H
/*
 * Messages on a stream: each ends in a NUL byte. The reader takes bytes in any
 * pieces and gives whole messages; a message over its bound is an error for
 * good, since the stream cannot be followed any more.
 */
#include "src/base/buf.h"

/* Bound of a message from a client, from one who may load policies, and of one from the daemon. */
#define HAWK_FRAME_MAX_CALL (64 * 1024)
#define HAWK_FRAME_MAX_ADMIN (8 * 1024 * 1024)
#define HAWK_FRAME_MAX_REPLY (16 * 1024 * 1024)

struct hawk_frames {
	struct hawk_buf in;
	size_t start;   /* first byte not yet given out */
	size_t scanned; /* no NUL before here */
	size_t max;
};

/* MAX: bytes of the longest message, without its NUL. */
void hawk_frames_init(struct hawk_frames *f, size_t max);
void hawk_frames_done(struct hawk_frames *f);
/* Takes bytes. Returns 0, -EMSGSIZE when a message is too long, or -ENOMEM. */
int hawk_frames_feed(struct hawk_frames *f, const void *data, size_t len);
/*
 * Reads what FD has, at most one buffer full. Returns the number of bytes, 0 at
 * the end of the stream, -EAGAIN, or the errors of hawk_frames_feed and read(2).
 */
long hawk_frames_read(struct hawk_frames *f, int fd);
/*
 * The next whole message, NUL-terminated, valid until the next call with F.
 * Returns 1 with its text and length, or 0: none yet.
 */
int hawk_frames_next(struct hawk_frames *f, const char **ret_text, size_t *ret_len);
/* True when the stream stopped inside a message. */
bool hawk_frames_partial(const struct hawk_frames *f);

#endif
