/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/inspect.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/collect/peek.h"
#include "src/collect/types.h"
#include "src/event/process.h"

DEFINE_CLEANUP(struct hawk_format, hawk_format_free)

/* Names of functions that the daemon hooks itself. */
#define OWN_MAX 1024

struct hawk_inspect {
	struct hawk_collect *collect;
	struct hawk_pipeline *pipeline;
	pthread_t thread;
	_Atomic bool stop;

	pthread_mutex_t lock; /* first, the states of inspections, last */
	pthread_cond_t begun;
	struct hawk_inspection *first;
	struct hawk_check_result last[HAWK_CHECK_MAX]; /* of the timer's runs */

	/* the thread's own */
	struct hawk_peek *peek;
	struct hawk_layout *layout; /* NULL: not known */
	struct {
		uint64_t hash;
		uint16_t event;
	} known[HAWK_ANOMALIES_MAX]; /* what the last run of the timer found */
	size_t n_known;

	/* the control thread's own */
	unsigned int wanted;
	uint64_t due;
};

static struct hawk_inspection *inspection_free(struct hawk_inspection *i)
{
	free(i->what);
	free(i->why);
	hawk_buf_done(&i->events);
	hawk_buf_done(&i->own);
	free(i);
	return NULL;
}

/* --- the thread --- */

static int read_memory(void *ctx, uint64_t address, void *to, size_t len)
{
	struct hawk_inspect *s = ctx;

	return atomic_load(&s->stop) ? -ECANCELED : hawk_peek_read(s->peek, address, to, len);
}

static int type_member(void *ctx, const char *type, const char *member)
{
	return hawk_types_member(ctx, type, member);
}

static int type_size(void *ctx, const char *type)
{
	return hawk_types_size(ctx, type);
}

static void type_functions(void *ctx, const char *type, void (*fn)(void *arg, const char *name, uint32_t offset),
			   void *arg)
{
	hawk_types_functions(ctx, type, fn, arg);
}

/* At the first use: a daemon that checks nothing needs neither. */
static int prepare(struct hawk_inspect *s)
{
	struct hawk_types *types;
	int r = s->peek ? 0 : hawk_peek_new(&s->peek, s->collect);

	if (r < 0 || s->layout)
		return r;
	r = hawk_types_new(&types, s->collect);
	if (r < 0) {
		hawk_debug("types of the kernel: %s", strerror(-r));
		return 0; /* the checks say what they miss */
	}
	s->layout = calloc(1, sizeof(*s->layout));
	if (s->layout && !hawk_layout_fill(s->layout, &(struct hawk_layout_source){
						   type_member, type_size, type_functions, types })) {
		free(s->layout);
		s->layout = NULL;
	}
	hawk_types_free(types);
	return 0;
}

struct telling {
	struct hawk_inspect *s;
	struct hawk_inspection *i;
	const struct hawk_anomalies *findings;
};

/* The check that an event is of; print_mem_dump: -1. */
static int check_of(uint16_t event)
{
	return hawk_check_by_name(hawk_event_by_id(event)->name);
}

/* Told by a run of the timer before, to those who want it still. */
static bool is_known(const struct telling *t, const struct hawk_anomaly *g)
{
	uint64_t hash = hawk_anomaly_hash(t->findings, g);

	if (!t->i->timed || t->i->fresh >> check_of(g->event) & 1)
		return false;
	for (size_t k = 0; k < t->s->n_known; k++)
		if (t->s->known[k].hash == hash)
			return true;
	return false;
}

/* Makes events of the findings, and JSON of the events for whoever asked. Pipeline thread. */
static void tell_findings(void *arg, hawk_pipeline_emit emit, void *emit_ctx)
{
	_cleanup_(hawk_format_freep) struct hawk_format *format = NULL;
	_cleanup_free_ char *why = NULL;
	struct telling *t = arg;
	struct hawk_buf *out = &t->i->events;
	struct hawk_event event;

	if (!t->i->timed && hawk_format_new(&format, "json", false, &why) < 0)
		out->error = -ENOMEM;
	out->max = HAWK_FORMAT_EVENT_MAX;
	hawk_buf_putc(out, '[');
	for (size_t k = 0; k < t->findings->n; k++) {
		const struct hawk_anomaly *g = &t->findings->v[k];

		if (is_known(t, g))
			continue;
		hawk_anomaly_event(t->findings, g, &event);
		emit(emit_ctx, &event);
		if (!format || !event.process)
			continue;
		if (out->len > 1)
			hawk_buf_putc(out, ',');
		hawk_format_event(format, &event, out);
	}
	hawk_buf_putc(out, ']');
}

