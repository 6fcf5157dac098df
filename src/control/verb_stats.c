/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counters, times and memory. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "src/base/cleanup.h"
#include "src/control/server.h"
#include "src/control/stats.h"

#define WINDOW_MAX_MS 60000

json_t *hawk_json_counts(const char *event, const struct hawk_abi_counts *counts)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "event", event, "seen", hawk_json_u64(counts->seen),
			 "filtered", hawk_json_u64(counts->filtered), "sent", hawk_json_u64(counts->sent),
			 "lost", hawk_json_u64(counts->lost));
}

static json_t *sink_json(const struct hawk_sink_stats *k)
{
	json_t *sink = json_pack("{s:o, s:s}", "name", hawk_json_text(k->name), "type", k->type);

#define NUMBER(member) json_object_set_new(sink, #member, hawk_json_u64(k->member))
	NUMBER(events);
	NUMBER(bytes);
	NUMBER(filtered);
	NUMBER(lost);
	NUMBER(errors);
	NUMBER(retries);
	NUMBER(rate_limited);
	NUMBER(queued_bytes);
	NUMBER(queue_bytes);
#undef NUMBER
	if (k->last_error)
		json_object_set_new(sink, "problem", json_string(strerror(k->last_error)));
	return sink;
}

json_t *hawk_json_sinks(struct hawk_control *c)
{
	_cleanup_free_ struct hawk_sink_stats *stats = NULL;
	struct hawk_sinks *sinks = c->ops->sinks(c->ctx);
	json_t *array = json_array();
	size_t n;

	stats = sinks ? calloc(HAWK_STATS_SINKS_MAX, sizeof(*stats)) : NULL;
	n = stats ? hawk_sinks_stats(sinks, stats, HAWK_STATS_SINKS_MAX) : 0;
	if (n > HAWK_STATS_SINKS_MAX)
		n = HAWK_STATS_SINKS_MAX;
	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, sink_json(&stats[i]));
	return array;
}

/* The kernel has not seen what the daemon makes of other events. */
static void add_made(struct hawk_control *c, uint16_t event, struct hawk_abi_counts *counts)
{
	const struct hawk_derive *derive = c->ops->derive(c->ctx);
	const uint64_t made = derive ? hawk_derive_count(derive, event) : 0;

	counts->seen += made;
	counts->sent += made;
}

int hawk_event_counts(struct hawk_control *c, uint16_t event, struct hawk_abi_counts *ret)
{
	struct hawk_collect *collect = c->ops->collect(c->ctx);
	int r = collect ? hawk_collect_counts(collect, event, ret) : -EOPNOTSUPP;

	if (r == 0)
		add_made(c, event, ret);
	return r;
}

int hawk_all_event_counts(struct hawk_control *c, struct hawk_abi_counts *ret)
{
	struct hawk_collect *collect = c->ops->collect(c->ctx);
	int r = collect ? hawk_collect_all_counts(collect, ret) : -EOPNOTSUPP;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t row = 0; r == 0 && row < n; row++)
		add_made(c, descs[row]->id, &ret[descs[row]->id]);
	return r;
}

static json_t *events_json(struct hawk_control *c)
{
	_cleanup_free_ struct hawk_abi_counts *counts = calloc(HAWK_EVENT_ID_MAX, sizeof(*counts));
	json_t *array = json_array();
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	if (!counts || hawk_all_event_counts(c, counts) < 0)
		return array;
	for (size_t row = 0; row < n; row++) {
		const struct hawk_abi_counts *k = &counts[descs[row]->id];

		if (k->seen || k->sent || k->lost)
			json_array_append_new(array, hawk_json_counts(descs[row]->name, k));
	}
	return array;
}

static json_t *pipeline_json(struct hawk_control *c)
{
	struct hawk_pipeline_stats stats;
	json_t *j = json_object();

	c->ops->pipeline_stats(c->ctx, &stats);
#define PIPELINE(member, kind, doc) json_object_set_new(j, #member, hawk_json_u64(stats.member));
#include "src/control/stats.def"
	return j;
}

static void copy_table(void *arg, struct hawk_proctab *proctab)
{
	*(struct hawk_proctab_stats *)arg = hawk_proctab_stats(proctab);
}

struct hawk_proctab_stats hawk_table_stats(struct hawk_control *c)
{
	struct hawk_proctab_stats stats = { .entries = 0 };

	c->ops->in_pipeline(c->ctx, copy_table, &stats);
	return stats;
}

static json_t *table_json(struct hawk_control *c)
{
	struct hawk_proctab_stats stats = hawk_table_stats(c);
	json_t *j = json_object();

#define TABLE(member, kind, doc) json_object_set_new(j, #member, hawk_json_u64(stats.member));
#include "src/control/stats.def"
	return j;
}

struct hawk_packages_stats hawk_package_stats(struct hawk_control *c)
{
	struct hawk_packages *packages = c->ops->packages(c->ctx);

	return packages ? hawk_packages_stats(packages) : (struct hawk_packages_stats){ .error = ENOENT };
}

static json_t *packages_json(struct hawk_control *c)
{
	struct hawk_packages_stats stats = hawk_package_stats(c);
	json_t *j = json_object();

#define PACKAGES(member, kind, doc) json_object_set_new(j, #member, hawk_json_u64((uint64_t)stats.member));
#include "src/control/stats.def"
	return j;
}

/* A row "NAME:  123 kB" of /proc/self/status or smaps_rollup, in bytes. */
static uint64_t proc_row(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	unsigned long long kb;

	return at && sscanf(at + strlen(name), " %llu kB", &kb) == 1 ? kb * 1024 : 0;
}

