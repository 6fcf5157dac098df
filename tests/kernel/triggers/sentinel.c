/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sentinel TOKEN: passes through both rings, so that the runner knows that everything before has arrived. */
#include "tests/kernel/triggers/trigger.h"

int main(int argc, char **argv)
{
	char path[256];

	snprintf(path, sizeof(path), "/nonexistent/%s", argc > 1 ? argv[1] : "");
	syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
	return 0;
}
