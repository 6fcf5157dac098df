/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How an event takes a signature further. */
#include <errno.h>
#include <stdlib.h>

#include "src/format/format.h"
#include "src/sig/hash.h"
#include "src/sig/internal.h"

#define SAME_KEY_MAX 64 /* instances that belong to the same one: of those that differ in what they captured */

/* An event at a signature. */
struct work {
	struct hawk_sig_engine *e;
	struct hawk_sig_run *run;
	const struct hawk_sig *sig;
	const uint32_t *hits;
	size_t n;
	bool excepted;
	enum { NOT_TRIED, DOES_NOT, DOES } fits[HAWK_SIG_STEPS_MAX];
	uint64_t keys[HAWK_SIG_ANCESTORS_MAX + 1];
	size_t n_keys;
};

static bool has_hit(const struct work *w, size_t step)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->e->set->matchers[w->hits[i]].step == step)
			return true;
	return false;
}

/* What an exception is about is not looked at; it counts once per event. */
static bool excepted(struct work *w, const struct hawk_sig_captures *captures)
{
	for (size_t i = 0; i < w->sig->n_exceptions; i++) {
		struct hawk_cel_input in = hawk_sig_input(w->e, captures);

		if (!hawk_cel_test(w->sig->exceptions[i].where, &in))
			continue;
		w->run->counts.excepted += !w->excepted;
		w->e->stats.excepted += !w->excepted;
		w->excepted = true;
		return true;
	}
	return false;
}

static bool try_matches(struct work *w, size_t step, const struct hawk_sig_captures *captures)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct hawk_sig_matcher *m = &w->e->set->matchers[w->hits[i]];
		struct hawk_cel_input in;

		if (m->step != step)
			continue;
		if (!m->match->where)
			return true;
		in = hawk_sig_input(w->e, captures);
		if (hawk_cel_test(m->match->where, &in))
			return true;
	}
	return false;
}

/* Whether the event is one of STEP; asked once unless it depends on what was captured. */
static bool fits(struct work *w, size_t step, const struct hawk_sig_captures *captures)
{
	bool fit;

	if (!captures && w->fits[step] != NOT_TRIED)
		return w->fits[step] == DOES;
	fit = try_matches(w, step, captures) && (w->sig->steps[step].absent || !excepted(w, captures));
	if (!captures)
		w->fits[step] = fit ? DOES : DOES_NOT;
	return fit;
}

/* --- captures --- */

static size_t size_of(const struct hawk_sig_captures *c)
{
	return c ? c->size : 0;
}

/* What was captured before and what STEP captures; NULL when there is nothing, or no memory. */
static struct hawk_sig_captures *capture(struct work *w, size_t step, const struct hawk_sig_captures *before)
{
	struct hawk_cel_input in = hawk_sig_input(w->e, before);
	struct hawk_cel_value values[HAWK_CEL_CAPTURES_MAX] = { 0 };

	if (!w->sig->n_captures || w->sig->n_captures > HAWK_CEL_CAPTURES_MAX)
		return NULL;
	if (before)
		memcpy(values, before->values, before->n * sizeof(*values));
	for (size_t i = 0; i < w->sig->steps[step].n_captures; i++) {
		const struct hawk_sig_capture *c = &w->sig->steps[step].captures[i];

		if (c->index < w->sig->n_captures)
			hawk_cel_eval(c->value, &in, &values[c->index]);
	}
	return hawk_sig_captures_copy(values, w->sig->n_captures);
}

static uint64_t hash_of(const struct work *w, const struct hawk_sig_captures *c)
{
	uint64_t hash = 0;

	for (size_t i = 0; c && i < c->n; i++)
		hash = hawk_sig_mix(hash, hawk_cel_hash(&c->values[i], w->e->seed));
	return hash;
}

/* Gives I other captures, which it takes over. */
static void set_captures(struct work *w, struct hawk_sig_instance *i, struct hawk_sig_captures *c)
{
	hawk_sig_state_grow(&w->e->state, i, size_of(c) - size_of(i->captures));
	free(i->captures);
	i->captures = c;
	i->captured = hash_of(w, c);
}

/* --- instances --- */

static uint64_t end_of(const struct hawk_sig *sig, uint64_t start)
{
	return sig->within && start + sig->within >= start ? start + sig->within + 1 : UINT64_MAX;
}

/* Events before that are too old to count. */
static uint64_t since(const struct work *w)
{
	uint64_t time = w->e->event->time;

	return w->sig->within && time > w->sig->within ? time - w->sig->within : 0;
}

static bool is_open(const struct hawk_sig_instance *i)
{
	return i->what == HAWK_SIG_PARTIAL || i->what == HAWK_SIG_WAITING;
}

