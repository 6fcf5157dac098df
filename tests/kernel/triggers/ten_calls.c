/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ten system calls that every architecture has, with arguments that say where they belong. */
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "tests/kernel/triggers/trigger.h"

static void told(const char *call, const char *args, long ret)
{
	report("{\"call\":\"%s\",\"data\":{%s},\"retval\":%ld}", call, args, ret < 0 ? -(long)errno : ret);
}

static void files(void)
{
	long fd;

	told("mkdirat", "\"pathname\":\"/tmp/ten-calls\"", syscall(SYS_mkdirat, AT_FDCWD, "/tmp/ten-calls", 0700));
	fd = syscall(SYS_openat, AT_FDCWD, "/tmp/ten-calls/file", O_CREAT | O_WRONLY, 0600);
	told("openat", "\"pathname\":\"/tmp/ten-calls/file\"", fd);
	told("dup3", "\"newfd\":77", syscall(SYS_dup3, fd, 77, O_CLOEXEC));
	told("unlinkat", "\"pathname\":\"/tmp/ten-calls/file\"", syscall(SYS_unlinkat, AT_FDCWD, "/tmp/ten-calls/file", 0));
	told("unlinkat", "\"pathname\":\"/tmp/ten-calls\"", syscall(SYS_unlinkat, AT_FDCWD, "/tmp/ten-calls", AT_REMOVEDIR));
}

static void others(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long fd = syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);

	told("socket", "\"domain\":\"AF_INET\"", fd);
	told("connect", "\"addrlen\":16", syscall(SYS_connect, fd, &to, sizeof(to)));
	told("mprotect", "\"len\":4096", syscall(SYS_mprotect, page, 4096UL, PROT_READ | PROT_WRITE));
	told("kill", "\"sig\":\"SIGKILL\"", syscall(SYS_kill, 0x7ffffffe, SIGKILL));
}

int main(int argc, char **argv)
{
	char *args[] = { "ten_calls", "--child", NULL };
	pid_t pid;

	if (argc > 1 && strcmp(argv[1], "--child") == 0)
		return 7;
	files();
	others();
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		execv(self_path(), args);
		_exit(99);
	}
	told("clone", "", pid);
	report("{\"call\":\"execve\",\"data\":{},\"retval\":0,\"child\":%d}", pid);
	return WEXITSTATUS(reap((pid_t)must(pid, "clone"))) == 7 ? 0 : 99;
}
