/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_KERNEL_FILTER_LIVE_H
#define TESTS_KERNEL_FILTER_LIVE_H
/* The kernel side under test, without a daemon around. */
#include "src/collect/collect.h"
#include "src/collect/filter.h"

struct code;

#define UID 4242 /* whose processes a filter wants */

/* What the cases want of the kernel. */
struct live {
	struct hawk_collect *c;
	bool failed;
	uint64_t wanted[HAWK_EVENTS_MAX / 64];
	uint16_t event;
	uint32_t tgid; /* records of it count; 0: of all */
	size_t n, judged, bad;
	uint64_t missed; /* left_out() when the event began to be watched */
	unsigned int switches; /* how often case_switches() puts another set in force */
	void (*check)(struct live *l, const struct hawk_abi_rec *r, size_t len);
	void *ctx;
};

/* Says what is wrong; the case has failed. */
__attribute__((format(printf, 2, 3))) void bad(struct live *l, const char *fmt, ...);
/* Runs FN in a process of its own; returns its pid. */
pid_t in_child(uid_t uid, void (*fn)(void *arg), void *arg);
void wait_for(struct live *l, pid_t pid);
/* Reads the rings empty. */
void drain(struct live *l);
/* Attaches what EVENT needs, with nothing in the rings that came before. False: it cannot be, which was told. */
bool watch(struct live *l, const char *event);
/* Puts CG in force for EVENT, or no filters when it is NULL. Returns the generation. */
uint32_t put(struct live *l, const char *event, const struct hawk_cgen *cg, bool all);
/* Makes CG, with its code in SCOPE: policy 0 wants processes of user UID. */
void uid_filter(struct hawk_cgen *cg, struct code *scope);

/* What the kernel counted of the event that is watched. */
struct hawk_abi_counts counts(struct live *l);
/*
 * Runs that the kernel left out since the event is watched: of raw tracepoints on
 * 7.x, where a program that is preempted keeps itself from running for another
 * task on that CPU. What they would have told is not known.
 */
uint64_t left_out(struct live *l);

/* Cases: facts of tasks; sets that follow each other under load; calls that end under another set than they began. */
void case_facts(struct live *l, const char *event);
void case_switches(struct live *l, const char *event);
void case_accept(struct live *l, const char *event);
/* Prints what a pair of open and close costs, untraced, sent, and dropped by the user. */
void filter_cost(struct live *l, const char *label, const char *event);

#endif
