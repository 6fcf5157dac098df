/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/clock.h"

#include <pthread.h>
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

static int64_t system_offset;

static void measure_offset(void)
{
	system_offset = hawk_clock_boot_offset();
}

struct hawk_clock hawk_clock_system(void)
{
	/* two measurements differ by some 100 ns, and a recording must show the times of the live events */
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, measure_offset);
	return (struct hawk_clock){
		.boot_ns = system_boot_ns,
		.boot_offset = system_offset,
	};
}
