/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/sink/internal.h"

#define QUEUE_BYTES_DEFAULT ((size_t)8 * 1024 * 1024)

int hawk_sinks_new(struct hawk_sinks **ret, const struct hawk_ir_env *env, enum hawk_view view)
{
	struct hawk_sinks *sinks = calloc(1, sizeof(*sinks));

	if (!sinks)
		return -ENOMEM;
	pthread_mutex_init(&sinks->lock, NULL);
	pthread_mutex_init(&sinks->gate, NULL);
	if (env)
		sinks->env = *env;
	sinks->view = view;
	hawk_outlet_events(sinks->enabled, NULL);
	hawk_outlet_events(sinks->unfiltered, NULL);
	*ret = sinks;
	return 0;
}

/* Frees a sink that is not in the list any more and whose thread was asked to stop, if it has one. */
static struct hawk_sink *sink_free(struct hawk_sink *s, struct hawk_sinks *sinks)
{
	if (s->event_fd >= 0) {
		if (!hawk_worker_join(s))
			return NULL; /* the hanging thread still uses it */
		close(s->event_fd);
	}
	hawk_outlet_done(&s->outlet, sinks);
	hawk_sink_options_done(&s->options);
	hawk_buf_done(&s->encoded);
	hawk_buf_done(&s->scratch);
	hawk_buf_done(&s->scratch2);
	free(s->state);
	free(s);
	return NULL;
}

/* Fills a zeroed sink, its thread included, which does not go yet. */
static int sink_init(struct hawk_sink *s, struct hawk_sinks *sinks, const struct hawk_sink_options *options,
		     char **ret_why)
{
	const struct hawk_sink_ops *ops = hawk_sink_type(options->type);
	const char *own = options->cee ? "json" : NULL; /* what a form of its own needs */
	const char *format = ops->encode ? own : options->format ? options->format : "json";
	const struct hawk_outlet_options outlet = {
		.type = ops->type,
		.name = options->name,
		.filters = options->filters,
		.n_filters = options->n_filters,
		.queue_bytes = options->queue_bytes ? options->queue_bytes : QUEUE_BYTES_DEFAULT,
		.format = format,
		.rate_per_second = options->rate_per_second,
		.rate_burst = options->rate_burst,
		.view = options->view,
	};
	int r;

	s->ops = ops;
	s->outlet.sink = s;
	s->outlet.wake = hawk_worker_wake;
	s->encoded.max = HAWK_SINK_ENCODED_MAX;
	r = hawk_sink_options_copy(&s->options, options);
	if (r == 0)
		r = hawk_outlet_init(&s->outlet, sinks, &outlet, ret_why);
	if (r < 0)
		return r;
	s->state = calloc(1, ops->state_size + 1);
	return s->state ? hawk_worker_start(s) : -ENOMEM;
}

static int sink_new(struct hawk_sink **ret, struct hawk_sinks *sinks, const struct hawk_sink_options *options,
		    char **ret_why)
{
	struct hawk_sink *s;
	int r = hawk_sink_options_check(options, ret_why);

	if (r < 0)
		return r;
	s = aligned_alloc(_Alignof(struct hawk_sink), sizeof(*s));
	if (!s)
		return -ENOMEM;
	memset(s, 0, sizeof(*s));
	s->event_fd = -1;
	r = sink_init(s, sinks, options, ret_why);
	if (r < 0) {
		sink_free(s, sinks);
		return r;
	}
	*ret = s;
	return 0;
}

static struct hawk_sink *sink_by_name(const struct hawk_sinks *sinks, const char *name)
{
	for (struct hawk_outlet *o = sinks->outlets; o; o = o->next)
		if (o->sink && strcmp(o->name, name) == 0)
			return o->sink;
	return NULL;
}

static int refuse_name(const char *name, char **ret_why)
{
	if (asprintf(ret_why, "sink %s: there is already a sink of this name", name) < 0)
		return -ENOMEM;
	return -EINVAL;
}

int hawk_sinks_add(struct hawk_sinks *sinks, const struct hawk_sink_options *options, char **ret_why)
{
	struct hawk_sink *s;
	int r;

	if (options->name && sink_by_name(sinks, options->name))
		return refuse_name(options->name, ret_why);
	r = sink_new(&s, sinks, options, ret_why);
	if (r < 0)
		return r;
	hawk_sinks_lock(sinks);
	hawk_outlet_attach(&s->outlet, sinks);
	hawk_sinks_unlock(sinks);
	hawk_worker_go(s);
	return 0;
}

/*
 * Takes the sinks that are not kept out of the list and ends them, all at once so that their time adds up to
 * that of one.
 */