/* Another instance that stands where I does and knows the same. */
static struct hawk_sig_instance *twin_of(const struct work *w, uint64_t key, uint8_t step, uint64_t captured,
					 const struct hawk_sig_instance *but)
{
	struct hawk_sig_instance *i = NULL;

	while ((i = hawk_sig_state_find(&w->e->state, key, i)))
		if (i != but && is_open(i) && i->step == step && i->captured == captured && !i->n_counts)
			return i;
	return NULL;
}

/* Who makes ever new values may not make ever more instances: the oldest goes. */
static void limit(struct work *w, uint64_t key)
{
	struct hawk_sig_instance *i = NULL, *next;
	size_t n = 0;

	while ((i = hawk_sig_state_find(&w->e->state, key, i)))
		n++;
	for (i = hawk_sig_state_find(&w->e->state, key, NULL); i && n > SAME_KEY_MAX; i = next) {
		next = hawk_sig_state_find(&w->e->state, key, i);
		hawk_sig_state_drop(&w->e->state, i);
		w->e->state.evicted++;
		n--;
	}
}

static void drop_counts(struct hawk_sig_engine *e, struct hawk_sig_instance *i)
{
	for (size_t k = 0; k < i->n_counts; k++) {
		hawk_sig_state_grow(&e->state, i, -(i->counts[k].cap * sizeof(*i->counts[k].v)));
		free(i->counts[k].v);
	}
	hawk_sig_state_grow(&e->state, i, -(i->n_counts * sizeof(*i->counts)));
	free(i->counts);
	i->counts = NULL;
	i->n_counts = 0;
}

static int make_counts(struct hawk_sig_engine *e, struct hawk_sig_instance *i, size_t n)
{
	if (i->n_counts)
		return 0;
	i->counts = calloc(n, sizeof(*i->counts));
	if (!i->counts)
		return -ENOMEM;
	i->n_counts = (uint8_t)n;
	hawk_sig_state_grow(&e->state, i, n * sizeof(*i->counts));
	return 0;
}

static uint32_t wanted(const struct hawk_sig_step *s)
{
	return s->count > HAWK_SIG_COUNT_MAX ? HAWK_SIG_COUNT_MAX : s->count > 1 ? s->count : 1;
}

static bool counts(const struct hawk_sig_step *s)
{
	return wanted(s) > 1;
}

/* What the event counts as. Returns false when it does not: what must differ is not known. */
static bool counted(struct work *w, size_t step, const struct hawk_sig_captures *captures, struct hawk_sig_counted *ret)
{
	const struct hawk_sig_step *s = &w->sig->steps[step];
	struct hawk_cel_input in = hawk_sig_input(w->e, captures);
	struct hawk_cel_value v;

	*ret = (struct hawk_sig_counted){ w->e->event->time, 0 };
	if (!s->distinct)
		return true;
	hawk_cel_eval(s->distinct, &in, &v);
	ret->hash = hawk_cel_hash(&v, w->e->seed);
	return v.type != HAWK_CEL_UNKNOWN;
}

/* What comes behind the last step that was seen: a wait for what must not come, or more. I stands at that step now. */
static void settle(struct work *w, struct hawk_sig_instance *i)
{
	const bool absent = w->sig->steps[i->step].absent;
	struct hawk_sig_instance *twin = twin_of(w, i->key, i->step, i->captured, i);
	size_t bytes = 0;

	drop_counts(w->e, i);
	/* The later start reaches further; but whoever waits in vain waits since the earlier one. */
	if (twin && absent) {
		hawk_sig_state_drop(&w->e->state, i);
		return;
	}
	if (twin)
		hawk_sig_state_drop(&w->e->state, twin);
	if (absent) {
		i->what = HAWK_SIG_WAITING;
		i->kept = hawk_sig_keep(w->e->event, &bytes);
		hawk_sig_state_grow(&w->e->state, i, bytes);
	}
	hawk_sig_state_touch(i);
	hawk_sig_state_expire(&w->e->state, i, end_of(w->sig, i->start));
}

static struct hawk_sig_instance *copy(struct work *w, const struct hawk_sig_instance *from)
{
	struct hawk_sig_instance *i;

	i = hawk_sig_state_add(&w->e->state, w->run, from->key, HAWK_SIG_PARTIAL, from->step);
	if (!i)
		return NULL;
	i->start = from->start;
	i->depth = from->depth;
	i->n_traces = from->n_traces;
	memcpy(i->traces, from->traces, w->run->n_evidence * sizeof(*i->traces));
	return i;
}

/* --- steps in order --- */

