/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/interest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/clock.h"
#include "src/base/log.h"

/* Names in one line; who enables everything on an old kernel has more. */
#define NAMED_MAX 16

struct client {
	bool used;
	uint64_t bits[HAWK_EVENT_WORDS];
};

struct hawk_interest {
	struct hawk_collect *collect;
	struct hawk_sinks *sinks;
	struct hawk_derive *derive;
	struct hawk_findings *findings; /* may be NULL */
	uint64_t enabled[HAWK_EVENT_WORDS], judged[HAWK_JUDGES][HAWK_EVENT_WORDS];
	struct client *clients;
	size_t n_clients;
	char *impossible; /* NULL: nothing */
	bool recorded;    /* all records, as they come from the kernel */
	bool one_view;    /* paths are wanted in a view that is not known */
	bool held;        /* nothing is carried out yet */
	uint64_t told[HAWK_EVENT_WORDS]; /* the enabled events as sinks know them */
	void (*changed)(void *ctx), (*less)(void *ctx); /* may be NULL */
	void *ctx, *less_ctx;
};

int hawk_interest_new(struct hawk_interest **ret, struct hawk_collect *collect, struct hawk_sinks *sinks,
		      struct hawk_derive *derive)
{
	struct hawk_interest *i = calloc(1, sizeof(*i));

	if (!i)
		return -ENOMEM;
	i->collect = collect;
	i->sinks = sinks;
	i->derive = derive;
	*ret = i;
	return 0;
}

void hawk_interest_tell_findings(struct hawk_interest *i, struct hawk_findings *findings)
{
	i->findings = findings;
}

void hawk_interest_on_change(struct hawk_interest *i, void (*fn)(void *ctx), void *ctx)
{
	i->changed = fn;
	i->ctx = ctx;
}

void hawk_interest_on_less(struct hawk_interest *i, void (*fn)(void *ctx), void *ctx)
{
	i->less = fn;
	i->less_ctx = ctx;
}

struct hawk_interest *hawk_interest_free(struct hawk_interest *i)
{
	if (i) {
		free(i->clients);
		free(i->impossible);
	}
	free(i);
	return NULL;
}

static int parse(char *const *names, size_t n, bool syscalls, uint64_t bits[HAWK_EVENT_WORDS], const char **ret_unknown)
{
	const struct hawk_event_desc *const *descs;
	uint64_t found[HAWK_EVENT_WORDS] = { 0 };
	size_t n_descs;

	descs = hawk_event_descs(&n_descs);
	for (size_t i = 0; i < n; i++) {
		const struct hawk_event_desc *by_name = hawk_event_by_name(names[i]);
		bool any = false;

		for (size_t row = 0; row < n_descs; row++) {
			if (descs[row]->internal || (syscalls && !descs[row]->syscall))
				continue;
			if (descs[row] != by_name && !hawk_event_in_set(descs[row], names[i]))
				continue;
			found[row / 64] |= 1ULL << (row % 64);
			any = true;
		}
		if (!any) {
			*ret_unknown = names[i];
			return -ENOENT;
		}
	}
	memcpy(bits, found, sizeof(found));
	return 0;
}

int hawk_interest_parse(char *const *names, size_t n, uint64_t bits[HAWK_EVENT_WORDS], const char **ret_unknown)
{
	return parse(names, n, false, bits, ret_unknown);
}

int hawk_interest_parse_syscalls(char *const *names, size_t n, uint64_t bits[HAWK_EVENT_WORDS], const char **ret_unknown)
{
	return parse(names, n, true, bits, ret_unknown);
}

static size_t finding_row(void)
{
	size_t n, row = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	while (descs[row]->id != HAWK_EV_FINDING)
		row++;
	return row;
}

/* The enabled events and those of clients. */
static void wanted_by_people(const struct hawk_interest *i, uint64_t all[HAWK_EVENT_WORDS])
{
	memcpy(all, i->enabled, sizeof(i->enabled));
	for (size_t c = 0; c < i->n_clients; c++)
		for (size_t w = 0; w < HAWK_EVENT_WORDS && i->clients[c].used; w++)
			all[w] |= i->clients[c].bits[w];
}

/* What the kernel cannot send is made of system calls. */
static void set_by_calls(struct hawk_interest *i)
{
	const struct hawk_plan *plan = hawk_collect_plan(i->collect);
	uint64_t bits[HAWK_EVENT_WORDS] = { 0 };
	size_t n;

	hawk_event_descs(&n);
	for (size_t row = 0; row < n; row++)
		if (hawk_plan_made(plan, row))
			bits[row / 64] |= 1ULL << row % 64;
	hawk_derive_set_by_calls(i->derive, bits);
}

/* Whether sinks are to see less than they did. */
static bool is_less(const struct hawk_interest *i)
{
	uint64_t gone = 0;

	for (size_t w = 0; w < HAWK_EVENT_WORDS; w++)
		gone |= i->told[w] & ~i->enabled[w];
	return gone;
}

