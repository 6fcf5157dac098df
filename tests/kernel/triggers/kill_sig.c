/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kill_sig: sends signals to a child until one of them ends it. */
#include "tests/kernel/triggers/trigger.h"

int main(void)
{
	pid_t pid = (pid_t)must(fork(), "fork");

	if (pid == 0) {
		for (;;)
			pause();
	}
	must(kill(pid, 0), "kill 0");
	report("{\"pid\":%d,\"child\":%d,\"sig\":0}", getpid(), pid);
	must(kill(pid, SIGTERM), "kill SIGTERM");
	reap(pid);
	report("{\"pid\":%d,\"child\":%d,\"sig\":15}", getpid(), pid);
	return 0;
}
