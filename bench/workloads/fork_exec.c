/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fork_exec CHILD COUNT SLICES: forks, executes CHILD and waits for its end, in a loop. */
#include <sys/wait.h>

#include "bench/workloads/workload.h"

static void once(void *arg)
{
	char *child[] = { arg, NULL }, *environment[] = { NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execve(arg, child, environment);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		fail("fork");
	if (status) {
		fprintf(stderr, "workload: %s: status %#x\n", (const char *)arg, (unsigned int)status);
		exit(EXIT_FAILURE);
	}
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	run_slices(number(argv[2]), number(argv[3]), once, argv[1]);
	return EXIT_SUCCESS;
}
