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
	bool cut; /* what comes next was cut on its way to us */
	size_t len;
	size_t from, to; /* what came ahead of its time, behind a hole; both 0: nothing */
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

/* A segment of which the first KNOWN bytes came before. */
static bool add_next(struct hawk_streams *s, struct stream *t, const struct hawk_segment *segment, size_t known)
{
	size_t n = known < segment->len ? segment->len - known : 0, before = t->len;

	if (!n)
		return true;
	if (t->cut || n > s->bytes - t->len)
		return false;
	memcpy(bytes_of(s, t) + t->len, segment->data + known, n);
	t->len += n;
	if (t->to && t->from <= t->len) {
		t->len = t->to > t->len ? t->to : t->len;
		t->from = t->to = 0;
	}
	t->next += (uint32_t)(t->len - before);
	t->cut = segment->full > segment->len;
	t->segments++;
	return true;
}

/*
 * A segment behind a hole of AHEAD bytes: the one in the hole was lost and comes again, or was overtaken. There may be
 * one hole, which is what a lost segment makes.
 */
static bool add_ahead(struct hawk_streams *s, struct stream *t, const struct hawk_segment *segment, size_t ahead)
{
	size_t from = t->len + ahead, to = from + segment->len;

	if (t->cut || ahead > s->bytes || to > s->bytes || segment->full > segment->len)
		return false;
	if (t->to && (from > t->to || to < t->from))
		return false;
	memcpy(bytes_of(s, t) + from, segment->data, segment->len);
	t->from = t->to && t->from < from ? t->from : from;
	t->to = t->to > to ? t->to : to;
	t->segments++;
	return true;
}

const uint8_t *hawk_streams_add(struct hawk_streams *s, struct hawk_stream_key key,
				const struct hawk_segment *segment, bool begin, size_t *ret_len)
{
	struct stream *t = find(s, key);
	int32_t ahead;
	bool ok;

	if (!t && !begin)
		return NULL;
	if (!t)
		t = make(s, key, segment->seq);
	t->used = ++s->now;
	ahead = (int32_t)(segment->seq - t->next); /* numbers go round */
	ok = ahead > 0 ? add_ahead(s, t, segment, (size_t)ahead) : add_next(s, t, segment, (size_t)-(int64_t)ahead);
	if (!ok) {
		s->stats.broken++;
		t->used = 0;
		return NULL;
	}
	*ret_len = t->len;
	return bytes_of(s, t);
}

void hawk_streams_take(struct hawk_streams *s, struct hawk_stream_key key, size_t n)
{
	struct stream *t = find(s, key);
	size_t end;

	if (!t)
		return;
	n = n < t->len ? n : t->len;
	end = t->to ? t->to : t->len;
	if (n == end) {
		hawk_streams_drop(s, key, true);
		return;
	}
	memmove(bytes_of(s, t), bytes_of(s, t) + n, end - n);
	t->len -= n;
	if (t->to) {
		t->from -= n;
		t->to -= n;
	}
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
