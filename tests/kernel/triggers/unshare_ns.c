/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unshare_ns: leaves each kind of namespace, in a child of its own, which then executes a program. */
#include <sched.h>

#include "tests/kernel/triggers/trigger.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static const struct {
	const char *name;
	int flag;
} kinds[] = {
	{ "CLONE_NEWNS", CLONE_NEWNS },     { "CLONE_NEWUTS", CLONE_NEWUTS },
	{ "CLONE_NEWIPC", CLONE_NEWIPC },   { "CLONE_NEWUSER", CLONE_NEWUSER },
	{ "CLONE_NEWPID", CLONE_NEWPID },   { "CLONE_NEWNET", CLONE_NEWNET },
	{ "CLONE_NEWTIME", CLONE_NEWTIME }, { "CLONE_NEWCGROUP", CLONE_NEWCGROUP },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		return 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		pid_t pid = (pid_t)must(fork(), "fork");

		if (pid == 0) {
			char *args[] = { "unshare_ns", "--done", NULL };

			if (unshare(kinds[i].flag) < 0)
				_exit(errno);
			execv(self_path(), args);
			fail("execv");
		}
		report("{\"child\":%d,\"flag\":\"%s\",\"errno\":%d}", pid, kinds[i].name,
		       WEXITSTATUS(reap(pid)));
	}
	return 0;
}
