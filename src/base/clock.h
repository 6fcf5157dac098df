/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_CLOCK_H
#define HAWK_BASE_CLOCK_H
/* Time, so that a replay can inject its own: stages that need time take a struct hawk_clock. */
#include <stdint.h>

struct hawk_clock {
	uint64_t (*boot_ns)(void *ctx); /* CLOCK_BOOTTIME */
	void *ctx;
	int64_t boot_offset; /* CLOCK_REALTIME minus CLOCK_BOOTTIME, ns */
};

/* The system's clock, offset measured now. */
struct hawk_clock hawk_clock_system(void);
/* Measures CLOCK_REALTIME minus CLOCK_BOOTTIME, ns. */
int64_t hawk_clock_boot_offset(void);
static inline uint64_t hawk_clock_now(const struct hawk_clock *c)
{
	return c->boot_ns(c->ctx);
}

#endif
