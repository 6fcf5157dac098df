/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FINDING_FINDING_H
#define HAWK_FINDING_FINDING_H
/*
 * Findings: what signatures found, kept with the story of each: the process and
 * those it comes from, the events that made it, the findings that led to it and
 * the last events of its process tree. Fixed memory, the oldest go first.
 *
 * Used by one thread at a time, the pipeline's; others ask within
 * hawk_pipeline_call(). A stage calls, in this order:
 *
 *	hawk_findings_record(f, record, len);            every record, before it is decoded
 *	…                                                decode, enrich, derive as ever
 *	hawk_sig_engine_event(engine, event, model, on_found, p);
 *
 *	on_found(p, found):
 *		struct hawk_event told;
 *		hawk_findings_add(f, found, model, &told);
 *		deliver(p, &told);                       policies, sinks, …, and then
 *		hawk_sig_engine_event(engine, &told, …)  if the engine does not look at findings itself
 */
#include "src/base/buf.h"
#include "src/sig/engine.h"

struct hawk_findings;

#define HAWK_FINDING_PREFIX_MAX 16
#define HAWK_FINDING_ID_MAX 40 /* with its NUL */

struct hawk_findings_limits {
	size_t bytes;         /* of the findings kept; default 16 MiB when 0 */
	size_t context_bytes; /* of the raw records kept for the time before a finding; default 4 MiB when 0 */
	uint64_t context_ns;  /* how far back; default 10 s when 0 */
	/* The ids begin with this (letters and digits), so that those of other runs differ; NULL: "0", as in a replay. */
	const char *prefix;
};

int hawk_findings_new(struct hawk_findings **ret, const struct hawk_findings_limits *limits);
struct hawk_findings *hawk_findings_free(struct hawk_findings *f);

/* A prefix for the run of a daemon that began at START (CLOCK_BOOTTIME ns) after the boot with BOOT_ID. */
void hawk_findings_prefix(const char *boot_id, uint64_t start, char ret[static HAWK_FINDING_PREFIX_MAX + 1]);

/* Keeps a record for the time before a finding: copies it, no more. The oldest go. */
void hawk_findings_record(struct hawk_findings *f, const void *record, size_t len);
/*
 * Which events are collected from TIME (CLOCK_BOOTTIME ns) on, by row of hawk_event_descs() (copied): a finding
 * tells, so that nobody takes what was not watched for what did not happen. Of those that are not in WHOLE the
 * kernel leaves out what no policy and no signature can be about. Any thread.
 */
void hawk_findings_collected(struct hawk_findings *f, const uint64_t *events, const uint64_t *whole, uint64_t time);

/*
 * Keeps what was found, and makes the event "finding" of it in *RET. That borrows of FOUND and of F, until the
 * next finding of the same depth is added. Its number in the stream (seq) is not set. What there is no memory to
 * keep is counted, the event is made in any case.
 */
void hawk_findings_add(struct hawk_findings *f, const struct hawk_sig_found *found, const struct hawk_model *model,
		       struct hawk_event *ret);

struct hawk_findings_query {
	enum hawk_severity severity; /* this one and worse */
	const char *signature;       /* name or id; NULL: any */
	const char *unit;            /* NULL: any */
	uint64_t since;              /* CLOCK_BOOTTIME ns; 0: any time */
	size_t max;                  /* the newest of them; 0: all */
};

/*
 * Appends those that fit Q, the oldest first, as a JSON list of struct Finding (src/proto/verbs.def). Returns how
 * many more would have fit but for q->max; out->error when that is set.
 */
size_t hawk_findings_list(const struct hawk_findings *f, const struct hawk_findings_query *q, struct hawk_buf *out);
/* Appends the finding with this ID and its story as a JSON object, the reply of FindingShow; false: it is not there (any more). */
bool hawk_findings_show(const struct hawk_findings *f, const char *id, struct hawk_buf *out);

struct hawk_findings_stats {
	uint64_t found, kept, bytes;
	uint64_t forgotten;       /* of those found: gone for want of room, or never kept */
	uint64_t without_context; /* too many at once to look at the time before each */
	uint64_t records, record_bytes; /* kept for the time before a finding */
};
struct hawk_findings_stats hawk_findings_stats(const struct hawk_findings *f);

#endif
