/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* memfd: a file that lives in memory only. */
#include <sys/mman.h>

#include "tests/kernel/triggers/trigger.h"

int main(void)
{
	long fd = must(memfd_create("stash", MFD_CLOEXEC | MFD_ALLOW_SEALING), "memfd_create");

	report("{\"pid\":%d,\"name\":\"stash\",\"fd\":%ld}", getpid(), fd);
	return 0;
}
