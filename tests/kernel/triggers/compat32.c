/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A 32-bit program without a library: each call once through int 0x80. The
 * structures are those of a 32-bit caller. Argument: a directory to work in.
 */
typedef unsigned int u32;
typedef unsigned short u16;

static long call(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
	return ret;
}
#define CALL(nr, a, b, c, d) call(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0)

/* arch/x86/entry/syscalls/syscall_32.tbl */
enum { EXIT = 1, WRITE = 4, OPEN = 5, CLOSE = 6, EXECVE = 11, GETPID = 20, PIPE = 42, SOCKETCALL = 102, IPC = 117,
       WRITEV = 146, NANOSLEEP = 162, RT_SIGACTION = 174, CHDIR = 12, OPENAT = 295 };
enum { SYS_SOCKET = 1, SYS_BIND = 2, SYS_CONNECT = 3, SEMGET = 2 };

struct timespec32 { int sec, nsec; };
struct iovec32 { const char *base; u32 len; };
struct sigaction32 { u32 handler, flags, restorer, mask[2]; };
struct sockaddr_in { u16 family, port; u32 addr, zero[2]; };

static void work(const char *directory)
{
	struct timespec32 nap = { 0, 1000 };
	struct iovec32 parts[2] = { { "thirty", 6 }, { "two", 3 } };
	struct sigaction32 action = { 1, 0x10000000, 0, { 1u << 14, 0 } };
	struct sockaddr_in to = { 2, 0x0100, 0x0100007f, { 0, 0 } };
	u32 args[3] = { 2, 1, 0 };
	int ends[2];
	long fd, s;

	CALL(CHDIR, directory, 0, 0, 0);
	fd = CALL(OPEN, "file32", 0102, 0755, 0); /* O_RDWR | O_CREAT */
	CALL(CLOSE, fd, 0, 0, 0);
	CALL(OPENAT, -100, "../missing32", 0, 0);
	CALL(PIPE, ends, 0, 0, 0);
	CALL(WRITEV, ends[1], parts, 2, 0);
	CALL(NANOSLEEP, &nap, 0, 0, 0);
	CALL(RT_SIGACTION, 10, &action, 0, 8);
	s = CALL(SOCKETCALL, SYS_SOCKET, args, 0, 0);
	args[0] = (u32)s;
	args[1] = (u32)&to;
	args[2] = sizeof(to);
	CALL(SOCKETCALL, SYS_CONNECT, args, 0, 0); /* port 1: refused */
	call(IPC, SEMGET, 0, 1 << 30, 0600, 0); /* too many: nothing is made */
	CALL(GETPID, 0, 0, 0, 0);
}

__attribute__((used)) static void run(char **stack)
{
	char *const argv[] = { "compat32", "again", "directory", 0 };
	char *const no_program[] = { "file32", "thirty", "two", 0 };

	if ((long)stack[0] == 3)
		CALL(EXIT, 32, 0, 0, 0);
	work(stack[2]);
	CALL(EXECVE, "file32", no_program, 0, 0);
	CALL(EXECVE, stack[1], argv, 0, 0);
	CALL(EXIT, 1, 0, 0, 0);
}

__asm__(".globl _start\n_start:\n\tmov %esp, %eax\n\tpush %eax\n\tcall run\n");
