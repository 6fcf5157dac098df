/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_NET_STREAM_H
#define HAWK_NET_STREAM_H
/*
 * The first segments of TCP streams, put together: a fixed number of streams
 * of bounded length. The one used longest ago makes room for a new one. Pure:
 * time is the order of calls. Nothing is allocated after the start.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hawk_streams;

struct hawk_streams_stats {
	uint64_t begun, done;
	uint64_t evicted; /* unfinished ones that made room */
	uint64_t broken;  /* unfinished ones with more than one hole, or grown too long */
};

/* One end of a connection in one direction. */
struct hawk_stream_key {
	uint64_t cookie; /* of the socket */
	uint32_t kind;   /* direction, and what for */
};

/* MAX streams of at most BYTES bytes each. Returns 0 or -ENOMEM. */
int hawk_streams_new(struct hawk_streams **ret, size_t max, size_t bytes);
/* NULL is fine. Returns NULL. */
struct hawk_streams *hawk_streams_free(struct hawk_streams *s);

struct hawk_segment {
	uint32_t seq;
	const uint8_t *data;
	size_t len;  /* there */
	size_t full; /* that the segment had */
};

/*
 * Adds a segment to the stream KEY, which begins with it when it is not there
 * and BEGIN says so. Returns the bytes that stand at the beginning of the
 * stream now, with *ret_len, until the next call; NULL when the segment leaves
 * a second hole or is too long (the stream is forgotten then), or there is no
 * stream. What comes behind one hole is kept until that is filled; a segment
 * that was there already adds nothing.
 */
const uint8_t *hawk_streams_add(struct hawk_streams *s, struct hawk_stream_key key,
				const struct hawk_segment *segment, bool begin, size_t *ret_len);
/* Takes N bytes off the beginning of the stream; without any left, and at its whole length, it is done. */
void hawk_streams_take(struct hawk_streams *s, struct hawk_stream_key key, size_t n);
/* Number of segments that the stream has had; 0: there is none. */
unsigned int hawk_streams_segments(const struct hawk_streams *s, struct hawk_stream_key key);
/* Forgets the stream, which was of use, or was not. */
void hawk_streams_drop(struct hawk_streams *s, struct hawk_stream_key key, bool done);
struct hawk_streams_stats hawk_streams_stats(const struct hawk_streams *s);

#endif
