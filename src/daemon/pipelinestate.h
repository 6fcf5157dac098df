/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_PIPELINESTATE_H
#define HAWK_DAEMON_PIPELINESTATE_H
/* Inside of the pipeline: pipeline.c is its thread, pipelineask.c what other threads ask of it. */
#include <pthread.h>
#include <stdatomic.h>

#include "src/daemon/announce.h"
#include "src/daemon/loss.h"
#include "src/daemon/matching.h"
#include "src/daemon/pipeline.h"
#include "src/decode/decode.h"

/* What one of them asks. */
struct hawk_pipeline_caller {
	void (*fn)(void *arg, struct hawk_proctab *proctab);
	void *arg;
	bool done;
};

struct hawk_pipeline {
	struct hawk_pipeline_parts parts;
	struct hawk_decoder *decoder;
	struct hawk_loss loss;
	struct hawk_announce announce;
	struct hawk_event event;
	uint64_t seq, checked;
	uint64_t read_until; /* all records of before then have gone through */
	uint64_t seeded, seeded_at; /* begin of the last seeding, and when it was complete */
	bool swept;
	bool timed; /* the record in hand is one of those whose times are taken */
	struct hawk_matching matching;
	struct hawk_detecting detecting;
	pthread_t thread;
	int epoll_fd, wake_fd, clock_fd;
	_Atomic bool stop;

	pthread_mutex_t lock; /* call, stats, tap */
	pthread_cond_t called;
	pthread_mutex_t callers; /* one caller at a time */
	struct hawk_pipeline_caller *call;
	struct hawk_pipeline_stats stats; /* published copy */
	void (*tap)(void *ctx, const void *record, size_t len);
	void *tap_ctx;

	struct hawk_pipeline_stats now; /* the thread's own */
};

static inline uint64_t hawk_pipeline_now(const struct hawk_pipeline *p)
{
	return hawk_clock_now(p->parts.clock);
}

/* Ends the thread's sleep. Any thread. */
void hawk_pipeline_wake(struct hawk_pipeline *p);
/* Delivers an event of the daemon itself: loss, announcements. CTX is the pipeline. Sets process and times. Its thread only. */
void hawk_pipeline_own(void *ctx, struct hawk_event *event);

#endif
