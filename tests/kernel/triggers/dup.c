/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dup: descriptors duplicated to given numbers, with success and without. */
#include "tests/kernel/triggers/trigger.h"

int main(void)
{
#ifdef SYS_dup2
	report("{\"call\":\"dup2\",\"oldfd\":0,\"newfd\":40,\"retval\":%ld}", syscall(SYS_dup2, 0, 40));
#endif
	report("{\"call\":\"dup3\",\"oldfd\":0,\"newfd\":41,\"retval\":%ld}", syscall(SYS_dup3, 0, 41, O_CLOEXEC));
	report("{\"call\":\"dup3\",\"oldfd\":777,\"newfd\":42,\"retval\":%d}", syscall(SYS_dup3, 777, 42, 0) < 0 ? -errno : 0);
	return 0;
}