static void drop_sinks(struct hawk_sinks *sinks, struct hawk_sink **fresh, size_t n_fresh)
{
	struct hawk_outlet *old = NULL;

	hawk_sinks_lock(sinks);
	for (struct hawk_outlet *o = sinks->outlets, *next; o; o = next) {
		next = o->next;
		if (!o->sink || o->sink->keep)
			continue;
		hawk_outlet_detach(o, sinks);
		o->next = old;
		old = o;
	}
	for (size_t i = 0; i < n_fresh; i++)
		if (fresh[i])
			hawk_outlet_attach(&fresh[i]->outlet, sinks);
	hawk_sinks_unlock(sinks);
	for (struct hawk_outlet *o = old; o; o = o->next)
		hawk_worker_stop(o->sink);
	for (struct hawk_outlet *next; old; old = next) {
		next = old->next;
		sink_free(old->sink, sinks);
	}
}

int hawk_sinks_configure(struct hawk_sinks *sinks, const struct hawk_sink_options *options, size_t n,
			 char **ret_why)
{
	_cleanup_free_ struct hawk_sink **fresh = calloc(n + 1, sizeof(*fresh));
	int r = fresh ? 0 : -ENOMEM;

	for (struct hawk_outlet *o = sinks->outlets; o; o = o->next)
		if (o->sink)
			o->sink->keep = false;
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct hawk_sink *same = options[i].name ? sink_by_name(sinks, options[i].name) : NULL;

		for (size_t j = 0; r == 0 && options[i].name && j < i; j++)
			if (strcmp(options[j].name, options[i].name) == 0)
				r = refuse_name(options[i].name, ret_why);
		if (r == 0 && same && hawk_sink_options_equal(&same->options, &options[i]))
			same->keep = true;
		else if (r == 0)
			r = sink_new(&fresh[i], sinks, &options[i], ret_why);
	}
	if (r == 0)
		drop_sinks(sinks, fresh, n);
	for (size_t i = 0; fresh && i < n; i++) {
		if (!fresh[i])
			continue;
		if (r == 0) {
			hawk_worker_go(fresh[i]);
		} else {
			hawk_worker_stop(fresh[i]);
			sink_free(fresh[i], sinks);
		}
	}
	return r;
}

struct hawk_sinks *hawk_sinks_free(struct hawk_sinks *sinks)
{
	if (!sinks)
		return NULL;
	for (struct hawk_outlet *o = sinks->outlets; o; o = o->next)
		if (o->sink)
			o->sink->keep = false;
	drop_sinks(sinks, NULL, 0);
	pthread_mutex_destroy(&sinks->lock);
	pthread_mutex_destroy(&sinks->gate);
	free(sinks);
	return NULL;
}

void hawk_sinks_set_enabled(struct hawk_sinks *sinks, const uint64_t *bits)
{
	uint64_t ids[HAWK_SINK_WORDS];

	hawk_outlet_events(ids, bits);
	hawk_sinks_lock(sinks);
	memcpy(sinks->enabled, ids, sizeof(ids));
	for (struct hawk_outlet *o = sinks->outlets; o; o = o->next)
		if (!o->own_events)
			memcpy(o->allowed, ids, sizeof(ids));
	hawk_sinks_unlock(sinks);
}

void hawk_sinks_set_unfiltered(struct hawk_sinks *sinks, const uint64_t *bits)
{
	uint64_t ids[HAWK_SINK_WORDS];

	hawk_outlet_events(ids, bits);
	hawk_sinks_lock(sinks);
	memcpy(sinks->unfiltered, ids, sizeof(ids));
	hawk_sinks_unlock(sinks);
}

bool hawk_sinks_wants(const struct hawk_sinks *sinks, uint16_t event)
{
	if (!(sinks->unfiltered[event / 64] >> event % 64 & 1))
		return false;
	for (const struct hawk_outlet *o = sinks->outlets; o; o = o->next)
		if (o->allowed[event / 64] >> event % 64 & 1)
			return true;
	return false;
}

/* Inside a batch the pipeline thread has the lock already: taking it per event was a tenth of its time. */
static void enter(struct hawk_sinks *sinks)
{
	if (!sinks->batch)
		pthread_mutex_lock(&sinks->lock);
}

static void leave(struct hawk_sinks *sinks)
{
	if (!sinks->batch)
		pthread_mutex_unlock(&sinks->lock);
}

/* A mutex given up and taken again at once would starve who waits for it. */
static void let_in(struct hawk_sinks *sinks)
{
	pthread_mutex_unlock(&sinks->lock);
	pthread_mutex_lock(&sinks->gate);
	pthread_mutex_lock(&sinks->lock);
	pthread_mutex_unlock(&sinks->gate);
}

