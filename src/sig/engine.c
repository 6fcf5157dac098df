/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/sig/engine.h"

#include <errno.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "src/sig/hash.h"
#include "src/sig/internal.h"

#define STATE_BYTES ((size_t)24 * 1024 * 1024)
#define SEEN_ENTRIES 262144
#define ARENA_BYTES ((size_t)256 * 1024)
#define MESSAGE_MAX 8192

DEFINE_CLEANUP(struct hawk_sig_engine, hawk_sig_engine_free)

int hawk_sig_engine_new(struct hawk_sig_engine **ret, const struct hawk_sig_limits *limits)
{
	_cleanup_(hawk_sig_engine_freep) struct hawk_sig_engine *e = calloc(1, sizeof(*e));
	_cleanup_free_ char *why = NULL;
	int r;

	if (!e)
		return -ENOMEM;
	e->seed = hawk_sig_seed();
	e->json.max = HAWK_FORMAT_EVENT_MAX;
	e->message.max = MESSAGE_MAX;
	e->arena.size = ARENA_BYTES;
	e->arena.data = aligned_alloc(16, ARENA_BYTES);
	if (!e->arena.data)
		return -ENOMEM;
	r = hawk_format_new(&e->format, "json", false, &why);
	if (r == 0)
		r = hawk_sig_state_init(&e->state, limits->state_bytes ? limits->state_bytes : STATE_BYTES);
	if (r == 0)
		r = hawk_sig_seen_init(&e->seen, limits->seen_entries ? limits->seen_entries : SEEN_ENTRIES);
	if (r == 0)
		*ret = TAKE_PTR(e);
	return r;
}

struct hawk_sig_engine *hawk_sig_engine_free(struct hawk_sig_engine *e)
{
	if (!e)
		return NULL;
	hawk_sig_state_done(&e->state);
	hawk_sig_seen_done(&e->seen);
	hawk_format_free(e->format);
	hawk_buf_done(&e->json);
	hawk_buf_done(&e->message);
	for (size_t i = 0; i < HAWK_SIG_CHAINED_MAX; i++)
		hawk_buf_done(&e->queue[i].text);
	free(e->arena.data);
	free(e);
	return NULL;
}

static bool first_seen(void *ctx, uint64_t hash)
{
	struct hawk_sig_engine *e = ctx;

	return hawk_sig_seen_new(&e->seen, hawk_sig_mix(hash ^ e->seed, e->run->salt));
}

struct hawk_cel_input hawk_sig_input(struct hawk_sig_engine *e, const struct hawk_sig_captures *captures)
{
	e->arena.used = 0;
	return (struct hawk_cel_input){
		.event = e->event,
		.model = e->model,
		.captures = captures ? captures->values : NULL,
		.n_captures = captures ? captures->n : 0,
		.first_seen = first_seen,
		.ctx = e,
		.arena = &e->arena,
	};
}

/* --- sets --- */

/* What FROM knows is now that of TO: the same signature in the next set. */
static void move(struct hawk_sig_run *to, struct hawk_sig_run *from)
{
	to->counts = from->counts;
	to->bytes = from->bytes;
	to->newest = from->newest;
	to->oldest = from->oldest;
	for (struct hawk_sig_instance *i = to->newest; i; i = i->older)
		i->run = to;
	from->newest = from->oldest = NULL;
	from->bytes = 0;
}

void hawk_sig_engine_use(struct hawk_sig_engine *e, const struct hawk_sig_set *set)
{
	const struct hawk_sig_set *before = e->set;
	struct hawk_sig_run *was_fat = e->state.fat, *fat = before == set ? was_fat : NULL;

	for (size_t i = 0; i < set->n_runs; i++) {
		const struct hawk_sig *sig = set->runs[i].sig;

		set->runs[i].salt = hawk_sig_hash(e->seed ^ sig->digest, sig->id, strlen(sig->id));
	}
	for (size_t i = 0; before && before != set && i < before->n_runs; i++) {
		struct hawk_sig_run *from = &before->runs[i], *to = hawk_sig_set_run(set, from->sig->id);

		if (to && to->sig->digest == from->sig->digest) {
			move(to, from);
			fat = from == was_fat ? to : fat;
			continue;
		}
		while (from->newest)
			hawk_sig_state_drop(&e->state, from->newest);
	}
	e->state.fat = fat;
	e->set = set;
}

