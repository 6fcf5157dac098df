/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "src/base/cleanup.h"

#define TRIES 8
#define LINES_MAX 4096 /* the timers of a CPU stand between the numbers that are looked for */

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

/* Between which two values the offset is: the closest of some measurements. */
static void measure(int64_t *ret_low, int64_t *ret_high)
{
	uint64_t before, real, after, best = UINT64_MAX;

	*ret_low = *ret_high = 0;
	for (int i = 0; i < TRIES; i++) {
		before = read_clock(CLOCK_BOOTTIME);
		real = read_clock(CLOCK_REALTIME);
		after = read_clock(CLOCK_BOOTTIME);
		if (after - before >= best)
			continue;
		best = after - before;
		*ret_low = (int64_t)(real - after);
		*ret_high = (int64_t)(real - before);
	}
}

/*
 * What the first CPU adds to CLOCK_MONOTONIC for the others (struct hrtimer_clock_base, print_base() in the kernel's
 * kernel/time/timer_list.c); only root may read it. A CPU that sleeps may not know of a change yet.
 */
static bool read_timer_list(int64_t *ret)
{
	_cleanup_fclose_ FILE *list = fopen("/proc/timer_list", "re");
	long long offset, of[CLOCK_BOOTTIME + 1];
	int base, clock = -1;
	bool real = false;
	char line[256];

	for (int i = 0; list && i < LINES_MAX && fgets(line, sizeof(line), list); i++) {
		if (sscanf(line, " clock %d:", &base) == 1) {
			/* enum hrtimer_base_type: monotonic, real, boot */
			clock = base == 1 ? CLOCK_REALTIME : base == 2 ? CLOCK_BOOTTIME : -1;
		} else if (clock >= 0 && sscanf(line, " .offset: %lld nsecs", &offset) == 1) {
			of[clock] = offset;
			real |= clock == CLOCK_REALTIME;
			if (clock == CLOCK_BOOTTIME && real) {
				*ret = of[CLOCK_REALTIME] - of[CLOCK_BOOTTIME];
				return true;
			}
		}
	}
	return false;
}

static int64_t look(void)
{
	int64_t low, high, exact;

	measure(&low, &high);
	return read_timer_list(&exact) && exact >= low && exact <= high ? exact : low + (high - low) / 2;
}

static _Atomic int64_t system_offset;

static void look_first(void)
{
	atomic_store(&system_offset, look());
}

int64_t hawk_clock_boot_offset(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, look_first);
	return atomic_load(&system_offset);
}

struct hawk_clock hawk_clock_system(void)
{
	return (struct hawk_clock){
		.boot_ns = system_boot_ns,
		.boot_offset = hawk_clock_boot_offset(),
	};
}

/* A time that never comes; setting the clock cancels it. */
static int arm(int fd)
{
	const struct itimerspec never = { .it_value.tv_sec = INT64_MAX / 1000000000 };

	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0 ? -errno : 0;
}

int64_t hawk_clock_renew(struct hawk_clock *c, int fd)
{
	int64_t before = hawk_clock_boot_offset();
	uint64_t expired;

	/* armed first: of two changes in a row none goes by unseen */
	if (fd >= 0 && (read(fd, &expired, sizeof(expired)) >= 0 || errno == ECANCELED))
		arm(fd);
	atomic_store(&system_offset, look());
	c->boot_offset = hawk_clock_boot_offset();
	return c->boot_offset - before;
}

int hawk_clock_watch(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK), r;

	if (fd < 0)
		return -errno;
	r = arm(fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}
