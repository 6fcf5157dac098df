/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dup: descriptors duplicated to given numbers, with success and without. */
#include "tests/kernel/triggers/trigger.h"

static void done(const char *call, int oldfd, int newfd, long ret)
{
	report("{\"call\":\"%s\",\"oldfd\":%d,\"newfd\":%d,\"retval\":%ld}", call, oldfd, newfd,
	       ret < 0 ? -errno : ret);
}

int main(void)
{
#ifdef SYS_dup2
	done("dup2", 0, 40, syscall(SYS_dup2, 0, 40));
#endif
	done("dup3", 0, 41, syscall(SYS_dup3, 0, 41, O_CLOEXEC));
	done("dup3", 777, 42, syscall(SYS_dup3, 777, 42, 0));
	return 0;
}
