/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * odd_names DIR: names that are not UTF-8, hold newlines or terminal escapes:
 * as file names, as arguments and as the name of the process.
 */
#include <sys/prctl.h>

#include "tests/kernel/triggers/trigger.h"

static const char *const names[] = {
	"line\nbreak",
	"\xff\xfe not utf-8 \xc3\x28",
	"\x1b[31mred\x1b[0m\a",
	"quote\"back\\slash\ttab",
	"grüße-日本-\xf0\x9f\xa6\x85",
	"\xed\xb3\xbf surrogate",
	"\xe2\x80\xae override",
};

#define NAMES (sizeof(names) / sizeof(names[0]))

int main(int argc, char **argv)
{
	char *args[NAMES + 3] = { "odd_names", "--named" }, path[4096], digits[1024];
	const char *comm = "\x1b[1m\xff\n\"";
	int fd;

	if (argc > 1 && strcmp(argv[1], "--named") == 0) {
		must(prctl(PR_SET_NAME, comm), "prctl");
		must(syscall(SYS_dup3, 0, 50, 0), "dup3"); /* dup2 is not everywhere */
		report("{\"pid\":%d,\"comm\":\"%s\"}", getpid(), hex(digits, comm, strlen(comm)));
		return 0;
	}
	if (argc < 2)
		return 2;
	for (size_t i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "%s/%s", argv[1], names[i]);
		fd = (int)must(syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY, 0600), "openat");
		close(fd);
		unlink(path);
		report("{\"name\":\"%s\"}", hex(digits, names[i], strlen(names[i])));
		args[i + 2] = (char *)names[i];
	}
	execv(self_path(), args);
	fail("execv");
}
