/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "src/sink/internal.h"

#define BULK_RESERVE 16 /* bulk events leave this part of a queue to the rest */

static bool has(const uint64_t *set, uint16_t id)
{
	return set[id / 64] >> (id % 64) & 1;
}

void hawk_outlet_events(uint64_t ids[static HAWK_SINK_WORDS], const uint64_t *rows)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	memset(ids, 0, HAWK_SINK_WORDS * sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		if (rows ? rows[i / 64] >> (i % 64) & 1 : !descs[i]->internal)
			ids[descs[i]->id / 64] |= 1ULL << (descs[i]->id % 64);
}

/* Parses the filters and works out which events they can be true for. */
static int parse_filters(struct hawk_outlet *o, const struct hawk_outlet_options *options, char **ret_why)
{
	uint64_t rows[HAWK_SINK_WORDS] = { 0 }; /* there are no more rows than ids */
	bool all = options->n_filters == 0;

	o->filters = calloc(options->n_filters + 1, sizeof(*o->filters));
	if (!o->filters)
		return -ENOMEM;
	for (; o->n_filters < options->n_filters; o->n_filters++) {
		struct hawk_ir_error error = { .line = 0 };
		const char *text = options->filters[o->n_filters];
		int r = hawk_ir_parse(&o->filters[o->n_filters], text, &error);

		if (r == -EINVAL && asprintf(ret_why, "sink %s: filter \"%s\": line %u, column %u: %s",
					     o->name, text, error.line, error.column, error.message) < 0)
			return -ENOMEM;
		if (r < 0)
			return r;
		all |= !hawk_ir_events(o->filters[o->n_filters], rows);
	}
	if (all)
		memset(o->selected, 0xff, sizeof(o->selected));
	else
		hawk_outlet_events(o->selected, rows);
	return 0;
}

/* ALLOWED can be the enabled events, which others set: what it may never see is taken out of what it selects. */
static void leave_out_admins(struct hawk_outlet *o)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++)
		if (descs[i]->admin)
			o->selected[descs[i]->id / 64] &= ~(1ULL << (descs[i]->id % 64));
}

static struct hawk_encoding *encoding_free(struct hawk_encoding *e)
{
	if (e) {
		hawk_format_free(e->format);
		hawk_buf_done(&e->buf);
		hawk_buf_done(&e->head);
		free(e);
	}
	return NULL;
}

static int encoding_new(struct hawk_encoding **ret, bool other, const struct hawk_outlet_options *options,
			char **ret_why)
{
	struct hawk_encoding *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	e->terminal = options->terminal;
	e->other = other;
	e->users = 1;
	e->buf.max = HAWK_SINK_ENCODED_MAX;
	r = hawk_format_new(&e->format, options->format, options->terminal, ret_why);
	if (r == 0)
		r = hawk_format_head(e->format, &e->head);
	if (r < 0) {
		encoding_free(e);
		return r;
	}
	*ret = e;
	return 0;
}

/* Finds or makes the encoding. Takes the lock only to look: making a format allocates. */
static int encoding_get(struct hawk_outlet *o, struct hawk_sinks *sinks,
			const struct hawk_outlet_options *options, char **ret_why)
{
	struct hawk_encoding *fresh = NULL, *e;
	int r = encoding_new(&fresh, o->other, options, ret_why);

	if (r < 0)
		return r;
	pthread_mutex_lock(&sinks->lock);
	for (e = sinks->encodings; e; e = e->next)
		if (e->terminal == options->terminal && e->other == o->other &&
		    strcmp(hawk_format_description(e->format), hawk_format_description(fresh->format)) == 0)
			break;
	if (e) {
		e->users++;
	} else {
		e = TAKE_PTR(fresh);
		e->next = sinks->encodings;
		sinks->encodings = e;
	}
	pthread_mutex_unlock(&sinks->lock);
	encoding_free(fresh);
	o->encoding = e;
	return 0;
}

static void encoding_put(struct hawk_encoding *e, struct hawk_sinks *sinks)
{
	struct hawk_encoding **at = &sinks->encodings;

	if (!e)
		return;
	pthread_mutex_lock(&sinks->lock);
	if (--e->users) {
		e = NULL;
	} else {
		while (*at != e)
			at = &(*at)->next;
		*at = e->next;
	}
	pthread_mutex_unlock(&sinks->lock);
	encoding_free(e);
}

static struct hawk_limit limit_make(unsigned int per_second, unsigned int burst)
{
	struct hawk_limit l = { .cost = per_second ? 1000000000ULL / per_second : 0 };

	l.cost += per_second && !l.cost;
	l.level = l.full = l.cost * (burst ? burst : per_second);
	return l;
}

