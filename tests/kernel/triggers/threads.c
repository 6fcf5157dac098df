/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* threads N: N threads come and go, the leader ends before the last one. One process, one exit. */
#include <pthread.h>

#include "tests/kernel/triggers/trigger.h"

static pthread_t leader;

static void *brief(void *arg)
{
	return NULL;
}

static void *last(void *arg)
{
	pthread_join(leader, NULL);
	_exit(23);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 50;
	pthread_t id;

	for (int i = 0; i < n; i++) {
		errno = pthread_create(&id, NULL, brief, NULL);
		if (errno)
			fail("pthread_create");
		pthread_join(id, NULL);
	}
	leader = pthread_self();
	report("{\"pid\":%d,\"threads\":%d,\"status\":23}", getpid(), n + 1);
	errno = pthread_create(&id, NULL, last, NULL);
	if (errno)
		fail("pthread_create");
	pthread_exit(NULL);
}
