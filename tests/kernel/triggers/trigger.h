/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TRIGGER_H
#define HAWK_TRIGGER_H
/*
 * Helpers of the trigger programs. A trigger does one real thing and prints
 * one JSON object per line about what it did, so that the runner can compare
 * it with what the daemon saw. Triggers are static: their own start-up opens
 * no libraries and lives short.
 */
#ifndef _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Prints one line of the report at once: children share our standard output. */
__attribute__((format(printf, 1, 2))) static inline void report(const char *format, ...)
{
	char line[16384];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(line, sizeof(line) - 1, format, ap);
	va_end(ap);
	if (n < 0 || n >= (int)sizeof(line) - 1)
		_exit(99);
	line[n++] = '\n';
	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(99);
}

/* The trigger itself failed: says where and why. */
__attribute__((noreturn)) static inline void fail(const char *what)
{
	fprintf(stderr, "trigger: %s: %s\n", what, strerror(errno));
	_exit(99);
}

/* Returns N, or fails when it is negative. */
static inline long must(long n, const char *what)
{
	if (n < 0)
		fail(what);
	return n;
}

/* Waits for PID and returns its wait status. */
static inline int reap(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0), "waitpid");
	return status;
}

/* Path of this program, for triggers that execute themselves. */
static inline const char *self_path(void)
{
	static char path[4096];
	long n = must(readlink("/proc/self/exe", path, sizeof(path) - 1), "readlink");

	path[n] = '\0';
	return path;
}

/* Writes LEN bytes of BYTES as hexadecimal digits to OUT, which holds 2 * LEN + 1 bytes. */
static inline const char *hex(char *out, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sprintf(out + 2 * i, "%02x", ((const uint8_t *)bytes)[i]);
	out[2 * len] = '\0';
	return out;
}

/* Copies this program to the open file FD. */
static inline void copy_self(int fd)
{
	char block[65536];
	int in = (int)must(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), "open self");
	long n;

	while ((n = must(read(in, block, sizeof(block)), "read self")) > 0)
		if (write(fd, block, (size_t)n) != n)
			fail("write copy");
	close(in);
}

#endif
