/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/sink/internal.h"

#define QUEUE_BYTES_DEFAULT ((size_t)4 * 1024 * 1024)

struct hawk_subscriber {
	struct hawk_outlet outlet; /* first: wake() casts back */
	struct hawk_sinks *sinks;
	void (*notify)(void *ctx);
	void *ctx;
};

static void wake(struct hawk_outlet *o)
{
	struct hawk_subscriber *s = (struct hawk_subscriber *)o;

	if (s->notify)
		s->notify(s->ctx);
}

static void subscriber_destroy(struct hawk_subscriber *s)
{
	hawk_outlet_done(&s->outlet, s->sinks);
	free(s);
}

int hawk_subscriber_new(struct hawk_subscriber **ret, struct hawk_sinks *sinks,
			const struct hawk_subscriber_options *options, char **ret_why)
{
	bool filtered = options->filter && *options->filter;
	struct hawk_subscriber *s = aligned_alloc(_Alignof(struct hawk_subscriber), sizeof(*s));
	char name[32];
	int r;

	if (!s)
		return -ENOMEM;
	memset(s, 0, sizeof(*s));
	s->sinks = sinks;
	s->notify = options->notify;
	s->ctx = options->ctx;
	s->outlet.wake = wake;
	hawk_sinks_lock(sinks);
	snprintf(name, sizeof(name), "subscriber-%u", ++sinks->subscribers);
	hawk_sinks_unlock(sinks);
	r = hawk_outlet_init(&s->outlet, sinks, &(struct hawk_outlet_options){
		.type = "subscriber",
		.name = name,
		.filters = &options->filter,
		.n_filters = filtered,
		.queue_bytes = options->queue_bytes ? options->queue_bytes : QUEUE_BYTES_DEFAULT,
		.format = options->format ? options->format : "json",
		.terminal = options->terminal,
		.reader = options->reader,
		.view = options->view,
		.events = options->events,
	}, ret_why);
	if (r < 0) {
		subscriber_destroy(s);
		return r;
	}
	hawk_sinks_lock(sinks);
	hawk_outlet_attach(&s->outlet, sinks);
	hawk_sinks_unlock(sinks);
	*ret = s;
	return 0;
}

size_t hawk_subscriber_memory(size_t queue_bytes)
{
	return sizeof(struct hawk_subscriber) + hawk_ring_memory(queue_bytes);
}

struct hawk_subscriber *hawk_subscriber_free(struct hawk_subscriber *s)
{
	if (!s)
		return NULL;
	hawk_sinks_lock(s->sinks);
	s->notify = NULL; /* who frees it needs no more news of it */
	hawk_outlet_detach(&s->outlet, s->sinks);
	hawk_sinks_unlock(s->sinks);
	subscriber_destroy(s);
	return NULL;
}

const struct hawk_buf *hawk_subscriber_head(const struct hawk_subscriber *s)
{
	return &s->outlet.encoding->head;
}

long hawk_subscriber_take(struct hawk_subscriber *s, struct hawk_buf *out)
{
	struct hawk_ring *ring = &s->outlet.ring;
	const char *data;
	size_t n, len;

	if (!hawk_ring_begin(ring))
		return 0;
	do
		len = hawk_ring_peek(ring, 1, &data, &n);
	while (!len && !hawk_ring_idle(ring));
	if (!len)
		return 0;
	hawk_buf_put(out, data, len);
	if (out->error)
		return out->error;
	hawk_ring_pop(ring, len, n);
	hawk_count_add(&s->outlet.events, 1);
	hawk_count_add(&s->outlet.bytes, len);
	return (long)len;
}

uint64_t hawk_subscriber_lost(struct hawk_subscriber *s)
{
	return atomic_exchange(&s->outlet.untold, 0);
}
