/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BENCH_MEASURE_H
#define HAWK_BENCH_MEASURE_H
/* What programs that measure one function share. */
#include <stdlib.h>
#include <time.h>

/* CPU time of this process, in nanoseconds. */
static inline double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static inline int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of N (> 0) values, which are sorted. */
static inline double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[n / 2];
}

#endif