/*
 * Collects the union; the sinks learn of new events only when they are collected, and that others have ended when
 * these have come.
 */
static int apply(struct hawk_interest *i)
{
	uint64_t all[HAWK_EVENT_WORDS], until[HAWK_EVENT_WORDS];
	uint64_t unfiltered[HAWK_EVENT_WORDS], whole[HAWK_EVENT_WORDS];
	struct hawk_clock clock = hawk_clock_system();
	int r;

	if (i->held)
		return 0;
	wanted_by_people(i, all);
	for (size_t by = 0; by < HAWK_JUDGES; by++)
		for (size_t w = 0; w < HAWK_EVENT_WORDS; w++)
			all[w] |= i->judged[by][w];
	for (size_t w = 0; w < HAWK_EVENT_WORDS; w++)
		until[w] = all[w] | i->told[w];
	hawk_derive_set_wanted(i->derive, until);
	r = hawk_collect_set_both_views(i->collect, hawk_sinks_want_other(i->sinks));
	if (r < 0)
		hawk_warning("paths as the host sees them are wanted, but its mount namespace is not known: "
			     "paths are those of the processes");
	i->one_view = r < 0;
	r = hawk_collect_set_events(i->collect, all);
	if (i->less && is_less(i))
		i->less(i->less_ctx);
	hawk_derive_set_wanted(i->derive, all);
	set_by_calls(i);
	memcpy(i->told, i->enabled, sizeof(i->told));
	hawk_sinks_set_enabled(i->sinks, i->enabled);
	hawk_interest_unfiltered(i, unfiltered);
	hawk_sinks_set_unfiltered(i->sinks, unfiltered);
	hawk_interest_whole(i, whole);
	if (i->findings)
		hawk_findings_collected(i->findings, all, whole, hawk_clock_now(&clock));
	if (i->changed)
		i->changed(i->ctx);
	return r;
}

static bool is_judged(const struct hawk_interest *i, size_t row)
{
	uint64_t any = 0;

	for (size_t by = 0; by < HAWK_JUDGES; by++)
		any |= i->judged[by][row / 64];
	return any >> (row % 64) & 1;
}

/* The line about events that are enabled or wanted to be judged and that the plan has no way for, to be freed; NULL: none, or no memory. */
static char *tell_impossible(const struct hawk_interest *i)
{
	const struct hawk_plan *plan = hawk_collect_plan(i->collect);
	struct hawk_buf text = { .max = 4096 };
	size_t n, found = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t row = 0; row < n; row++) {
		if (plan->alt[row] != -2 || !(hawk_interest_enabled(i, row) || is_judged(i, row)))
			continue;
		if (found++ < NAMED_MAX)
			hawk_buf_printf(&text, "%s%s", found > 1 ? ", " : "", descs[row]->name);
	}
	if (found > NAMED_MAX)
		hawk_buf_printf(&text, " and %zu more", found - NAMED_MAX);
	if (found)
		hawk_buf_lit(&text, ": enabled or wanted by a policy or signature, but nothing on this kernel can observe it "
				    "(sechawkctl event show)");
	if (!found || !hawk_buf_str(&text))
		hawk_buf_done(&text);
	return text.data;
}

/* Does and says what the enabled events have become. */
static int apply_enabled(struct hawk_interest *i)
{
	_cleanup_free_ char *before = NULL;
	int r = apply(i);

	if (i->held)
		return r;
	before = TAKE_PTR(i->impossible);
	/* Without process events there is nothing at all, which is told by who asked. */
	i->impossible = r == -EOPNOTSUPP ? NULL : tell_impossible(i);
	if (i->impossible && (!before || strcmp(before, i->impossible) != 0))
		hawk_warning("degraded: %s", i->impossible);
	return r;
}

const char *hawk_interest_impossible(const struct hawk_interest *i)
{
	return i->impossible;
}

int hawk_interest_set_enabled(struct hawk_interest *i, const uint64_t bits[HAWK_EVENT_WORDS])
{
	uint64_t before[HAWK_EVENT_WORDS];
	int r;

	memcpy(before, i->enabled, sizeof(before));
	memcpy(i->enabled, bits, sizeof(i->enabled));
	/* who loads signatures wants to hear of them, whatever else is collected */
	i->enabled[finding_row() / 64] |= 1ULL << (finding_row() % 64);
	r = apply_enabled(i);
	if (r < 0 && r != -EOPNOTSUPP) {
		memcpy(i->enabled, before, sizeof(before));
		apply_enabled(i); /* what was attached for the new ones goes */
	}
	return r;
}

void hawk_interest_hold(struct hawk_interest *i)
{
	i->held = true;
}

int hawk_interest_release(struct hawk_interest *i)
{
	/* who follows does so before the programs are there: what is loaded for each of them is then loaded once */
	if (i->changed)
		i->changed(i->ctx);
	i->held = false;
	return apply_enabled(i);
}

