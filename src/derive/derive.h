/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DERIVE_DERIVE_H
#define HAWK_DERIVE_DERIVE_H
/*
 * Events that are made of other events: what packets say, of the packets that
 * the kernel sends. And what was learnt from them: the DNS cache and whom
 * processes talk to, told by later events. No I/O; belongs to the pipeline's
 * thread. Nothing is allocated per event once buffers are warm.
 */
#include "src/derive/dnscache.h"
#include "src/derive/targets.h"
#include "src/event/event.h"
#include "src/net/stream.h"

struct hawk_derive;

/* Returns 0 or -ENOMEM. */
int hawk_derive_new(struct hawk_derive **ret);
/* NULL is fine. Returns NULL. */
struct hawk_derive *hawk_derive_free(struct hawk_derive *d);

/* Which events to make: bits by row of hawk_event_descs(). At first all. Any thread. */
void hawk_derive_set_wanted(struct hawk_derive *d, const uint64_t *bits);
/*
 * Which events to make of system calls (bpf/abi/made.def), by row of
 * hawk_event_descs(): those that the kernel does not send itself. At first all:
 * a recording has the calls only that they were made of. Any thread.
 */
void hawk_derive_set_by_calls(struct hawk_derive *d, const uint64_t *bits);
/*
 * Completes EVENT (names of addresses) and calls FN for each wanted event that
 * is made of it. Those have its time, process and header, and borrow from it
 * and from D until FN returns. The time of EVENT is the present.
 */
void hawk_derive_event(struct hawk_derive *d, struct hawk_event *event,
		       void (*fn)(void *ctx, struct hawk_event *derived), void *ctx);

/* How many events with this id were made. Any thread. */
uint64_t hawk_derive_count(const struct hawk_derive *d, uint16_t event);

struct hawk_derive_stats {
	uint64_t packets;   /* seen */
	uint64_t malformed; /* packets, or messages in them, that are not what they claim to be */
	struct hawk_streams_stats streams;
};
struct hawk_derive_stats hawk_derive_stats(const struct hawk_derive *d);
/* Owned by D. */
struct hawk_dnscache *hawk_derive_dns(struct hawk_derive *d);
struct hawk_targets *hawk_derive_targets(struct hawk_derive *d);

#endif
