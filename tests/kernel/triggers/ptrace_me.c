/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ptrace_me [--stay]: a child asks to be traced; another one is attached to
 * and let go. --stay: remains until it is killed.
 */
#include <sys/ptrace.h>

#include "tests/kernel/triggers/trigger.h"

int main(int argc, char **argv)
{
	pid_t pid = (pid_t)must(fork(), "fork");

	if (pid == 0)
		_exit(ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0);
	if (reap(pid) != 0)
		return 99;
	report("{\"request\":\"PTRACE_TRACEME\",\"pid\":%d,\"target\":0}", pid);
	pid = (pid_t)must(fork(), "fork");
	if (pid == 0) {
		pause();
		_exit(0);
	}
	must(ptrace(PTRACE_ATTACH, pid, NULL, NULL), "attach");
	reap(pid);
	must(ptrace(PTRACE_DETACH, pid, NULL, NULL), "detach");
	report("{\"request\":\"PTRACE_ATTACH\",\"pid\":%d,\"target\":%d}", getpid(), pid);
	report("{\"request\":\"PTRACE_DETACH\",\"pid\":%d,\"target\":%d}", getpid(), pid);
	must(kill(pid, SIGKILL), "kill");
	reap(pid);
	while (argc > 1)
		pause();
	return 0;
}
