/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fork_storm N: N children one after the other, up to 32 alive; each ends with its number as status. */
#include "tests/kernel/triggers/trigger.h"

#define ALIVE 32

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1000;
	pid_t alive[ALIVE] = { 0 };

	for (int i = 0; i < n + ALIVE; i++) {
		pid_t *slot = &alive[i % ALIVE];

		if (*slot)
			reap(*slot);
		*slot = 0;
		if (i >= n)
			continue;
		*slot = (pid_t)must(fork(), "fork");
		if (*slot == 0)
			_exit(i % 256);
		report("{\"child\":%d,\"status\":%d}", *slot, i % 256);
	}
	report("{\"pid\":%d,\"children\":%d}", getpid(), n);
	return 0;
}
