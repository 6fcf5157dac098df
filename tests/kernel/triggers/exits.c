/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exits: children that end with various statuses and by signals. */
#include <sys/resource.h>

#include "tests/kernel/triggers/trigger.h"

static const int statuses[] = { 0, 1, 42, 255 };
static const int signals[] = { SIGKILL, SIGSEGV, SIGABRT, SIGUSR1 };

int main(void)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		pid_t pid = (pid_t)must(fork(), "fork");

		if (pid == 0)
			_exit(statuses[i]);
		reap(pid);
		report("{\"child\":%d,\"status\":%d}", pid, statuses[i]);
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		pid_t pid = (pid_t)must(fork(), "fork");

		if (pid == 0) {
			raise(signals[i]);
			_exit(98);
		}
		report("{\"child\":%d,\"signal\":%d}", pid, WTERMSIG(reap(pid)));
	}
	return 0;
}
