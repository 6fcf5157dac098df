/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * processes CHILD COUNT: starts COUNT sleeping processes, each with an argument
 * of its own, says so, and kills them when its standard input ends.
 */
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "bench/workloads/workload.h"

int main(int argc, char **argv)
{
	char word[64], *child[] = { NULL, word, NULL }, *environment[] = { NULL }, c;
	unsigned long count, n;
	pid_t *pids;

	if (argc < 3)
		return 2;
	child[0] = argv[1];
	count = number(argv[2]);
	pids = calloc(count, sizeof(*pids));
	if (!pids)
		fail("calloc");
	for (n = 0; n < count; n++) {
		snprintf(word, sizeof(word), "--worker-number=%lu", n);
		errno = posix_spawn(&pids[n], argv[1], NULL, NULL, child, environment);
		if (errno) {
			perror("workload: posix_spawn");
			break;
		}
	}
	printf("{\"done\":%lu}\n", n);
	fflush(stdout);
	while (n == count && read(STDIN_FILENO, &c, 1) > 0)
		;
	for (unsigned long i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	free(pids);
	return n == count ? EXIT_SUCCESS : EXIT_FAILURE;
}
