/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/net/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct stream {
	struct hawk_stream_key key; /* cookie 0 and kind 0 with used 0: free */
	uint64_t used;              /* when; 0: free */
	uint32_t next;              /* sequence number behind what is there */
	unsigned int segments;
	size_t len;
};

struct hawk_streams {
	size_t max, bytes;
	uint64_t now;
	struct hawk_streams_stats stats;
	uint8_t *data; /* max times bytes */
	struct stream stream[];
};

int hawk_streams_new(struct hawk_streams **ret, size_t max, size_t bytes)
{
	struct hawk_streams *s = calloc(1, sizeof(*s) + max * sizeof(s->stream[0]));

	if (!s)
		return -ENOMEM;
	s->data = calloc(max, bytes);
	if (!s->data) {
		free(s);
		return -ENOMEM;
	}
	s->max = max;
	s->bytes = bytes;
	*ret = s;
	return 0;
}

struct hawk_streams *hawk_streams_free(struct hawk_streams *s)
{
	if (s)
		free(s->data);
	free(s);
	return NULL;
}

/* There are so few that looking at all of them is quick. */
static struct stream *find(const struct hawk_streams *s, struct hawk_stream_key key)
{
	for (size_t i = 0; i < s->max; i++) {
		const struct stream *t = &s->stream[i];

		if (t->used && t->key.cookie == key.cookie && t->key.kind == key.kind)
			return (struct stream *)t;
	}
	return NULL;
}

static struct stream *make(struct hawk_streams *s, struct hawk_stream_key key, uint32_t seq)
{
	struct stream *oldest = &s->stream[0];

	for (size_t i = 1; i < s->max; i++)
		if (s->stream[i].used < oldest->used)
			oldest = &s->stream[i];
	s->stats.evicted += oldest->used != 0;
	s->stats.begun++;
	*oldest = (struct stream){ .key = key, .next = seq };
	return oldest;
}

static uint8_t *bytes_of(const struct hawk_streams *s, const struct stream *t)
{
	return s->data + (size_t)(t - s->stream) * s->bytes;
}

const uint8_t *hawk_streams_add(struct hawk_streams *s, struct hawk_stream_key key,
				const struct hawk_segment *segment, bool begin, size_t *ret_len)
{
	struct stream *t = find(s, key);
	size_t known;

	if (!t && !begin)
		return NULL;
	if (!t)
		t = make(s, key, segment->seq);
	t->used = ++s->now;
	known = t->next - segment->seq; /* modulo 2^32: bytes of it that are there already */
	if (known > segment->full || known > segment->len) {
		if (known <= 0x7fffffff) { /* all of it came before */
			*ret_len = t->len;
			return bytes_of(s, t);
		}
		goto broken;
	}
	if (segment->len - known > s->bytes - t->len)
		goto broken;
	memcpy(bytes_of(s, t) + t->len, segment->data + known, segment->len - known);
	t->len += segment->len - known;
	t->next += (uint32_t)(segment->len - known);
	t->segments++;
	*ret_len = t->len;
	return bytes_of(s, t);
broken:
	s->stats.broken++;
	t->used = 0;
	return NULL;
}

void hawk_streams_take(struct hawk_streams *s, struct hawk_stream_key key, size_t n)
{
	struct stream *t = find(s, key);

	if (!t)
		return;
	if (n >= t->len) {
		hawk_streams_drop(s, key, true);
		return;
	}
	memmove(bytes_of(s, t), bytes_of(s, t) + n, t->len - n);
	t->len -= n;
	t->segments = 1;
}

unsigned int hawk_streams_segments(const struct hawk_streams *s, struct hawk_stream_key key)
{
	const struct stream *t = find(s, key);

	return t ? t->segments : 0;
}

void hawk_streams_drop(struct hawk_streams *s, struct hawk_stream_key key, bool done)
{
	struct stream *t = find(s, key);

	if (!t)
		return;
	t->used = 0;
	if (done)
		s->stats.done++;
	else
		s->stats.broken++;
}

struct hawk_streams_stats hawk_streams_stats(const struct hawk_streams *s)
{
	return s->stats;
}