struct hawk_memory hawk_memory_stats(struct hawk_control *c)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/status", "re");
	struct hawk_collect *collect = c->ops->collect(c->ctx);
	struct hawk_memory m = {
		.kernel = collect ? hawk_collect_memory(collect) : 0,
		.clients = c->charged,
	};
	char text[4096];
	size_t n;

	if (!f)
		return m;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = 0;
	m.resident = proc_row(text, "VmRSS:");
	m.anonymous = proc_row(text, "RssAnon:");
	return m;
}

static json_t *memory_json(struct hawk_control *c)
{
	struct hawk_memory m = hawk_memory_stats(c);

	return json_pack("{s:o, s:o, s:o, s:o}", "resident", hawk_json_u64(m.resident), "anonymous",
			 hawk_json_u64(m.anonymous), "kernel", hawk_json_u64(m.kernel), "clients",
			 hawk_json_u64(m.clients));
}

static json_t *stats_json(struct hawk_control *c)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "pipeline", pipeline_json(c), "events", events_json(c),
			 "sinks", hawk_json_sinks(c), "processes", table_json(c), "packages", packages_json(c), "memory",
			 memory_json(c));
}

/* A window in which the kernel measures the programs. */
struct window {
	struct hawk_job job;
	sd_event_source *timer;
	uint64_t begin_ns;
	bool over;
	size_t n;
	struct hawk_prog_cost before[HAWK_COSTS_MAX];
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

json_t *hawk_json_cost(const struct hawk_prog_cost *cost)
{
	return json_pack("{s:s, s:o, s:o, s:o}", "name", cost->prog->name, "runs", hawk_json_u64(cost->runs), "ns",
			 hawk_json_u64(cost->ns), "misses", hawk_json_u64(cost->recursion_misses));
}

/* The kernel's counters never go back, so a window is a difference. */
static json_t *costs_json(const struct window *w, struct hawk_collect *collect)
{
	struct hawk_prog_cost after[HAWK_COSTS_MAX];
	size_t n = hawk_collect_costs(collect, after, HAWK_COSTS_MAX);
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		struct hawk_prog_cost zero = { .runs = 0 };
		const struct hawk_prog_cost *b = &zero;

		for (size_t k = 0; k < w->n; k++)
			if (w->before[k].prog == after[i].prog && w->before[k].target == after[i].target)
				b = &w->before[k];
		/* Less than before: it was loaded anew. */
		if (after[i].runs < b->runs || after[i].ns < b->ns ||
		    after[i].recursion_misses < b->recursion_misses)
			b = &zero;
		after[i].runs -= b->runs;
		after[i].ns -= b->ns;
		after[i].recursion_misses -= b->recursion_misses;
		json_array_append_new(array, hawk_json_cost(&after[i]));
	}
	return array;
}

static int window_run(struct hawk_session *s, struct hawk_job *job)
{
	struct window *w = (struct window *)job;
	struct hawk_control *c = s->control;
	json_t *stats;
	int r;

	if (!w->over)
		return 0;
	stats = stats_json(c);
	if (!stats)
		return -ENOMEM;
	json_object_set_new(stats, "programs", costs_json(w, c->ops->collect(c->ctx)));
	json_object_set_new(stats, "window_ms", hawk_json_u64((now_ns() - w->begin_ns) / 1000000));
	r = hawk_reply(s, stats);
	return r < 0 ? r : 1;
}

static void window_free(struct hawk_session *s, struct hawk_job *job)
{
	struct window *w = (struct window *)job;

	sd_event_source_disable_unref(w->timer);
	if (--s->control->stats_users == 0)
		hawk_collect_stats_stop(s->control->ops->collect(s->control->ctx));
	free(w);
}

static int on_window_over(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hawk_session *s = userdata;

	(void)source;
	(void)usec;
	((struct window *)s->job)->over = true;
	hawk_session_turn(s);
	return 0;
}

static int start_window(struct hawk_session *s, uint64_t ms)
{
	struct hawk_control *c = s->control;
	struct hawk_collect *collect = c->ops->collect(c->ctx);
	_cleanup_free_ struct window *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	r = sd_event_add_time_relative(c->event, &w->timer, CLOCK_MONOTONIC, ms * 1000, 1000, on_window_over,
				       s);
	if (r < 0)
		return r;
	r = c->stats_users ? 0 : hawk_collect_stats_start(collect);
	if (r < 0) {
		sd_event_source_disable_unref(w->timer);
		return hawk_reply_failed(s, "the kernel does not measure programs (BPF_ENABLE_STATS): %s",
					 strerror(-r));
	}
	c->stats_users++;
	w->job = (struct hawk_job){ .run = window_run, .free = window_free };
	w->n = hawk_collect_costs(collect, w->before, HAWK_COSTS_MAX);
	w->begin_ns = now_ns();
	s->job = &TAKE_PTR(w)->job;
	return 0;
}

int hawk_do_STATS(struct hawk_session *s, const json_t *args)
{
	struct hawk_control *c = s->control;
	const json_t *window = hawk_args_get(args, "window_ms");
	json_int_t ms = json_integer_value(window);

	if (!window)
		return hawk_reply(s, stats_json(c));
	if (ms < 1 || ms > WINDOW_MAX_MS)
		return hawk_reply_failed(s, "a window is 1 to %d milliseconds long", WINDOW_MAX_MS);
	if (!c->ops->collect(c->ctx))
		return hawk_reply_failed(s, "a replay runs no programs in the kernel");
	return start_window(s, ms);
}
