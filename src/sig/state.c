/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/sig/state.h"

#include <errno.h>
#include <stdlib.h>

#define NOT_IN_HEAP SIZE_MAX

int hawk_sig_state_init(struct hawk_sig_state *s, size_t bytes)
{
	*s = (struct hawk_sig_state){ .ring_size = bytes / 4, .n_buckets = 1024 };
	while (s->n_buckets < bytes / 512)
		s->n_buckets *= 2;
	s->buckets = calloc(s->n_buckets, sizeof(struct hawk_sig_instance *));
	s->ring = malloc(s->ring_size);
	s->bytes = s->n_buckets * sizeof(struct hawk_sig_instance *);
	s->budget = bytes - s->ring_size;
	if (s->budget < s->bytes)
		s->budget = s->bytes;
	return s->buckets && s->ring ? 0 : -ENOMEM;
}

void hawk_sig_state_done(struct hawk_sig_state *s)
{
	for (size_t i = 0; s->buckets && i < s->n_buckets; i++)
		while (s->buckets[i])
			hawk_sig_state_drop(s, s->buckets[i]);
	free(s->buckets);
	free(s->heap);
	free(s->ring);
}

/* --- the end of instances, a binary heap --- */

static bool before(const struct hawk_sig_instance *a, const struct hawk_sig_instance *b)
{
	return a->due != b->due ? a->due < b->due : a->serial < b->serial;
}

static void place(struct hawk_sig_state *s, size_t at, struct hawk_sig_instance *i)
{
	s->heap[at] = i;
	i->heap = at;
}

