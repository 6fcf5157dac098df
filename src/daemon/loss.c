/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/loss.h"

#include <string.h>

#include "src/base/log.h"

struct report {
	void (*emit)(void *ctx, struct hawk_event *lost);
	void *ctx;
	const char *name, *where;
	uint64_t count, total;
};

static void report(const struct report *r)
{
	struct hawk_event e = { .desc = hawk_event_by_id(HAWK_EV_LOST) };

	e.data[hawk_event_field(e.desc, "count")] = (struct hawk_value){ .u = r->count };
	e.data[hawk_event_field(e.desc, "total")] = (struct hawk_value){ .u = r->total };
	e.data[hawk_event_field(e.desc, "name")] = hawk_value_text(r->name);
	e.data[hawk_event_field(e.desc, "where")] = hawk_value_text(r->where);
	hawk_warning("lost %llu events %s in %s (%llu since start)", (unsigned long long)r->count, r->name, r->where,
		     (unsigned long long)r->total);
	r->emit(r->ctx, &e);
}

/* Events that two programs tell: what the kernel leaves out of the first, the second makes good (bpf/process.perf.bpf.c). */
static const struct {
	enum hawk_prog_id first, second;
	uint16_t event;
} pairs[HAWK_LOSS_PAIRS] = {
	{ HAWK_PROG_proc_fork_rtp, HAWK_PROG_proc_fork_tp, HAWK_EV_SCHED_PROCESS_FORK },
	{ HAWK_PROG_proc_exec_rtp, HAWK_PROG_proc_exec_tp, HAWK_EV_SCHED_PROCESS_EXEC },
	{ HAWK_PROG_proc_exit_rtp, HAWK_PROG_proc_exit_tp, HAWK_EV_SCHED_PROCESS_EXIT },
};
#define MORE_IN_FLIGHT 64 /* than events between their two programs, or between the counters that are read one by one */

uint64_t hawk_loss_of_pair(struct hawk_loss_pair *p, uint64_t first, uint64_t second, uint64_t stood_in)
{
	uint64_t made_good, missing;

	if (first < p->first || second < p->second)
		*p = (struct hawk_loss_pair){ .stood_in_before = stood_in }; /* loaded anew: their counters, not ours */
	p->first = first;
	p->second = second;
	made_good = stood_in - p->stood_in_before;
	missing = first > made_good ? first - made_good : 0;
	/* The second comes first (somebody else's perf event): it tells all that it is run for, and the first the rest. */
	if (made_good > first + MORE_IN_FLIGHT)
		missing = second;
	if (missing > second)
		missing = second;
	/* The stand-in is counted later than what it stood in for: what was told stays told. */
	if (missing > p->missing)
		p->missing = missing;
	return p->missing;
}

/* What is missing of a pair is told of its second program. */
static void join_pairs(struct hawk_loss *l, struct hawk_collect *collect, const bool *attached, uint64_t *sums)
{
	for (size_t i = 0; i < HAWK_LOSS_PAIRS; i++) {
		uint64_t *first = &sums[pairs[i].first], *second = &sums[pairs[i].second];
		struct hawk_abi_counts c;

		if (hawk_collect_counts(collect, pairs[i].event, &c) < 0)
			continue;
		if (!attached[pairs[i].first] || !attached[pairs[i].second]) {
			l->pairs[i] = (struct hawk_loss_pair){ .stood_in_before = c.stood_in };
			continue;
		}
		*second = hawk_loss_of_pair(&l->pairs[i], *first, *second, c.stood_in);
		*first = 0;
	}
}

static void check_programs(struct hawk_loss *l, struct hawk_collect *collect, struct report *r)
{
	struct hawk_prog_cost costs[HAWK_COSTS_MAX];
	uint64_t sums[HAWK_PROG_MAX] = { 0 };
	bool attached[HAWK_PROG_MAX] = { false };
	size_t n = hawk_collect_costs(collect, costs, HAWK_COSTS_MAX);

	for (size_t i = 0; i < n; i++) {
		sums[costs[i].prog->id] += costs[i].recursion_misses;
		attached[costs[i].prog->id] = true;
	}
	join_pairs(l, collect, attached, sums);
	for (int p = 0; p < HAWK_PROG_MAX; p++) {
		uint64_t told = l->skipped[p];

		l->skipped[p] = sums[p];
		if (sums[p] <= told)
			continue; /* less: it was loaded anew */
		r->name = hawk_prog_desc(p)->name;
		r->where = "program skipped by the kernel";
		r->count = sums[p] - told;
		r->total = sums[p];
		l->total += r->count;
		if (hawk_prog_desc(p)->object == HAWK_OBJ_process_tp ||
		    hawk_prog_desc(p)->object == HAWK_OBJ_process_perf)
			l->life += r->count;
		report(r);
	}
}

/* What became more since it was TOLD. */
static void tell(struct hawk_loss *l, struct report *r, uint64_t now, uint64_t *told)
{
	r->count = now - *told;
	r->total = *told = now;
	l->total += r->count;
	if (r->count)
		report(r);
}

static void check_events(struct hawk_loss *l, struct hawk_collect *collect, struct report *r)
{
	const struct hawk_event_desc *const *descs;
	size_t n;

	descs = hawk_event_descs(&n);
	for (size_t i = 0; i < n; i++) {
		struct hawk_abi_counts c;
		uint16_t id = descs[i]->id;

		if (hawk_collect_counts(collect, id, &c) < 0)
			continue;
		r->name = descs[i]->name;
		r->where = "ring";
		tell(l, r, c.lost, &l->told[id]);
		l->life += descs[i]->class == HAWK_CLASS_LIFE ? r->count : 0;
		/* the event itself is there */
		r->where = "arguments kept from the entry of the call";
		tell(l, r, c.noargs, &l->noargs[id]);
	}
}

void hawk_loss_check(struct hawk_loss *l, struct hawk_collect *collect, struct hawk_sinks *sinks,
		     void (*emit)(void *ctx, struct hawk_event *lost), void *ctx)
{
	struct report r = { .emit = emit, .ctx = ctx };
	char queue[64];

	check_events(l, collect, &r);
	check_programs(l, collect, &r);
	while ((r.count = hawk_sinks_take_lost(sinks, queue)) > 0) {
		l->queues += r.count;
		l->total += r.count;
		r.name = "*";
		r.where = queue;
		r.total = l->queues;
		report(&r);
	}
}

void hawk_loss_libraries(struct hawk_loss *l, const struct hawk_symbols_stats *stats,
			 void (*emit)(void *ctx, struct hawk_event *lost), void *ctx)
{
	struct report r = {
		.emit = emit, .ctx = ctx, .name = "symbols_loaded, symbols_collision", .where = "libraries to be read",
	};

	tell(l, &r, stats->dropped, &l->libraries);
	r.name = "symbols_collision";
	r.where = "libraries compared with a part of the others";
	tell(l, &r, stats->partly, &l->partly);
}
