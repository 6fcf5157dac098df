/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_CLOCK_H
#define HAWK_BASE_CLOCK_H
/* Time, so that a replay can inject its own: stages that need time take a struct hawk_clock. */
#include <stdint.h>

struct hawk_clock {
	uint64_t (*boot_ns)(void *ctx); /* CLOCK_BOOTTIME */
	void *ctx;
	int64_t boot_offset; /* CLOCK_REALTIME minus CLOCK_BOOTTIME, ns; changes when somebody sets the clock */
};

/* The system's clock. */
struct hawk_clock hawk_clock_system(void);
/*
 * CLOCK_REALTIME minus CLOCK_BOOTTIME, ns, as it was when it was last looked at: at the first call or hawk_clock_renew(),
 * whichever thread that was. The kernel's own number where /proc/timer_list tells it, so that all processes, and the next
 * ones, give the same time to the same moment; else a measurement, two of which differ by some 100 ns.
 */
int64_t hawk_clock_boot_offset(void);
/*
 * Looks at it again and keeps it in C, too, which only one thread at a time may use. Returns by how much it changed, ns.
 * FD is that of hawk_clock_watch(), which is ready for the next change then; -1 for none.
 */
int64_t hawk_clock_renew(struct hawk_clock *c, int fd);
/*
 * A descriptor that can be read as soon as the clock has been set, by whomever (TFD_TIMER_CANCEL_ON_SET, timerfd_create(2));
 * slewing, as NTP does it most of the time, goes into both clocks. The caller closes it. Returns -errno.
 */
int hawk_clock_watch(void);
static inline uint64_t hawk_clock_now(const struct hawk_clock *c)
{
	return c->boot_ns(c->ctx);
}

#endif
