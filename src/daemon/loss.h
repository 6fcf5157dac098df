/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_LOSS_H
#define HAWK_DAEMON_LOSS_H
/* Loss is an event: counters of the kernel, of its programs and of the queues become events.lost. */
#include "src/collect/collect.h"
#include "src/sink/sink.h"
#include "src/symbol/symbols.h"

/* Two programs that tell one event, the second what the kernel leaves out of the first. Zero to begin with. */
struct hawk_loss_pair {
	uint64_t first, second;   /* runs left out of each, as of the last check */
	uint64_t stood_in_before; /* stand-ins of programs that are gone */
	uint64_t missing;         /* what was told */
};
#define HAWK_LOSS_PAIRS 3

struct hawk_loss {
	uint64_t told[HAWK_EVENT_ID_MAX]; /* of the kernel's counters */
	uint64_t noargs[HAWK_EVENT_ID_MAX]; /* told of the events without their arguments */
	uint64_t skipped[HAWK_PROG_MAX];  /* told of the runs that the kernel left out */
	struct hawk_loss_pair pairs[HAWK_LOSS_PAIRS];
	uint64_t queues;                  /* told of the queues */
	uint64_t libraries, partly;       /* told of those that nobody read, and of those not compared with all */
	uint64_t total;                   /* of all kinds */
	uint64_t life;                    /* of the life cycle, without which the process table is wrong */
};

/*
 * Runs that the kernel may have left out of both programs of P since they were
 * loaded: FIRST and SECOND are those that it left out of each, STOOD_IN those
 * that the second one told (struct hawk_abi_counts). It is the most that can be
 * missing: some of the runs would have told nothing. Never less than it was,
 * until a counter of the kernel shows that a program was loaded anew.
 */
uint64_t hawk_loss_of_pair(struct hawk_loss_pair *p, uint64_t first, uint64_t second, uint64_t stood_in);

/*
 * Compares the counters with what was told and calls EMIT once per event,
 * program or queue that lost since; says it in the log as well. A run that the
 * kernel left out is told under the name of the program: which event it would
 * have made, or none, is not known. Where a second program stands by, it is what
 * may have been left out of both.
 */
void hawk_loss_check(struct hawk_loss *l, struct hawk_collect *collect, struct hawk_sinks *sinks,
		     void (*emit)(void *ctx, struct hawk_event *lost), void *ctx);

/* The same of the shared libraries that were dropped or compared partly. */
void hawk_loss_libraries(struct hawk_loss *l, const struct hawk_symbols_stats *stats,
			 void (*emit)(void *ctx, struct hawk_event *lost), void *ctx);

#endif