static void complete(struct work *w, struct hawk_sig_instance *i, const struct hawk_sig_captures *captures)
{
	hawk_sig_found(w->e, w->run, i, captures, w->e->event->time);
	hawk_sig_state_drop(&w->e->state, i);
}

/* The first step: so many events of it in any stretch of the time. */
static void start_counted(struct work *w)
{
	struct hawk_sig_engine *e = w->e;
	const struct hawk_sig_step *s = &w->sig->steps[0];
	struct hawk_sig_instance *i = NULL;
	struct hawk_sig_counted one;

	if (!counted(w, 0, NULL, &one))
		return;
	for (size_t k = 0; k < w->n_keys && !i; k++)
		do
			i = hawk_sig_state_find(&e->state, w->keys[k], i);
		while (i && !(is_open(i) && i->step == 0));
	if (!i)
		i = hawk_sig_state_add(&e->state, w->run, w->keys[0], HAWK_SIG_PARTIAL, 0);
	if (!i || make_counts(e, i, 1) < 0 ||
	    hawk_sig_count_add(&e->state, i, i->counts, wanted(s), since(w), s->distinct, one) < 0)
		return;
	i->start = i->counts[0].v[0].time;
	hawk_sig_note(e, i, 0, i->start);
	hawk_sig_state_touch(i);
	hawk_sig_state_expire(&e->state, i, end_of(w->sig, one.time));
	if (i->counts[0].n < wanted(s))
		return;
	set_captures(w, i, capture(w, 0, NULL));
	if (w->sig->n_steps == 1) {
		complete(w, i, i->captures);
		return;
	}
	i->step = 1;
	settle(w, i);
}

static void start_one(struct work *w)
{
	struct hawk_sig_engine *e = w->e;
	struct hawk_sig_captures *captures = capture(w, 0, NULL);
	struct hawk_sig_instance *i = twin_of(w, w->keys[0], 1, hash_of(w, captures), NULL);

	if (i && w->sig->steps[1].absent) {
		free(captures);
		return;
	}
	if (!i)
		i = hawk_sig_state_add(&e->state, w->run, w->keys[0], HAWK_SIG_PARTIAL, 1);
	if (!i) {
		free(captures);
		return;
	}
	i->start = e->event->time;
	i->n_traces = 0;
	i->depth = 0;
	hawk_sig_note(e, i, 0, 0);
	set_captures(w, i, captures);
	settle(w, i);
}

/* The event is one of the step that I waits for. */
static void advance(struct work *w, struct hawk_sig_instance *i)
{
	const struct hawk_sig_step *s = &w->sig->steps[i->step];
	struct hawk_sig_captures *captures;
	struct hawk_sig_counted one;

	if (s->absent) {
		hawk_sig_state_drop(&w->e->state, i);
		return;
	}
	if (counts(s)) {
		if (!counted(w, i->step, i->captures, &one) || make_counts(w->e, i, 1) < 0 ||
		    hawk_sig_count_add(&w->e->state, i, i->counts, wanted(s), 0, s->distinct, one) < 0)
			return;
		hawk_sig_state_touch(i);
		if (i->counts[0].n < wanted(s)) {
			hawk_sig_note(w->e, i, i->step, 0);
			return;
		}
	}
	captures = capture(w, i->step, i->captures);
	if ((size_t)i->step + 1 == w->sig->n_steps) {
		hawk_sig_note(w->e, i, i->step, 0);
		complete(w, i, captures);
		free(captures);
		return;
	}
	/* With another value another event of this step may lead further. */
	if (s->n_captures && !counts(s))
		i = copy(w, i);
	if (!i) {
		free(captures);
		return;
	}
	hawk_sig_note(w->e, i, i->step, 0);
	set_captures(w, i, captures);
	i->step++;
	settle(w, i);
}

/* Those of KEY that wait for STEP. What happens to them changes none of the others here. */
static void advance_all(struct work *w, uint64_t key, uint8_t step)
{
	struct hawk_sig_instance *all[SAME_KEY_MAX], *i = NULL;
	size_t n = 0;

	while (n < SAME_KEY_MAX && (i = hawk_sig_state_find(&w->e->state, key, i)))
		if (is_open(i) && i->step == step)
			all[n++] = i;
	for (size_t k = 0; k < n; k++) {
		if (w->sig->within && w->e->event->time > all[k]->start + w->sig->within)
			hawk_sig_state_drop(&w->e->state, all[k]);
		else if (fits(w, step, all[k]->captures))
			advance(w, all[k]);
	}
	if (w->sig->n_captures)
		limit(w, key);
}