/* What the timer's run found replaces what it knew of these checks. */
static void remember(struct hawk_inspect *s, unsigned int checks, const struct hawk_anomalies *findings)
{
	size_t n = 0;

	for (size_t k = 0; k < s->n_known; k++) {
		if (!(checks >> check_of(s->known[k].event) & 1))
			s->known[n++] = s->known[k];
	}
	for (size_t k = 0; k < findings->n && n < HAWK_ANOMALIES_MAX; k++) {
		s->known[n].event = findings->v[k].event;
		s->known[n++].hash = hawk_anomaly_hash(findings, &findings->v[k]);
	}
	s->n_known = n;
}

/* What they did not see replaces what they did not see the last time. */
static void remember_results(struct hawk_inspect *s, const struct hawk_inspection *i)
{
	pthread_mutex_lock(&s->lock);
	for (int k = 0; k < HAWK_CHECK_MAX; k++)
		if (i->checks >> k & 1)
			s->last[k] = i->result[k];
	pthread_mutex_unlock(&s->lock);
}

/* A letter for the way, then the function: each is wanted once. */
static void add_own(void *ctx, const struct hawk_link_info *link)
{
	bool kprobe = link->prog->kind == HAWK_PROG_KPROBE || link->prog->kind == HAWK_PROG_KRETPROBE;
	struct hawk_buf *own = ctx;
	char text[128];
	int len;

	if (!hawk_prog_hooks_function(link->prog->kind))
		return;
	len = snprintf(text, sizeof(text), "%c%s%s", kprobe ? 'k' : 't',
		       link->prog->kind == HAWK_PROG_LSM ? "bpf_lsm_" : "", link->target);
	for (size_t at = 0; at < own->len; at += strlen(own->data + at) + 1)
		if (strcmp(own->data + at, text) == 0)
			return;
	if (len < (int)sizeof(text))
		hawk_buf_put(own, text, (size_t)len + 1);
}

/* Adds our own hooks of this moment to those of I; fills OWN with all of them. */
static void list_own(struct hawk_inspect *s, struct hawk_inspection *i, const char *own[static OWN_MAX + 1])
{
	size_t n = 0;

	hawk_collect_each_link(s->collect, add_own, &i->own);
	if (i->own.error)
		i->own.len = 0; /* our own hooks are findings then */
	for (size_t at = 0; at < i->own.len && n < OWN_MAX; at += strlen(i->own.data + at) + 1)
		own[n++] = i->own.data + at + 1;
	own[n] = NULL;
}

/*
 * What the daemon attaches or detaches while the check reads is there before
 * or after: both times its hooks are listed.
 */
static void look(struct hawk_inspect *s, struct hawk_inspection *i, struct hawk_integrity *env,
		 struct hawk_anomalies *findings)
{
	const char *own[OWN_MAX + 1];

	list_own(s, i, own);
	env->own = own;
	hawk_integrity_run(env, i->checks, findings, i->result);
	if (!(i->checks >> HAWK_CHECK_ftrace & 1))
		return;
	list_own(s, i, own);
	hawk_integrity_disown(own, findings, &i->result[HAWK_CHECK_ftrace]);
}

static void carry_out(struct hawk_inspect *s, struct hawk_inspection *i)
{
	static const char *const enabled[] = { "/sys/kernel/tracing/enabled_functions",
					       "/sys/kernel/debug/tracing/enabled_functions", NULL };
	struct hawk_integrity env = {
		.memory = { read_memory, s }, .kallsyms = "/proc/kallsyms", .modules = "/proc/modules",
		.enabled = enabled,
	};
	struct hawk_anomalies findings = { .n = 0 };
	struct telling telling = { s, i, &findings };
	int r = prepare(s);

	env.layout = s->layout;
	if (r < 0 && i->checks)
		for (int k = 0; k < HAWK_CHECK_MAX; k++) {
			i->result[k].state = HAWK_CHECK_SKIPPED;
			snprintf(i->result[k].note, sizeof(i->result[k].note),
				 "the program that reads memory does not load: %s", strerror(-r));
		}
	else if (i->checks)
		look(s, i, &env, &findings);
	else
		i->error = r < 0 ? r : hawk_integrity_dump(&env, i->what, i->length, &findings, &i->why);
	hawk_pipeline_tell(s->pipeline, tell_findings, &telling);
	if (i->timed) {
		remember(s, i->checks, &findings);
		remember_results(s, i);
	}
	hawk_anomalies_done(&findings);
	malloc_trim(0); /* symbols and types, some tens of megabytes */
}

