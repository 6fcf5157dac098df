/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * opens FILE COUNT SLICES: opens and closes FILE in a loop.
 * opens FILE COUNT rate PER_SECOND: the same at a steady pace, a portion each
 * millisecond.
 */
#include "bench/workloads/workload.h"

static void once(void *arg)
{
	int fd = open(arg, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail(arg);
	close(fd);
}

static void paced(const char *file, unsigned long count, unsigned long per_second)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC), late = 0;
	unsigned long done = 0;

	while (done < count) {
		uint64_t now = clock_ns(CLOCK_MONOTONIC), due = start + done * 1000000000 / per_second;
		unsigned long until = (now - start) / 1000000 * per_second / 1000 + per_second / 1000;
		struct timespec pause = { .tv_nsec = 1000000 };

		if (now > due && now - due > late)
			late = now - due;
		for (; done < until && done < count; done++)
			once((void *)(uintptr_t)file);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	printf("{\"done\":%lu,\"ns\":%llu,\"late_ns\":%llu}\n", done,
	       (unsigned long long)(clock_ns(CLOCK_MONOTONIC) - start), (unsigned long long)late);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	if (argc > 4 && strcmp(argv[3], "rate") == 0)
		paced(argv[1], number(argv[2]), number(argv[4]));
	else
		run_slices(number(argv[2]), number(argv[3]), once, argv[1]);
	return EXIT_SUCCESS;
}
