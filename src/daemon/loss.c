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

static struct hawk_value text(const char *s)
{
	return (struct hawk_value){ .bytes = (const uint8_t *)s, .len = (uint32_t)strlen(s) };
}

static void report(const struct report *r)
{
	struct hawk_event e = { .desc = hawk_event_by_id(HAWK_EV_LOST) };

	e.data[hawk_event_field(e.desc, "count")] = (struct hawk_value){ .u = r->count };
	e.data[hawk_event_field(e.desc, "total")] = (struct hawk_value){ .u = r->total };
	e.data[hawk_event_field(e.desc, "name")] = text(r->name);
	e.data[hawk_event_field(e.desc, "where")] = text(r->where);
	hawk_warning("lost %llu events %s in %s (%llu since start)", (unsigned long long)r->count, r->name, r->where,
		     (unsigned long long)r->total);
	r->emit(r->ctx, &e);
}

static void check_programs(struct hawk_loss *l, struct hawk_collect *collect, struct report *r)
{
	struct hawk_prog_cost costs[HAWK_COSTS_MAX];
	uint64_t sums[HAWK_PROG_MAX] = { 0 };
	size_t n = hawk_collect_costs(collect, costs, HAWK_COSTS_MAX);

	for (size_t i = 0; i < n; i++)
		sums[costs[i].prog->id] += costs[i].recursion_misses;
	for (int p = 0; p < HAWK_PROG_MAX; p++) {
		uint64_t told = l->skipped[p];

		l->skipped[p] = sums[p];
		if (sums[p] <= told)
			continue; /* or less: it was loaded anew */
		r->name = hawk_prog_desc(p)->name;
		r->where = "program skipped by the kernel";
		r->count = sums[p] - told;
		r->total = sums[p];
		l->total += r->count;
		report(r);
	}
}

void hawk_loss_check(struct hawk_loss *l, struct hawk_collect *collect, struct hawk_sinks *sinks,
		     void (*emit)(void *ctx, struct hawk_event *lost), void *ctx)
{
	struct report r = { .emit = emit, .ctx = ctx };
	const struct hawk_event_desc *const *descs;
	char queue[64];
	size_t n;

	descs = hawk_event_descs(&n);
	for (size_t i = 0; i < n; i++) {
		struct hawk_abi_counts c;
		uint16_t id = descs[i]->id;

		if (hawk_collect_counts(collect, id, &c) < 0 || c.lost == l->told[id])
			continue;
		r.name = descs[i]->name;
		r.where = "ring";
		r.count = c.lost - l->told[id];
		r.total = l->told[id] = c.lost;
		l->total += r.count;
		report(&r);
	}
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
