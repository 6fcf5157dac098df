/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a point costs where nobody judges, and where the event is dropped. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "tests/kernel/filter_code.h"
#include "tests/kernel/filter_live.h"

static double open_close_ns(void)
{
	enum { TURNS = 40, CALLS = 2000 };
	double best = 1e9;

	for (int t = 0; t < TURNS; t++) {
		struct timespec a, b;
		double ns;

		clock_gettime(CLOCK_MONOTONIC, &a);
		for (int i = 0; i < CALLS; i++)
			close((int)syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC));
		clock_gettime(CLOCK_MONOTONIC, &b);
		ns = ((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / CALLS;
		best = ns < best ? ns : best;
	}
	return best;
}

/* Time of all runs of all programs so far. */
static uint64_t spent(struct live *l)
{
	static struct hawk_prog_cost costs[HAWK_COSTS_MAX];
	size_t n = hawk_collect_costs(l->c, costs, ARRAY_SIZE(costs));
	uint64_t ns = 0;

	for (size_t i = 0; i < n; i++)
		ns += costs[i].ns;
	return ns;
}

/* The programs' own time of a pair, as the kernel measures it: less noise, and its measuring in it. */
static double programs_ns(struct live *l)
{
	double best = 1e9;

	hawk_collect_stats_start(l->c);
	for (int t = 0; t < 20; t++) {
		uint64_t before = spent(l);
		double ns;

		for (int i = 0; i < 1000; i++)
			close((int)syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY | O_CLOEXEC));
		ns = (double)(spent(l) - before) / 1000;
		best = ns < best ? ns : best;
	}
	hawk_collect_stats_stop(l->c);
	return best;
}

void filter_cost(struct live *l, const char *label, const char *event)
{
	struct hawk_cgen cg = { .columns = 1 };
	struct code scope = { .n = 0 };
	double bare, beside, sent, dropped, beside_own, sent_own;

	uid_filter(&cg, &scope);
	memset(l->wanted, 0, sizeof(l->wanted));
	hawk_collect_set_events(l->c, l->wanted);
	bare = open_close_ns();
	if (!watch(l, "dup"))
		return;
	beside = open_close_ns();
	beside_own = programs_ns(l);
	if (!watch(l, event))
		return;
	put(l, event, NULL, false);
	sent = open_close_ns();
	sent_own = programs_ns(l);
	drain(l);
	put(l, event, &cg, false);
	dropped = open_close_ns();
	drain(l);
	printf("# %sprograms per pair, %s: %.0f ns with another call traced, %.0f ns sent, %.0f ns dropped by uid\n", label,
	       event, beside_own, sent_own, programs_ns(l));
	drain(l);
	printf("# %sopen and close, %s: %.0f ns untraced, %.0f ns with another call traced (%.2f), %.0f ns sent (%.2f), "
	       "%.0f ns dropped by uid (%.2f)\n", label, event,
	       bare, beside, beside / bare, sent, sent / bare, dropped, dropped / bare);
}
