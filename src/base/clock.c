/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/clock.h"

#include <stddef.h>
#include <time.h>

static uint64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

static uint64_t system_boot_ns(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_BOOTTIME);
}

int64_t hawk_clock_boot_offset(void)
{
	return (int64_t)(read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME));
}

struct hawk_clock hawk_clock_system(void)
{
	return (struct hawk_clock){
		.boot_ns = system_boot_ns,
		.boot_offset = hawk_clock_boot_offset(),
	};
}