int hawk_interest_enable(struct hawk_interest *i, const uint64_t bits[HAWK_EVENT_WORDS], bool on)
{
	uint64_t before[HAWK_EVENT_WORDS];
	int r;

	memcpy(before, i->enabled, sizeof(before));
	for (size_t w = 0; w < HAWK_EVENT_WORDS; w++)
		i->enabled[w] = on ? i->enabled[w] | bits[w] : i->enabled[w] & ~bits[w];
	r = apply_enabled(i);
	if (r < 0) {
		memcpy(i->enabled, before, sizeof(before));
		apply_enabled(i); /* what was attached for the new ones goes */
	}
	return r;
}

int hawk_interest_set_judged(struct hawk_interest *i, enum hawk_judges by, const uint64_t bits[HAWK_EVENT_WORDS])
{
	memcpy(i->judged[by], bits, sizeof(i->judged[by]));
	return apply_enabled(i);
}

/* What all events that are wanted are made of by the present plan, and that in turn. */
static void add_all_needs(const struct hawk_interest *i, uint64_t bits[HAWK_EVENT_WORDS])
{
	const struct hawk_plan *plan = hawk_collect_plan(i->collect);
	const struct hawk_event_desc *const *descs;
	bool needed[HAWK_EVENT_ID_MAX] = { false };
	size_t n, before = 0, now = 1;

	descs = hawk_event_descs(&n);
	while (before != now) { /* it ends: there is no circle, tests/check/needs.c */
		before = now;
		for (size_t row = 0; row < n; row++)
			if (hawk_interest_wanted(i, row) || needed[descs[row]->id])
				hawk_plan_needed(plan, row, needed);
		now = 0;
		for (size_t row = 0; row < n; row++)
			now += needed[descs[row]->id];
	}
	for (size_t row = 0; row < n; row++)
		if (needed[descs[row]->id])
			bits[row / 64] |= 1ULL << (row % 64);
}

void hawk_interest_unfiltered(const struct hawk_interest *i, uint64_t ret_bits[HAWK_EVENT_WORDS])
{
	wanted_by_people(i, ret_bits);
	add_all_needs(i, ret_bits);
}

size_t hawk_interest_filters(const struct hawk_interest *i, size_t row, const struct hawk_ir *ret[HAWK_FILTERS_MAX])
{
	uint64_t wanted[HAWK_EVENT_WORDS];
	size_t n_descs, n = 0;
	const struct hawk_event_desc *desc = hawk_event_descs(&n_descs)[row];

	wanted_by_people(i, wanted);
	if (i->recorded || !(wanted[row / 64] >> (row % 64) & 1) ||
	    !hawk_sinks_filters(i->sinks, desc->id, ret, HAWK_FILTERS_MAX, &n))
		return 0;
	return n;
}

void hawk_interest_whole(const struct hawk_interest *i, uint64_t ret_bits[HAWK_EVENT_WORDS])
{
	const struct hawk_ir *filters[HAWK_FILTERS_MAX];
	size_t n;

	hawk_event_descs(&n);
	wanted_by_people(i, ret_bits);
	for (size_t row = 0; row < n; row++)
		if (hawk_interest_filters(i, row, filters))
			ret_bits[row / 64] &= ~(1ULL << (row % 64));
	add_all_needs(i, ret_bits);
}

void hawk_interest_set_recorded(struct hawk_interest *i, bool recorded)
{
	i->recorded = recorded;
	apply(i);
}

bool hawk_interest_enabled(const struct hawk_interest *i, size_t row)
{
	return i->enabled[row / 64] >> (row % 64) & 1;
}

bool hawk_interest_wanted(const struct hawk_interest *i, size_t row)
{
	bool wanted = hawk_interest_enabled(i, row) || is_judged(i, row);

	for (size_t c = 0; c < i->n_clients && !wanted; c++)
		wanted = i->clients[c].used && (i->clients[c].bits[row / 64] >> (row % 64) & 1);
	return wanted;
}

int hawk_interest_add(struct hawk_interest *i, const uint64_t *bits)
{
	size_t handle = 0, n_descs;
	struct client *clients;
	int r;

	hawk_event_descs(&n_descs);
	while (handle < i->n_clients && i->clients[handle].used)
		handle++;
	if (handle == i->n_clients) {
		clients = realloc(i->clients, (handle + 1) * sizeof(*clients));
		if (!clients)
			return -ENOMEM;
		i->clients = clients;
		i->n_clients++;
	}
	i->clients[handle] = (struct client){ .used = true };
	memcpy(i->clients[handle].bits, bits, (n_descs + 63) / 64 * sizeof(*bits));
	r = apply(i);
	if (r == 0 && i->one_view)
		r = -ENODATA;
	if (r < 0) {
		hawk_interest_drop(i, (int)handle);
		return r;
	}
	return (int)handle;
}

void hawk_interest_drop(struct hawk_interest *i, int handle)
{
	i->clients[handle].used = false;
	apply(i);
}
