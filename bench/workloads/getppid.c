/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* getppid COUNT SLICES: the cheapest system call, in a loop. */
#include <sys/syscall.h>

#include "bench/workloads/workload.h"

static void once(void *arg)
{
	(void)arg;
	syscall(SYS_getppid);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	run_slices(number(argv[1]), number(argv[2]), once, NULL);
	return EXIT_SUCCESS;
}
