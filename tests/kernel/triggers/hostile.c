/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* System calls with arguments that are wrong, huge, or change while the call runs. Argument: a directory to work in. */
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "tests/kernel/triggers/trigger.h"

#define BAD ((char *)8)

static void told(const char *what, long ret)
{
	report("{\"what\":\"%s\",\"retval\":%ld}", what, ret < 0 ? -errno : ret);
}

static void strings(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *end = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *longest = malloc(6001);

	munmap(end + page, page);
	memset(end, 'u', page);
	told("bad", syscall(SYS_openat, AT_FDCWD, BAD, O_RDONLY));
	told("null", syscall(SYS_openat, AT_FDCWD, NULL, O_RDONLY));
	told("unmapped", syscall(SYS_openat, AT_FDCWD, end + page - 10, O_RDONLY));
	memcpy(end + page - 10, "last-page", 10);
	told("last", syscall(SYS_openat, AT_FDCWD, end + page - 10, O_RDONLY));
	memset(longest, 'l', 6000);
	longest[6000] = '\0';
	told("long", syscall(SYS_openat, AT_FDCWD, longest, O_RDONLY));
	told("bytes", syscall(SYS_openat, AT_FDCWD, "a\xff\n\x80\"\x1b[31m\\", O_RDONLY));
	told("empty", syscall(SYS_openat, AT_FDCWD, "", O_RDONLY));
	told("baddir", syscall(SYS_openat, 4000, "below", O_RDONLY));
}

static void counts(void)
{
	struct iovec few[2] = { { (void *)"ab", 2 }, { (void *)"c", 1 } };
	struct msghdr msg = { .msg_name = BAD, .msg_namelen = 0x7fffffff, .msg_iov = (struct iovec *)BAD,
			      .msg_iovlen = 1ULL << 40, .msg_control = BAD, .msg_controllen = SIZE_MAX };
	struct { size_t len; int level, type; } control = { 0, SOL_SOCKET, SCM_RIGHTS };
	struct sockaddr_storage addr = { .ss_family = AF_UNIX };
	int s = (int)must(socket(AF_UNIX, SOCK_STREAM, 0), "socket");

	told("iovcnt", syscall(SYS_writev, 1, few, 1 << 30));
	told("iovbad", syscall(SYS_writev, 1, BAD, 2));
	told("iovnull", syscall(SYS_writev, 1, NULL, 2));
	told("msgbad", syscall(SYS_sendmsg, s, BAD, 0));
	told("msgwild", syscall(SYS_sendmsg, s, &msg, 0));
	msg = (struct msghdr){ .msg_iov = few, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = 16 };
	told("cmsg", syscall(SYS_sendmsg, s, &msg, 0));
	told("addrlen", syscall(SYS_bind, s, &addr, 0xffffffff));
	told("addrshort", syscall(SYS_bind, s, &addr, 1));
	told("addrbad", syscall(SYS_bind, s, BAD, 16));
	told("clone3", syscall(SYS_clone3, BAD, 1ULL << 40));
	told("bpf", syscall(SYS_bpf, 5, BAD, 0xffffff));
}

static void descriptors(void)
{
	told("closed", syscall(SYS_close, 999));
	told("negative", syscall(SYS_close, -1));
	told("huge", syscall(SYS_close, UINT_MAX / 2));
}

static void arguments(void)
{
	const size_t n = 3000000;
	char **argv = malloc(n * sizeof(*argv));

	for (size_t i = 0; i < n - 1; i++)
		argv[i] = (char *)"argument";
	argv[n - 1] = NULL;
	told("argv", syscall(SYS_execve, "/bin/true", argv, NULL));
	argv[1] = BAD;
	told("argvbad", syscall(SYS_execve, "/bin/true", argv, NULL));
	told("argvnone", syscall(SYS_execve, "/missing", BAD, NULL));
}

/* A thread changes the name between two files while they are opened: what was opened is told by the kernel. */
static _Atomic char *letter;
static atomic_bool stop;

static void *change(void *unused)
{
	while (!atomic_load(&stop))
		atomic_store(letter, *letter == 'A' ? 'B' : 'A');
	return unused;
}

static void racing(void)
{
	static char path[] = "race-A";
	pthread_t thread;

	close((int)must(open("race-A", O_CREAT | O_WRONLY, 0600), "race-A"));
	close((int)must(open("race-B", O_CREAT | O_WRONLY, 0600), "race-B"));
	letter = (_Atomic char *)&path[5];
	if (pthread_create(&thread, NULL, change, NULL))
		fail("pthread_create");
	for (int i = 0; i < 300; i++) {
		int fd = (int)must(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_NOATIME), "race");
		char link[64], name[PATH_MAX];
		ssize_t len;

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		len = must(readlink(link, name, sizeof(name)), "readlink");
		report("{\"raced\":\"%.*s\"}", (int)len, name);
		close(fd);
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
}

static void directories(const char *directory)
{
	must(mkdir("gone", 0700), "mkdir");
	must(chdir("gone"), "chdir");
	must(rmdir("../gone"), "rmdir");
	told("deleted", syscall(SYS_openat, AT_FDCWD, "in-deleted", O_RDONLY));
	must(chdir(directory), "chdir");
	must(mkdir("jail", 0700), "mkdir");
	must(chroot("jail"), "chroot"); /* and the working directory stays outside */
	told("unreachable", syscall(SYS_openat, AT_FDCWD, "in-unreachable", O_RDONLY));
	told("root", syscall(SYS_openat, AT_FDCWD, "/in-root", O_RDONLY));
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]) < 0)
		fail("directory");
	strings();
	counts();
	descriptors();
	arguments();
	racing();
	directories(argv[1]);
	return 0;
}
