/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BENCH_WORKLOAD_H
#define HAWK_BENCH_WORKLOAD_H
/*
 * Helpers of the workloads. A workload repeats one thing in slices and prints
 * one JSON object: the nanoseconds and the CPU time of each slice, so that the
 * driver can leave out those in which something else had the CPU, and of all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define SLICES_MAX 1000

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* The workload itself failed: says where and why. */
__attribute__((noreturn)) static inline void fail(const char *what)
{
	fprintf(stderr, "workload: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* A positive number of the command line. */
static inline unsigned long number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!n || *end) {
		fprintf(stderr, "workload: \"%s\" is not a number above 0\n", text);
		exit(2);
	}
	return n;
}

/* CPU time of this process and of its children that were waited for. */
static inline uint64_t cpu_ns(void)
{
	struct rusage u;
	uint64_t ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	getrusage(RUSAGE_CHILDREN, &u);
	return ns + (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

static inline void print_list(const char *name, const uint64_t *ns, unsigned long n)
{
	printf(",\"%s\":[", name);
	for (unsigned long i = 0; i < n; i++)
		printf("%s%llu", i ? "," : "", (unsigned long long)ns[i]);
	printf("]");
}

/* Does ONCE(ARG) as often as COUNT says, rounded to whole slices, and reports. */
static inline void run_slices(unsigned long count, unsigned long slices, void (*once)(void *arg), void *arg)
{
	uint64_t ns[SLICES_MAX], cpu[SLICES_MAX], begin, begin_cpu, total;
	unsigned long each;

	if (slices > SLICES_MAX)
		slices = SLICES_MAX;
	each = count / slices + !!(count % slices);
	once(arg);
	total = clock_ns(CLOCK_MONOTONIC);
	for (unsigned long i = 0; i < slices; i++) {
		begin_cpu = cpu_ns();
		begin = clock_ns(CLOCK_MONOTONIC);
		for (unsigned long k = 0; k < each; k++)
			once(arg);
		ns[i] = clock_ns(CLOCK_MONOTONIC) - begin;
		cpu[i] = cpu_ns() - begin_cpu;
	}
	total = clock_ns(CLOCK_MONOTONIC) - total;
	printf("{\"each\":%lu,\"done\":%lu,\"ns\":%llu", each, each * slices + 1, (unsigned long long)total);
	print_list("slices", ns, slices);
	print_list("cpu_slices", cpu, slices);
	printf("}\n");
}

#endif
