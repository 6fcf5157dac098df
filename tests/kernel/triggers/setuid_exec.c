/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * setuid_exec DIR: a copy of this program in DIR, setuid root, is executed by
 * user 65534. The effective user becomes 0, the real one stays. DIR must be
 * reachable by everybody.
 */
#include "tests/kernel/triggers/trigger.h"

#define NOBODY 65534

int main(int argc, char **argv)
{
	char path[4096], *args[] = { "helper", "--helper", NULL };
	pid_t pid;
	int fd;

	if (argc > 1 && strcmp(argv[1], "--helper") == 0) {
		report("{\"pid\":%d,\"uid\":%d,\"euid\":%d}", getpid(), getuid(), geteuid());
		return 0;
	}
	if (argc < 2)
		return 2;
	snprintf(path, sizeof(path), "%s/helper", argv[1]);
	fd = (int)must(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0755), "open helper");
	copy_self(fd);
	must(fchmod(fd, 04755), "fchmod");
	close(fd);
	pid = (pid_t)must(fork(), "fork");
	if (pid == 0) {
		must(setgid(NOBODY), "setgid");
		must(setuid(NOBODY), "setuid");
		execv(path, args);
		fail("execv helper");
	}
	if (reap(pid) != 0)
		return 99;
	report("{\"child\":%d,\"path\":\"%s\"}", pid, path);
	unlink(path);
	return 0;
}