/* Takes the first inspection that waits. */
static struct hawk_inspection *take(struct hawk_inspect *s)
{
	struct hawk_inspection *i;

	for (i = s->first; i && i->finished; i = i->next)
		;
	if (i)
		i->running = true;
	return i;
}

static void drop(struct hawk_inspect *s, struct hawk_inspection *i)
{
	struct hawk_inspection **at = &s->first;

	while (*at != i)
		at = &(*at)->next;
	*at = i->next;
	inspection_free(i);
}

static void *run(void *arg)
{
	struct hawk_inspect *s = arg;
	struct hawk_inspection *i;

	pthread_mutex_lock(&s->lock);
	while (!atomic_load(&s->stop)) {
		i = take(s);
		if (!i) {
			pthread_cond_wait(&s->begun, &s->lock);
			continue;
		}
		pthread_mutex_unlock(&s->lock);
		carry_out(s, i);
		pthread_mutex_lock(&s->lock);
		i->running = false;
		i->finished = true;
		if (i->dropped)
			drop(s, i);
		else if (i->done)
			i->done(i->ctx);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* --- the control thread --- */

int hawk_inspect_start(struct hawk_inspect **ret, struct hawk_collect *collect, struct hawk_pipeline *pipeline)
{
	struct hawk_inspect *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->collect = collect;
	s->pipeline = pipeline;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->begun, NULL);
	r = -pthread_create(&s->thread, NULL, run, s);
	if (r < 0) {
		pthread_mutex_destroy(&s->lock);
		pthread_cond_destroy(&s->begun);
		free(s);
		return r;
	}
	pthread_setname_np(s->thread, "integrity");
	*ret = s;
	return 0;
}

struct hawk_inspect *hawk_inspect_stop(struct hawk_inspect *s)
{
	if (!s)
		return NULL;
	pthread_mutex_lock(&s->lock);
	atomic_store(&s->stop, true);
	pthread_cond_signal(&s->begun);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	while (s->first)
		drop(s, s->first);
	hawk_peek_free(s->peek);
	free(s->layout);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->begun);
	free(s);
	return NULL;
}

void hawk_inspect_begin(struct hawk_inspect *s, struct hawk_inspection *i)
{
	struct hawk_inspection **last = &s->first;

	pthread_mutex_lock(&s->lock);
	while (*last)
		last = &(*last)->next;
	*last = i;
	pthread_cond_signal(&s->begun);
	pthread_mutex_unlock(&s->lock);
}

bool hawk_inspect_finished(struct hawk_inspect *s, const struct hawk_inspection *i)
{
	bool finished;

	pthread_mutex_lock(&s->lock);
	finished = i->finished;
	pthread_mutex_unlock(&s->lock);
	return finished;
}

void hawk_inspect_end(struct hawk_inspect *s, struct hawk_inspection *i)
{
	pthread_mutex_lock(&s->lock);
	if (i->running) {
		i->dropped = true;
		i->done = NULL;
	} else {
		drop(s, i);
	}
	pthread_mutex_unlock(&s->lock);
}

static bool is_busy(struct hawk_inspect *s)
{
	bool busy = false;

	pthread_mutex_lock(&s->lock);
	for (struct hawk_inspection *i = s->first; i; i = i->next)
		busy |= i->timed;
	pthread_mutex_unlock(&s->lock);
	return busy;
}

void hawk_inspect_tick(struct hawk_inspect *s, unsigned int wanted, uint64_t interval, uint64_t now)
{
	bool due = interval && now >= s->due;
	unsigned int checks = due ? wanted : wanted & ~s->wanted;
	unsigned int before = s->wanted;
	struct hawk_inspection *i;

	if (!s->wanted || s->due > now + interval) /* nobody waits for the rest of a time that was longer */
		s->due = now + interval;
	if (is_busy(s))
		return;
	s->wanted = wanted;
	if (!checks)
		return;
	i = calloc(1, sizeof(*i));
	if (!i)
		return;
	if (due)
		s->due = now + interval;
	i->checks = checks;
	i->fresh = wanted & ~before;
	i->timed = i->dropped = true; /* nobody ends it */
	hawk_inspect_begin(s, i);
}

char *hawk_inspect_problem(struct hawk_inspect *s)
{
	char *text;

	pthread_mutex_lock(&s->lock);
	text = hawk_integrity_missed(s->last, s->wanted);
	pthread_mutex_unlock(&s->lock);
	return text;
}
