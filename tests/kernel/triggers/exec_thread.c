/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* exec_thread: a thread that is not the leader executes a program; the process keeps its pid. */
#include <pthread.h>

#include "tests/kernel/triggers/trigger.h"

static void *thread(void *arg)
{
	char *args[] = { "exec_thread", "--done", NULL };

	report("{\"pid\":%d,\"tid\":%ld}", getpid(), (long)syscall(SYS_gettid));
	execv(self_path(), args);
	fail("execv");
}

int main(int argc, char **argv)
{
	pthread_t id;

	if (argc > 1)
		return 0;
	errno = pthread_create(&id, NULL, thread, NULL);
	if (errno)
		fail("pthread_create");
	pthread_join(id, NULL);
	return 1;
}
