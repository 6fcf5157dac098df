/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec_all DIR: starts a program in every way: execve, execveat of a
 * descriptor, from a memfd, a file that is unlinked, a script; and attempts
 * that fail. Each in a child of its own.
 */
#include <sys/mman.h>

#include "tests/kernel/triggers/trigger.h"

static const char *dir;
static char *const empty_env[] = { "ODD=1", NULL };

static void by_execve(void)
{
	char *args[] = { "exec_all", "--noop", "execve", NULL };

	execve(self_path(), args, empty_env);
}

static void by_execveat(void)
{
	char *args[] = { "exec_all", "--noop", "execveat", NULL };
	int fd = (int)must(open(self_path(), O_PATH | O_CLOEXEC), "open self");

	syscall(SYS_execveat, fd, "", args, empty_env, AT_EMPTY_PATH);
}

static void by_memfd(void)
{
	char *args[] = { "exec_all", "--noop", "memfd", NULL };
	int fd = (int)must(memfd_create("in memory", MFD_CLOEXEC), "memfd_create");

	copy_self(fd);
	/* A file open for writing cannot be executed; sealing is not needed, reopening is. */
	syscall(SYS_execveat, fd, "", args, empty_env, AT_EMPTY_PATH);
}

static void by_unlinked(void)
{
	char *args[] = { "exec_all", "--noop", "unlinked", NULL }, path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/unlinked", dir);
	fd = (int)must(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0700), "open copy");
	copy_self(fd);
	close(fd);
	fd = (int)must(open(path, O_PATH | O_CLOEXEC), "open copy");
	unlink(path);
	syscall(SYS_execveat, fd, "", args, empty_env, AT_EMPTY_PATH);
}

static void by_script(void)
{
	char *args[] = { "script", "argument", NULL }, path[4096], text[5000];
	int fd, n;

	snprintf(path, sizeof(path), "%s/script", dir);
	fd = (int)must(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0700), "open script");
	n = snprintf(text, sizeof(text), "#!%s --noop\n", self_path());
	if (write(fd, text, (size_t)n) != n)
		fail("write script");
	close(fd);
	execve(path, args, empty_env);
}

static void missing(void)
{
	char *args[] = { "missing", NULL }, path[4096];

	snprintf(path, sizeof(path), "%s/missing", dir);
	execve(path, args, empty_env);
}

static void forbidden(void)
{
	char *args[] = { "forbidden", NULL }, path[4096];

	snprintf(path, sizeof(path), "%s/forbidden", dir);
	close((int)must(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600), "open forbidden"));
	execve(path, args, empty_env);
}

static void run(const char *how, void (*fn)(void))
{
	pid_t pid = (pid_t)must(fork(), "fork");
	int status;

	if (pid == 0) {
		fn();
		_exit(errno);
	}
	status = reap(pid);
	report("{\"how\":\"%s\",\"child\":%d,\"status\":%d,\"self\":\"%s\",\"dir\":\"%s\"}", how, pid,
	       WEXITSTATUS(status), self_path(), dir);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--noop") == 0)
		return 0;
	if (argc < 2)
		return 2;
	dir = argv[1];
	run("execve", by_execve);
	run("execveat", by_execveat);
	run("memfd", by_memfd);
	run("unlinked", by_unlinked);
	run("script", by_script);
	run("missing", missing);
	run("forbidden", forbidden);
	return 0;
}
