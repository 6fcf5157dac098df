/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_REJUDGE_H
#define HAWK_DAEMON_REJUDGE_H
/*
 * Policies and signatures over a recording, whatever judged it when it was made:
 * the same files give the same findings each time. One thread.
 */
#include "src/derive/derive.h"
#include "src/enrich/proctab.h"

struct hawk_rejudge;

/* What a replay is judged by: directories or files, with commas between; NULL: none. */
struct hawk_rejudge_options {
	const char *policies, *signatures;
	struct hawk_proctab *proctab; /* borrowed, as is */
	struct hawk_derive *derive;
	/* Takes each finding, as an event. */
	void (*deliver)(void *ctx, struct hawk_event *event);
	void (*tell)(void *ctx, struct hawk_event *event); /* what aggregations left out: it is judged already */
	void *ctx;
};

/* Returns 0, -EINVAL with what is wrong in *ret_why (malloc'ed), or -errno. */
int hawk_rejudge_new(struct hawk_rejudge **ret, const struct hawk_rejudge_options *options, char **ret_why);
struct hawk_rejudge *hawk_rejudge_free(struct hawk_rejudge *j);

/* Each record, before it is decoded. */
void hawk_rejudge_record(struct hawk_rejudge *j, const void *record, size_t len);
/* Each event of a record when it is enriched: it is time. What should have come by then and did not is told. */
void hawk_rejudge_follow(struct hawk_rejudge *j, struct hawk_event *event);
/* All events before TIME (CLOCK_BOOTTIME ns) were given: what should have come by then and did not is told. */
void hawk_rejudge_advance(struct hawk_rejudge *j, uint64_t time);
/* The daemon looked at TIME whether windows of aggregations have ended, UINT64_MAX: it ended. */
void hawk_rejudge_end(struct hawk_rejudge *j, uint64_t time);
/* An event that is told: sets which policies it matches. */
void hawk_rejudge_match(struct hawk_rejudge *j, struct hawk_event *event);
/* After it was told: what signatures find in it. */
void hawk_rejudge_detect(struct hawk_rejudge *j, const struct hawk_event *event);

#endif
