/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* compat FILE: calls by the 32-bit entry of x86, with 64-bit arguments in two words, signs, and old layouts. */
#include "tests/kernel/triggers/trigger.h"

#include <sys/mman.h>

#ifdef __x86_64__
/* int 0x80 takes ebx, ecx, edx, esi, edi, ebp and the number of asm/unistd_32.h. */
static long call32(long nr, const uint32_t *args)
{
	register long sixth __asm__("r10") = args[5];
	long ret;

	__asm__ volatile("push %%rbp; mov %%r10, %%rbp; int $0x80; pop %%rbp"
			 : "=a"(ret)
			 : "a"(nr), "b"(args[0]), "c"(args[1]), "d"(args[2]), "S"(args[3]), "D"(args[4]), "r"(sixth)
			 : "memory", "r8", "r9", "r11");
	return (int)ret;
}

#define CALL(name, nr, data, ...)                                                                \
	report("{\"call\":\"" name "\",\"data\":{" data "},\"retval\":%ld}",                      \
	       call32(nr, (const uint32_t[6]){ __VA_ARGS__ }))

static void calls(const char *path)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t at = (uint32_t)(uintptr_t)low;
	int fd;

	if (low == MAP_FAILED || strlen(path) > 1000)
		fail("mmap");
	strcpy(low, path);
	fd = (int)must(open(path, O_RDWR | O_CREAT, 0600), "open");
	CALL("pread64", 180, "\"count\":10,\"offset\":4294967301", fd, at + 1024, 10, 5, 1);
	CALL("truncate64", 193, "\"length\":8589934599", at, 7, 2);
	CALL("fallocate", 324, "\"offset\":3,\"len\":4", fd, 1, 3, 0, 4, 0);
	CALL("fadvise64_64", 272, "\"offset\":4294967297,\"len\":8589934594,\"advice\":\"POSIX_FADV_WILLNEED\"", fd, 1, 1,
	     2, 2, 3);
	CALL("fanotify_mark", 339, "\"fanotify_fd\":99,\"mask\":[\"FAN_OPEN\"],\"dirfd\":\"AT_FDCWD\"", 99, 1, 0x20, 0,
	     (uint32_t)AT_FDCWD, at);
	CALL("lseek", 19, "\"offset\":-5,\"whence\":\"SEEK_SET\"", fd, (uint32_t)-5, 0);
	CALL("clone", 120, "\"flags\":[\"CLONE_THREAD\"],\"tls\":\"0x22\",\"child_tid\":\"0x33\"", 0x10000, 0, 0, 0x22, 0x33);
	CALL("chown16", 182, "\"owner\":65535,\"group\":65535", at, 0xffff, 0xffff);
}

static void no_entry(int sig)
{
	(void)sig;
	_exit(77); /* the kernel has no 32-bit entry (CONFIG_IA32_EMULATION, ia32_emulation=) */
}
#endif

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
#ifdef __x86_64__
	signal(SIGSEGV, no_entry);
	calls(argv[1]);
	return 0;
#else
	return 77;
#endif
}