static void ordered(struct work *w)
{
	/* From the last one, so that an event takes nobody two steps further. */
	for (size_t step = w->sig->n_steps; step-- > 1;)
		for (size_t k = 0; has_hit(w, step) && k < w->n_keys; k++)
			advance_all(w, w->keys[k], (uint8_t)step);
	if (!has_hit(w, 0) || !fits(w, 0, NULL))
		return;
	if (counts(&w->sig->steps[0]))
		start_counted(w);
	else if (w->sig->n_steps > 1)
		start_one(w);
	if (w->sig->n_captures)
		limit(w, w->keys[0]);
}

/* --- steps in any order --- */

/* How many of the events of a step are in the time. */
static uint32_t in_time(const struct hawk_sig_count *c, uint64_t since_when)
{
	uint32_t n = c->n;

	for (uint32_t i = 0; i < c->n && c->v[i].time < since_when; i++)
		n--;
	return n;
}

/* The step that the event is to count for: one that is still open, else any; -1: none. */
static int choose(struct work *w, const struct hawk_sig_instance *i)
{
	int any = -1;

	for (size_t s = 0; s < w->sig->n_steps; s++) {
		if (w->sig->steps[s].absent || !has_hit(w, s) || !fits(w, s, NULL))
			continue;
		if (!i || in_time(&i->counts[s], since(w)) < wanted(&w->sig->steps[s]))
			return (int)s;
		any = any < 0 ? (int)s : any;
	}
	return any;
}

static bool all_there(struct work *w, struct hawk_sig_instance *i)
{
	uint64_t start = UINT64_MAX;

	for (size_t s = 0; s < w->sig->n_steps; s++) {
		const struct hawk_sig_count *c = &i->counts[s];
		uint32_t n = in_time(c, since(w));

		if (n < wanted(&w->sig->steps[s]))
			return false;
		start = c->v[c->n - n].time < start ? c->v[c->n - n].time : start;
	}
	i->start = start;
	return true;
}

static void unordered(struct work *w)
{
	struct hawk_sig_engine *e = w->e;
	struct hawk_sig_instance *i = NULL;
	struct hawk_sig_counted one;
	int step;

	for (size_t k = 0; k < w->n_keys && !i; k++)
		i = hawk_sig_state_find(&e->state, w->keys[k], NULL);
	step = choose(w, i);
	if (step < 0 || !counted(w, (size_t)step, NULL, &one))
		return;
	if (!i)
		i = hawk_sig_state_add(&e->state, w->run, w->keys[0], HAWK_SIG_PARTIAL, 0);
	if (!i)
		return;
	if (make_counts(e, i, w->sig->n_steps) < 0) {
		hawk_sig_state_drop(&e->state, i);
		return;
	}
	if (hawk_sig_count_add(&e->state, i, &i->counts[step], wanted(&w->sig->steps[step]), since(w),
			       w->sig->steps[step].distinct, one) < 0)
		return;
	hawk_sig_note(e, i, (uint8_t)step, since(w));
	hawk_sig_state_touch(i);
	hawk_sig_state_expire(&e->state, i, end_of(w->sig, one.time));
	if (all_there(w, i))
		complete(w, i, NULL);
}

/* --- */

void hawk_sig_note(struct hawk_sig_engine *e, struct hawk_sig_instance *i, uint8_t step, uint64_t since)
{
	const struct hawk_event *event = e->event;
	struct hawk_sig_trace trace;

	if (!e->trace.desc) {
		size_t len;

		hawk_sig_format(e);
		len = e->json.len < HAWK_SIG_EVIDENCE_MAX ? e->json.len : HAWK_SIG_EVIDENCE_MAX;
		e->trace = (struct hawk_sig_trace){
			.desc = event->desc,
			.time = event->time,
			.start = event->start,
			.tgid = event->tgid,
			.len = (uint32_t)len,
			.at = hawk_sig_ring_put(&e->state, e->json.data, len),
		};
	}
	trace = e->trace;
	trace.step = step;
	hawk_sig_trace_add(i, &trace, since);
	i->depth = e->depth > i->depth ? (uint8_t)e->depth : i->depth;
}

static void single(struct work *w)
{
	struct hawk_sig_captures *captures;

	if (!fits(w, 0, NULL))
		return;
	captures = capture(w, 0, NULL);
	hawk_sig_found(w->e, w->run, NULL, captures, w->e->event->time);
	free(captures);
}

void hawk_sig_step(struct hawk_sig_engine *e, struct hawk_sig_run *run, const uint32_t *hits, size_t n)
{
	struct work w = { .e = e, .run = run, .sig = run->sig, .hits = hits, .n = n };

	if (run->plain) {
		single(&w);
		return;
	}
	w.n_keys = hawk_sig_keys(e, run, w.keys);
	if (!w.n_keys)
		return;
	if (w.sig->unordered)
		unordered(&w);
	else
		ordered(&w);
}
