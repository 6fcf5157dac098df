/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_LOSS_H
#define HAWK_DAEMON_LOSS_H
/* Loss is an event: counters of the kernel, of its programs and of the queues become events.lost. */
#include "src/collect/collect.h"
#include "src/sink/sink.h"
#include "src/symbol/symbols.h"

struct hawk_loss {
	uint64_t told[HAWK_EVENT_ID_MAX]; /* of the kernel's counters */
	uint64_t noargs[HAWK_EVENT_ID_MAX]; /* told of the events without their arguments */
	uint64_t skipped[HAWK_PROG_MAX];  /* told of the runs that the kernel left out */
	uint64_t queues;                  /* told of the queues */
	uint64_t libraries, partly;       /* told of those that nobody read, and of those not compared with all */
	uint64_t total;                   /* of all kinds */
	uint64_t life;                    /* of the life cycle, without which the process table is wrong */
};

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