void hawk_sinks_lock(struct hawk_sinks *sinks)
{
	atomic_fetch_add(&sinks->waiting, 1);
	pthread_mutex_lock(&sinks->gate);
	pthread_mutex_lock(&sinks->lock);
	atomic_fetch_sub(&sinks->waiting, 1);
}

void hawk_sinks_unlock(struct hawk_sinks *sinks)
{
	pthread_mutex_unlock(&sinks->lock);
	pthread_mutex_unlock(&sinks->gate);
}

void hawk_sinks_batch_begin(struct hawk_sinks *sinks)
{
	pthread_mutex_lock(&sinks->lock);
	sinks->batch = true;
}

bool hawk_sinks_want_other(struct hawk_sinks *sinks)
{
	bool wanted = false;

	hawk_sinks_lock(sinks);
	for (const struct hawk_outlet *o = sinks->outlets; o && !wanted; o = o->next)
		wanted = o->other;
	hawk_sinks_unlock(sinks);
	return wanted;
}

bool hawk_sinks_filters(const struct hawk_sinks *sinks, uint16_t event, const struct hawk_ir **ret, size_t max,
			size_t *ret_n)
{
	size_t n = 0;

	for (const struct hawk_outlet *o = sinks->outlets; o; o = o->next) {
		if (!(o->allowed[event / 64] & o->selected[event / 64] & 1ULL << event % 64))
			continue;
		/* in the other view paths are others */
		if (!o->n_filters || o->other || o->n_filters > max - n)
			return false;
		for (size_t i = 0; i < o->n_filters; i++)
			ret[n++] = o->filters[i];
	}
	*ret_n = n;
	return n;
}

void hawk_sinks_event(struct hawk_sinks *sinks, const struct hawk_event *event)
{
	const struct hawk_event *other = NULL;

	if (sinks->batch && atomic_load_explicit(&sinks->waiting, memory_order_relaxed))
		let_in(sinks);
	enter(sinks);
	sinks->number++;
	for (struct hawk_outlet *o = sinks->outlets; o; o = o->next) {
		if (o->other && !other)
			other = hawk_event_other(event, &sinks->other);
		hawk_outlet_offer(o, sinks, o->other ? other : event);
	}
	leave(sinks);
}

void hawk_sinks_batch_end(struct hawk_sinks *sinks)
{
	enter(sinks);
	for (struct hawk_outlet *o = sinks->outlets; o; o = o->next)
		if (hawk_ring_flush(&o->ring))
			o->wake(o);
	sinks->batch = false;
	leave(sinks);
}

void hawk_sinks_reopen(struct hawk_sinks *sinks)
{
	hawk_sinks_lock(sinks);
	for (struct hawk_outlet *o = sinks->outlets; o; o = o->next)
		if (o->sink) {
			atomic_store(&o->sink->reopen, true);
			o->wake(o);
		}
	hawk_sinks_unlock(sinks);
}

size_t hawk_sinks_stats(struct hawk_sinks *sinks, struct hawk_sink_stats *stats, size_t max)
{
	size_t n = 0;

	hawk_sinks_lock(sinks);
	for (struct hawk_outlet *o = sinks->outlets; o; o = o->next, n++) {
		struct hawk_sink *s = o->sink;

		if (n >= max)
			continue;
		stats[n] = (struct hawk_sink_stats){
			.name = o->name,
			.type = o->type,
			.events = hawk_count_get(&o->events),
			.bytes = hawk_count_get(&o->bytes),
			.filtered = hawk_count_get(&o->filtered),
			.lost = hawk_count_get(&o->dropped) + hawk_count_get(&o->abandoned),
			.errors = s ? hawk_count_get(&s->errors) : 0,
			.retries = s ? hawk_count_get(&s->retries) : 0,
			.rate_limited = hawk_count_get(&o->rate_limited),
			.queued_bytes = hawk_ring_bytes(&o->ring),
			.queue_bytes = o->ring.cap,
			.last_error = s ? atomic_load(&s->last_error) : 0,
		};
	}
	hawk_sinks_unlock(sinks);
	return n;
}

uint64_t hawk_sinks_take_lost(struct hawk_sinks *sinks, char name[static 64])
{
	uint64_t n = 0;

	enter(sinks);
	for (struct hawk_outlet *o = sinks->outlets; o && !n; o = o->next) {
		n = o->sink ? atomic_exchange(&o->untold, 0) : 0;
		if (n)
			snprintf(name, 64, "%s", o->name);
	}
	leave(sinks);
	return n;
}
