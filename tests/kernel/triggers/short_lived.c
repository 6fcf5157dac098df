/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* short_lived N: N times vfork, exec of ourselves and exit at once: processes that live below 1 ms. */
#include "tests/kernel/triggers/trigger.h"

int main(int argc, char **argv)
{
	char number[16];
	const char *self = self_path();
	int n;

	if (argc > 2 && strcmp(argv[1], "--number") == 0)
		return atoi(argv[2]) % 256;
	n = argc > 1 ? atoi(argv[1]) : 100;
	for (int i = 0; i < n; i++) {
		char *args[] = { argv[0], "--number", number, NULL };
		pid_t pid;

		snprintf(number, sizeof(number), "%d", i);
		pid = (pid_t)must(vfork(), "vfork");
		if (pid == 0) {
			execv(self, args);
			_exit(99);
		}
		reap(pid);
		report("{\"child\":%d,\"number\":%d}", pid, i);
	}
	return 0;
}