/* Time comes from the events, so that a replay gives the same; it may step back a little between CPUs. */
static bool limit_take(struct hawk_limit *l, uint64_t now)
{
	if (!l->cost)
		return true;
	if (now > l->last) {
		uint64_t gained = now - l->last;

		l->level = gained > l->full - l->level ? l->full : l->level + gained;
		l->last = now;
	}
	if (l->level < l->cost)
		return false;
	l->level -= l->cost;
	return true;
}

int hawk_outlet_init(struct hawk_outlet *o, struct hawk_sinks *sinks,
		     const struct hawk_outlet_options *options, char **ret_why)
{
	int r;

	o->type = options->type;
	o->name = strdup(options->name);
	if (!o->name)
		return -ENOMEM;
	o->limit = o->finding_limit = limit_make(options->rate_per_second, options->rate_burst);
	o->own_events = options->events;
	o->other = options->view != HAWK_VIEW_DEFAULT && options->view != sinks->view;
	if (options->events)
		hawk_outlet_events(o->allowed, options->events);
	r = parse_filters(o, options, ret_why);
	if (r == 0 && options->reader)
		leave_out_admins(o);
	if (r == 0 && options->format)
		r = encoding_get(o, sinks, options, ret_why);
	if (r == 0)
		r = hawk_ring_init(&o->ring, options->queue_bytes);
	return r;
}

void hawk_outlet_done(struct hawk_outlet *o, struct hawk_sinks *sinks)
{
	for (size_t i = 0; i < o->n_filters; i++)
		hawk_ir_free(o->filters[i]);
	free(o->filters);
	encoding_put(o->encoding, sinks);
	hawk_ring_done(&o->ring);
	free(o->name);
}

void hawk_outlet_attach(struct hawk_outlet *o, struct hawk_sinks *sinks)
{
	if (!o->own_events)
		memcpy(o->allowed, sinks->enabled, sizeof(o->allowed));
	o->next = sinks->outlets;
	sinks->outlets = o;
}

void hawk_outlet_detach(struct hawk_outlet *o, struct hawk_sinks *sinks)
{
	struct hawk_outlet **at = &sinks->outlets;

	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
	if (hawk_ring_flush(&o->ring))
		o->wake(o);
}

static bool matches(const struct hawk_outlet *o, const struct hawk_sinks *sinks,
		    const struct hawk_event *event)
{
	if (!has(o->selected, event->desc->id))
		return false;
	for (size_t i = 0; i < o->n_filters; i++)
		if (hawk_ir_eval(o->filters[i], event, &sinks->env))
			return true;
	return o->n_filters == 0;
}

static bool is_matched(const struct hawk_event *event)
{
	uint64_t any = 0;

	for (size_t i = 0; i < HAWK_POLICIES_MAX / 64; i++)
		any |= event->matched[i];
	return any;
}

/* The event in the shared format, encoded when this is the first to ask. NULL when it cannot be encoded. */
static const struct hawk_buf *encode_shared(struct hawk_encoding *e, uint64_t number,
					    const struct hawk_event *event)
{
	if (e->number != number) {
		e->number = number;
		hawk_buf_reset(&e->buf);
		e->result = hawk_format_event(e->format, event, &e->buf);
	}
	return e->result < 0 ? NULL : &e->buf;
}

static const struct hawk_buf *encode(struct hawk_outlet *o, uint64_t number, const struct hawk_event *event)
{
	struct hawk_sink *s = o->sink;
	const struct hawk_buf *shared = o->encoding ? encode_shared(o->encoding, number, event) : NULL;

	if (!s || !s->ops->encode)
		return shared;
	s->json = shared;
	hawk_buf_reset(&s->encoded);
	return s->ops->encode(s, event, &s->encoded) < 0 || s->encoded.error ? NULL : &s->encoded;
}

void hawk_outlet_offer(struct hawk_outlet *o, struct hawk_sinks *sinks, const struct hawk_event *event)
{
	bool told = event->desc->id == HAWK_EV_LOST; /* everybody gets it */
	size_t reserve = event->desc->class == HAWK_CLASS_BULK ? o->ring.cap / BULK_RESERVE : 0;
	const struct hawk_buf *bytes;

	if (!told) {
		/* a policy that matches is as good as an event that is enabled */
		if (!has(o->allowed, event->desc->id) && (o->own_events || !is_matched(event)))
			return;
		if (!matches(o, sinks, event)) {
			hawk_count_add(&o->filtered, 1);
			return;
		}
		if (!limit_take(event->desc->id == HAWK_EV_FINDING ? &o->finding_limit : &o->limit, event->time)) {
			hawk_count_add(&o->rate_limited, 1);
			return;
		}
	}
	bytes = encode(o, sinks->number, event);
	if (bytes && !bytes->len)
		return; /* the format has nothing to say of it */
	if (bytes && hawk_ring_push(&o->ring, bytes->data, bytes->len, reserve))
		return;
	hawk_count_add(&o->dropped, 1);
	if (!told)
		atomic_fetch_add_explicit(&o->untold, 1, memory_order_relaxed);
}