/* --- events --- */

/* Has all signatures look at an event. */
static void look(struct hawk_sig_engine *e, const struct hawk_event *event, unsigned int depth)
{
	const struct hawk_sig_set *set = e->set;
	size_t n = hawk_sig_set_find(set, event, e->model ? &e->model->env : NULL);

	if (!n)
		return;
	e->event = event;
	e->depth = depth;
	e->formatted = false;
	e->trace.desc = NULL;
	hawk_sig_seen_mark(&e->seen);
	for (size_t from = 0, to; from < n; from = to) {
		struct hawk_sig_run *run = &set->runs[set->matchers[set->scratch->hits[from]].run];

		for (to = from + 1; to < n; to++)
			if (&set->runs[set->matchers[set->scratch->hits[to]].run] != run)
				break;
		e->run = run;
		run->counts.evaluated++;
		e->stats.evaluated++;
		hawk_sig_step(e, run, set->scratch->hits + from, to - from);
	}
}

/* What was found is an event for others. */
static void drain(struct hawk_sig_engine *e)
{
	for (size_t i = 0; i < e->n_queue; i++)
		look(e, &e->queue[i].event, e->queue[i].depth);
	e->n_queue = 0;
}

/* The time of I is over: what should have come did not. */
static void end(struct hawk_sig_engine *e, struct hawk_sig_instance *i)
{
	if (i->what == HAWK_SIG_WAITING && i->kept) {
		i->what = HAWK_SIG_ENDED;
		e->event = hawk_sig_kept_event(i->kept);
		e->run = i->run;
		e->depth = i->depth;
		e->formatted = false;
		e->trace.desc = NULL;
		hawk_sig_seen_mark(&e->seen);
		hawk_sig_found(e, i->run, i, i->captures, i->expires - 1);
		drain(e);
	}
	hawk_sig_state_drop(&e->state, i);
}

static void advance(struct hawk_sig_engine *e, uint64_t time)
{
	struct hawk_sig_instance *i;

	e->now = time > e->now ? time : e->now;
	while ((i = hawk_sig_state_expired(&e->state, e->now)))
		end(e, i);
}

static void begin(struct hawk_sig_engine *e, const struct hawk_model *model, hawk_sig_tell tell, void *ctx)
{
	e->model = model;
	e->tell = tell;
	e->ctx = ctx;
}

void hawk_sig_engine_event(struct hawk_sig_engine *e, const struct hawk_event *event, const struct hawk_model *model,
			   hawk_sig_tell tell, void *ctx)
{
	if (!e->set)
		return;
	begin(e, model, tell, ctx);
	e->stats.events++;
	advance(e, event->time);
	look(e, event, 0);
	drain(e);
	hawk_sig_state_trim(&e->state, e->set);
}

void hawk_sig_engine_advance(struct hawk_sig_engine *e, uint64_t time, const struct hawk_model *model,
			     hawk_sig_tell tell, void *ctx)
{
	if (!e->set)
		return;
	begin(e, model, tell, ctx);
	advance(e, time);
	hawk_sig_state_trim(&e->state, e->set);
}

/* --- numbers --- */

struct hawk_sig_stats hawk_sig_engine_stats(const struct hawk_sig_engine *e)
{
	struct hawk_sig_stats stats = e->stats;

	stats.instances = e->state.instances;
	stats.bytes = e->state.bytes + e->state.ring_size;
	stats.evicted = e->state.evicted;
	stats.exhausted = e->arena.exhausted;
	return stats;
}

bool hawk_sig_engine_counts(const struct hawk_sig_engine *e, const char *id, struct hawk_sig_counts *ret)
{
	const struct hawk_sig_run *run = e->set ? hawk_sig_set_run(e->set, id) : NULL;

	if (run)
		*ret = run->counts;
	return run != NULL;
}