/* Moves I from AT to where it belongs. */
static void sift(struct hawk_sig_state *s, size_t at, struct hawk_sig_instance *i)
{
	while (at && before(i, s->heap[(at - 1) / 2])) {
		place(s, at, s->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	for (;;) {
		size_t child = at * 2 + 1;

		if (child + 1 < s->n_heap && before(s->heap[child + 1], s->heap[child]))
			child++;
		if (child >= s->n_heap || !before(s->heap[child], i))
			break;
		place(s, at, s->heap[child]);
		at = child;
	}
	place(s, at, i);
}

static void heap_remove(struct hawk_sig_state *s, struct hawk_sig_instance *i)
{
	size_t at = i->heap;
	struct hawk_sig_instance *last;

	if (at == NOT_IN_HEAP)
		return;
	last = s->heap[--s->n_heap];
	i->heap = NOT_IN_HEAP;
	if (last != i)
		sift(s, at, last);
}

static int heap_add(struct hawk_sig_state *s, struct hawk_sig_instance *i)
{
	if (s->n_heap == s->heap_size) {
		size_t size = s->heap_size ? s->heap_size * 2 : 256;
		struct hawk_sig_instance **heap = realloc(s->heap, size * sizeof(struct hawk_sig_instance *));

		if (!heap)
			return -ENOMEM;
		s->bytes += (size - s->heap_size) * sizeof(struct hawk_sig_instance *);
		s->heap = heap;
		s->heap_size = size;
	}
	s->n_heap++;
	sift(s, s->n_heap - 1, i);
	return 0;
}

/* An end that moves away is noticed when the earlier one has come. */
void hawk_sig_state_expire(struct hawk_sig_state *s, struct hawk_sig_instance *i, uint64_t at)
{
	i->expires = at;
	if (i->heap == NOT_IN_HEAP) {
		i->due = at;
		/* Without memory it stays until there is no room. */
		if (at != UINT64_MAX)
			heap_add(s, i);
	} else if (at < i->due) {
		i->due = at;
		sift(s, i->heap, i);
	}
}

struct hawk_sig_instance *hawk_sig_state_expired(struct hawk_sig_state *s, uint64_t now)
{
	while (s->n_heap && s->heap[0]->due <= now) {
		struct hawk_sig_instance *i = s->heap[0];

		if (i->expires <= i->due)
			return i;
		i->due = i->expires;
		if (i->due == UINT64_MAX)
			heap_remove(s, i);
		else
			sift(s, 0, i);
	}
	return NULL;
}

/* --- instances --- */

static struct hawk_sig_instance **bucket(const struct hawk_sig_state *s, uint64_t key)
{
	return &s->buckets[(key ^ key >> 32) & (s->n_buckets - 1)];
}

static void unlink_use(struct hawk_sig_instance *i)
{
	*(i->newer ? &i->newer->older : &i->run->newest) = i->older;
	*(i->older ? &i->older->newer : &i->run->oldest) = i->newer;
}

static void link_use(struct hawk_sig_instance *i)
{
	i->newer = NULL;
	i->older = i->run->newest;
	*(i->older ? &i->older->newer : &i->run->oldest) = i;
	i->run->newest = i;
}

void hawk_sig_state_touch(struct hawk_sig_instance *i)
{
	if (!i->newer)
		return;
	unlink_use(i);
	link_use(i);
}

void hawk_sig_state_grow(struct hawk_sig_state *s, struct hawk_sig_instance *i, size_t more)
{
	i->bytes += more;
	i->run->bytes += more;
	s->bytes += more;
}

struct hawk_sig_instance *hawk_sig_state_add(struct hawk_sig_state *s, struct hawk_sig_run *run, uint64_t key,
					     enum hawk_sig_what what, uint8_t step)
{
	/* The allocator's own part is counted, too. */
	size_t n_traces = what == HAWK_SIG_TOLD ? 0 : run->n_evidence,
	       bytes = sizeof(struct hawk_sig_instance) + n_traces * sizeof(struct hawk_sig_trace);
	struct hawk_sig_instance *i = calloc(1, bytes), **at = bucket(s, key);

	if (!i)
		return NULL;
	i->run = run;
	i->key = key;
	i->serial = s->serial++;
	i->what = (uint8_t)what;
	i->step = step;
	i->expires = UINT64_MAX;
	i->heap = NOT_IN_HEAP;
	/* At the end, so that the oldest is found first. */
	while (*at)
		at = &(*at)->chain;
	*at = i;
	link_use(i);
	hawk_sig_state_grow(s, i, bytes + 16);
	s->instances++;
	run->counts.instances++;
	return i;
}

void hawk_sig_state_drop(struct hawk_sig_state *s, struct hawk_sig_instance *i)
{
	struct hawk_sig_instance **at = bucket(s, i->key);

	while (*at != i)
		at = &(*at)->chain;
	*at = i->chain;
	unlink_use(i);
	heap_remove(s, i);
	i->run->bytes -= i->bytes;
	i->run->counts.instances--;
	s->bytes -= i->bytes;
	s->instances--;
	for (size_t k = 0; k < i->n_counts; k++)
		free(i->counts[k].v);
	free(i->counts);
	free(i->captures);
	hawk_sig_kept_free(i->kept);
	free(i);
}

struct hawk_sig_instance *hawk_sig_state_find(const struct hawk_sig_state *s, uint64_t key,
					      const struct hawk_sig_instance *after)
{
	struct hawk_sig_instance *i = after ? after->chain : *bucket(s, key);

	while (i && i->key != key)
		i = i->chain;
	return i;
}

static struct hawk_sig_run *fattest(const struct hawk_sig_set *set)
{
	struct hawk_sig_run *fat = NULL;

	for (size_t i = 0; i < set->n_runs; i++)
		if (!fat || set->runs[i].bytes > fat->bytes)
			fat = &set->runs[i];
	return fat;
}

void hawk_sig_state_trim(struct hawk_sig_state *s, const struct hawk_sig_set *set)
{
	while (s->bytes > s->budget && s->instances) {
		/* The one that was the largest stays so for a while: looking for it takes time. */
		if (!s->fat || s->fat->bytes < s->budget / 16)
			s->fat = NULL;
		if (!s->fat)
			s->fat = fattest(set);
		if (!s->fat || !s->fat->oldest)
			return;
		hawk_sig_state_drop(s, s->fat->oldest);
		s->evicted++;
	}
}

/* --- evidence --- */

uint64_t hawk_sig_ring_put(struct hawk_sig_state *s, const char *p, size_t len)
{
	uint64_t at = s->ring_head;

	if (len > s->ring_size)
		return UINT64_MAX;
	/* In one piece. */
	if (at % s->ring_size + len > s->ring_size)
		at += s->ring_size - at % s->ring_size;
	memcpy(s->ring + at % s->ring_size, p, len);
	s->ring_head = at + len;
	return at;
}

const char *hawk_sig_ring_get(const struct hawk_sig_state *s, uint64_t at)
{
	return at < s->ring_head && s->ring_head - at <= s->ring_size ? s->ring + at % s->ring_size : NULL;
}

int hawk_sig_count_add(struct hawk_sig_state *s, struct hawk_sig_instance *i, struct hawk_sig_count *c, uint32_t max,
		       uint64_t since, bool distinct, struct hawk_sig_counted one)
{
	uint32_t from = 0, to = 0;

	for (; from < c->n; from++)
		if (c->v[from].time >= since && !(distinct && c->v[from].hash == one.hash))
			c->v[to++] = c->v[from];
	if (to == max)
		memmove(c->v, c->v + 1, --to * sizeof(*c->v));
	c->n = to;
	if (c->n == c->cap) {
		uint32_t cap = c->cap ? c->cap * 2 : 4;
		struct hawk_sig_counted *v;

		cap = cap > max ? max : cap;
		v = realloc(c->v, cap * sizeof(*v));
		if (!v)
			return -ENOMEM;
		hawk_sig_state_grow(s, i, (cap - c->cap) * sizeof(*v));
		c->v = v;
		c->cap = cap;
	}
	c->v[c->n++] = one;
	return 0;
}

/* The first half is kept, the places of the others are used again in turn. */
static size_t trace_place(const struct hawk_sig_instance *i, size_t k)
{
	size_t size = i->run->n_evidence, half = size / 2;

	return k < size ? k : half + (k - half) % (size - half);
}

/* Forgets those before SINCE. */
static void forget_traces(struct hawk_sig_instance *i, uint64_t since)
{
	struct hawk_sig_trace kept[HAWK_SIG_EVIDENCES_MAX];
	const struct hawk_sig_trace *t;
	uint32_t n = 0;

	for (size_t k = 0; (t = hawk_sig_trace_get(i, k)); k++)
		if (t->time >= since)
			kept[n++] = *t;
	memcpy(i->traces, kept, n * sizeof(*kept));
	i->n_traces = n;
}

void hawk_sig_trace_add(struct hawk_sig_instance *i, const struct hawk_sig_trace *trace, uint64_t since)
{
	if (i->n_traces && i->traces[0].time < since)
		forget_traces(i, since);
	i->traces[trace_place(i, i->n_traces++)] = *trace;
}

const struct hawk_sig_trace *hawk_sig_trace_get(const struct hawk_sig_instance *i, size_t k)
{
	size_t size = i->run->n_evidence, half = size / 2;

	if (k >= size || k >= i->n_traces)
		return NULL;
	if (i->n_traces > size && k >= half)
		k = i->n_traces - (size - k);
	return &i->traces[trace_place(i, k)];
}
