/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_PIPELINE_H
#define HAWK_DAEMON_PIPELINE_H
/*
 * The data path: rings -> decode -> enrich -> derive -> policies -> sinks, and signatures. It has
 * a thread of its own, which owns the rings, the decoder and the process table. Everybody else
 * asks it to run a function between two batches.
 */
#include "src/base/clock.h"
#include "src/collect/collect.h"
#include "src/control/control.h"
#include "src/daemon/detecting.h"
#include "src/derive/derive.h"
#include "src/enrich/proctab.h"
#include "src/finding/finding.h"
#include "src/policy/set.h"
#include "src/sink/sink.h"
#include "src/symbol/symbols.h"

struct hawk_pipeline;

/* All borrowed for the life of the pipeline. */
struct hawk_pipeline_parts {
	struct hawk_collect *collect;
	struct hawk_sinks *sinks;
	struct hawk_proctab *proctab;
	struct hawk_derive *derive;
	struct hawk_cmdline *cmdline; /* whose answers the process table takes */
	struct hawk_symbols *symbols; /* asked about libraries */
	struct hawk_clock *clock; /* its offset follows the system's, as the thread sees that the clock was set */
	struct hawk_facts *facts;               /* for policies and signatures */
	const struct hawk_policy_set *policies; /* in force at the start; NULL: none */
	uint32_t generation;                    /* that its records carry */
	struct hawk_sig_engine *engine;         /* of the signatures */
	const struct hawk_sig_set *signatures;  /* in force at the start; NULL: none */
	struct hawk_findings *findings;         /* what they found */
	struct hawk_learning *learning;         /* what is learnt of it */
};

/* Starts the thread. Returns 0 or -errno. */
int hawk_pipeline_start(struct hawk_pipeline **ret, const struct hawk_pipeline_parts *parts);
/* Reads what is in the rings, stops the thread and frees. */
struct hawk_pipeline *hawk_pipeline_stop(struct hawk_pipeline *p);

/* Runs FN on the thread between two batches; returns when it has run. Any thread but the pipeline's. */
void hawk_pipeline_call(struct hawk_pipeline *p, void (*fn)(void *arg, struct hawk_proctab *proctab), void *arg);
/*
 * The same within a batch: FN may EMIT events of the daemon itself, of which
 * it sets descriptor and data. After EMIT the event has its process and times.
 */
typedef void (*hawk_pipeline_emit)(void *emit_ctx, struct hawk_event *event);
void hawk_pipeline_tell(struct hawk_pipeline *p, void (*fn)(void *arg, hawk_pipeline_emit emit, void *emit_ctx),
			void *arg);
/*
 * Waits until the processes that were read before the start are in the process
 * table; for the last of their command lines a tenth of a second at most. Any
 * thread but the pipeline's.
 */
void hawk_pipeline_settle(struct hawk_pipeline *p);
/*
 * Waits until what the kernel sent before the call has been delivered; in a
 * flood a second at most. Any thread but the pipeline's.
 */
void hawk_pipeline_catch_up(struct hawk_pipeline *p);
/* A copy of the counters. Any thread. */
struct hawk_pipeline_stats hawk_pipeline_stats(struct hawk_pipeline *p);
/* Sets the function that sees every record as it is read, on the thread; NULL: none. */
void hawk_pipeline_tap(struct hawk_pipeline *p, void (*tap)(void *ctx, const void *record, size_t len), void *ctx);

/*
 * From now on records of GENERATION, and those whose set is gone, are matched
 * with SET, which is borrowed until hawk_pipeline_has_policies() says no. FRESH
 * are bits of hawk_process.followed that get a new meaning. Any thread but the
 * pipeline's.
 */
void hawk_pipeline_set_policies(struct hawk_pipeline *p, const struct hawk_policy_set *set, uint32_t generation,
				const uint64_t fresh[static HAWK_POLICY_WORDS]);
/*
 * Whether SET may still be used: it is the last one given, or records of its
 * generation may still be in the rings. Any thread but the pipeline's.
 */
bool hawk_pipeline_has_policies(struct hawk_pipeline *p, const struct hawk_policy_set *set);

/* From now on signatures are those of SET, borrowed; the one before is not used any more. Any thread but the pipeline's. */
void hawk_pipeline_set_signatures(struct hawk_pipeline *p, const struct hawk_sig_set *set);

#endif
