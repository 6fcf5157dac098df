/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv_big BYTES: executes itself with BYTES bytes of arguments, terminating
 * NULs included: argv[1] is "--big", argv[i] is its index in eight digits,
 * filled with 'a' + i % 26 to a length of 1000 (the last one is shorter).
 */
#include "tests/kernel/triggers/trigger.h"

#define ARG_BYTES 1001

int main(int argc, char **argv)
{
	size_t total, used = 0;
	char **args;
	int n = 0;

	if (argc > 1 && strcmp(argv[1], "--big") == 0) {
		for (int i = 0; i < argc; i++)
			used += strlen(argv[i]) + 1;
		report("{\"pid\":%d,\"argc\":%d,\"bytes\":%zu}", getpid(), argc, used);
		return 0;
	}
	total = argc > 1 ? strtoul(argv[1], NULL, 10) : 4096;
	args = calloc(total / ARG_BYTES + 4, sizeof(*args));
	if (!args)
		fail("calloc");
	args[n++] = "argv_big";
	args[n++] = "--big";
	used = sizeof("argv_big") + sizeof("--big");
	while (used + 10 <= total) {
		size_t len = total - used < ARG_BYTES ? total - used : ARG_BYTES;
		char *arg = malloc(len), number[16];

		if (!arg)
			fail("malloc");
		memset(arg, 'a' + n % 26, len);
		snprintf(number, sizeof(number), "%08d", n);
		memcpy(arg, number, 8);
		arg[len - 1] = '\0';
		args[n++] = arg;
		used += len;
	}
	execv(self_path(), args);
	fail("execv");
}
