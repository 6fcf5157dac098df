/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_ANNOUNCE_H
#define HAWK_DAEMON_ANNOUNCE_H
/*
 * Events that no probe makes: what the daemon says of the host and of itself, once to those
 * who begin to listen.
 */
#include "src/base/clock.h"
#include "src/event/event.h"

#define HAWK_ANNOUNCEMENTS 2

struct hawk_announce {
	const struct hawk_clock *clock;
	uint64_t started; /* CLOCK_BOOTTIME ns */
	bool told[HAWK_ANNOUNCEMENTS];
};

/* CLOCK outlives A. */
void hawk_announce_init(struct hawk_announce *a, const struct hawk_clock *clock);
/*
 * Calls EMIT for each event that somebody WANTS (by its id) now and nobody wanted
 * at the last call. The event is valid until EMIT returns.
 */
void hawk_announce_check(struct hawk_announce *a, bool (*wants)(void *ctx, uint16_t event),
			 void (*emit)(void *ctx, struct hawk_event *event), void *ctx);

#endif
