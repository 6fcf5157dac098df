/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * latency WORD COUNT: reads JSON lines from standard input until COUNT of them
 * held WORD, or the end. The latency of an event is the time at which its line
 * could be read less the time that stands in it.
 */
#include "bench/workloads/workload.h"

#define DAY_NS (86400ULL * 1000000000)

static char block[4 << 20];

/* Nanoseconds since midnight (UTC) in "…T12:34:56.123456789Z"; -1 when there are none. */
static long long time_of_day(const char *line, const char *end)
{
	const char *t = memmem(line, (size_t)(end - line), "\"time\":\"", 8);
	unsigned int h, m, s, ns;

	if (!t || end - t < 40 || sscanf(t + 8 + 11, "%2u:%2u:%2u.%9uZ", &h, &m, &s, &ns) != 4)
		return -1;
	return (long long)((h * 60 + m) * 60 + s) * 1000000000 + ns;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Takes the whole lines of LEN bytes. Returns how many bytes those are. */
static size_t take_lines(size_t len, const char *word, uint64_t *latency, unsigned long *n, unsigned long count)
{
	uint64_t now = clock_ns(CLOCK_REALTIME) % DAY_NS;
	const char *at = block, *end;

	for (; (end = memchr(at, '\n', len - (size_t)(at - block))); at = end + 1) {
		long long time;

		if (*n == count || !memmem(at, (size_t)(end - at), word, strlen(word)))
			continue;
		time = time_of_day(at, end);
		if (time >= 0)
			latency[(*n)++] = (now + DAY_NS - (uint64_t)time) % DAY_NS;
	}
	return (size_t)(at - block);
}

int main(int argc, char **argv)
{
	unsigned long count, n = 0;
	uint64_t *latency;
	size_t len = 0;
	ssize_t r;

	if (argc < 3)
		return 2;
	count = number(argv[2]);
	latency = calloc(count, sizeof(*latency));
	if (!latency)
		fail("calloc");
	while (n < count && len < sizeof(block) && (r = read(STDIN_FILENO, block + len, sizeof(block) - len)) > 0) {
		size_t taken;

		len += (size_t)r;
		taken = take_lines(len, argv[1], latency, &n, count);
		len -= taken;
		memmove(block, block + taken, len);
	}
	qsort(latency, n, sizeof(*latency), compare);
	printf("{\"done\":%lu,\"p50\":%llu,\"p99\":%llu,\"max\":%llu}\n", n,
	       (unsigned long long)(n ? latency[n / 2] : 0), (unsigned long long)(n ? latency[n * 99 / 100] : 0),
	       (unsigned long long)(n ? latency[n - 1] : 0));
	free(latency);
	return EXIT_SUCCESS;
}
