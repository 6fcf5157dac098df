/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/enrich/cmdline.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/enrich/procfs.h"

#define HUNG_NS (2ULL * 1000 * 1000 * 1000) /* a command line comes in microseconds, from swap in milliseconds */
#define SLOW_NS (5ULL * 1000 * 1000)
#define READERS_MAX 4                      /* that stand still; then no more command lines are read */
#define ANSWERS_MAX_BYTES (1024 * 1024)    /* above, the reader waits for the taker */
#define STACK_BYTES (128 * 1024)

struct answer {
	struct answer *next;
	struct hawk_cmdline_answer a;
};

/* Lives as long as its owner or a reader, also one that stands still. */
struct hawk_cmdline {
	pthread_mutex_t lock;
	pthread_cond_t asked, answered, taken;
	int proc_fd, event_fd;
	unsigned int users;
	unsigned int reader; /* number of the reader that counts; others were left behind */
	bool running, closed;
	struct hawk_cmdline_question *queue;
	size_t max, first, n;
	struct answer *answers, **last;
	size_t answer_bytes;
	uint64_t busy_since; /* CLOCK_MONOTONIC ns; 0: the reader waits for questions */
	struct hawk_cmdline_stats stats;
};

struct reader {
	struct hawk_cmdline *c;
	unsigned int number;
	struct hawk_procfs proc;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

/* Called with the lock, which is gone afterwards. */
static void put_unlock(struct hawk_cmdline *c)
{
	bool last = --c->users == 0;

	pthread_mutex_unlock(&c->lock);
	if (!last)
		return;
	while (c->answers) {
		struct answer *a = c->answers;

		c->answers = a->next;
		free(a->a.bytes);
		free(a);
	}
	close(c->proc_fd);
	close(c->event_fd);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->asked);
	pthread_cond_destroy(&c->answered);
	pthread_cond_destroy(&c->taken);
	free(c->queue);
	free(c);
}

/* The part that may stand still. */
static void read_one(struct reader *r, struct hawk_cmdline_answer *a)
{
	_cleanup_close_ int dir = hawk_procfs_open(r->c->proc_fd, a->of.pid);

	if (dir < 0 || hawk_procfs_read_argv(dir, &r->proc) < 0 ||
	    !hawk_procfs_same_start(a->of.start, r->proc.start_ticks) || !r->proc.argv.len)
		return;
	a->bytes = malloc(r->proc.argv.len);
	if (!a->bytes)
		return;
	memcpy(a->bytes, r->proc.argv.data, r->proc.argv.len);
	a->len = (uint32_t)r->proc.argv.len;
	a->full = r->proc.argv_full;
}

/* Returns false when the reader is not wanted any more. */
static bool next_question(struct reader *r, struct hawk_cmdline_question *ret)
{
	struct hawk_cmdline *c = r->c;

	while (!c->closed && r->number == c->reader && c->answer_bytes > ANSWERS_MAX_BYTES)
		pthread_cond_wait(&c->taken, &c->lock);
	while (!c->closed && r->number == c->reader && !c->n)
		pthread_cond_wait(&c->asked, &c->lock);
	if (c->closed || r->number != c->reader)
		return false;
	*ret = c->queue[c->first];
	c->first = (c->first + 1) % c->max;
	c->n--;
	c->busy_since = now_ns();
	return true;
}

static void put_answer(struct hawk_cmdline *c, struct answer *a)
{
	uint64_t one = 1;

	c->busy_since = 0;
	c->stats.read++;
	c->answer_bytes += sizeof(*a) + a->a.len;
	*c->last = a;
	c->last = &a->next;
	pthread_cond_broadcast(&c->answered);
	/* full is as good as one more: it is readable */
	if (write(c->event_fd, &one, sizeof(one)) < 0)
		return;
}

static void *read_questions(void *arg)
{
	struct reader *r = arg;
	struct hawk_cmdline *c = r->c;
	struct hawk_cmdline_question q;

	pthread_mutex_lock(&c->lock);
	while (next_question(r, &q)) {
		struct answer *a = calloc(1, sizeof(*a));

		pthread_mutex_unlock(&c->lock);
		if (a) {
			a->a.of = q;
			read_one(r, &a->a);
		}
		pthread_mutex_lock(&c->lock);
		if (a && r->number == c->reader) {
			put_answer(c, a);
			continue;
		}
		if (r->number == c->reader)
			c->busy_since = 0;
		if (a)
			free(a->a.bytes);
		free(a);
	}
	put_unlock(c);
	hawk_procfs_done(&r->proc);
	free(r);
	return NULL;
}

/* With the lock. */
static bool start_reader(struct hawk_cmdline *c)
{
	struct reader *r = calloc(1, sizeof(*r));
	pthread_attr_t attr;
	pthread_t thread;
	int e;

	if (!r)
		return false;
	r->c = c;
	r->number = c->reader;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	e = pthread_create(&thread, &attr, read_questions, r);
	pthread_attr_destroy(&attr);
	if (e) {
		free(r);
		return false;
	}
	pthread_setname_np(thread, "cmdline");
	c->users++;
	return true;
}

/* With the lock: leaves a reader behind that stands still. */
static void check_reader(struct hawk_cmdline *c)
{
	if (!c->busy_since || now_ns() - c->busy_since < HUNG_NS)
		return;
	c->stats.hung++;
	c->stats.dropped++;
	c->busy_since = 0;
	c->reader++;
	c->running = c->stats.hung < READERS_MAX && start_reader(c);
	if (c->running)
		return;
	c->stats.dropped += c->n;
	c->n = 0;
}

bool hawk_cmdline_ask(struct hawk_cmdline *c, const struct hawk_cmdline_question *q)
{
	bool taken;

	pthread_mutex_lock(&c->lock);
	if (!c->running && c->stats.hung < READERS_MAX)
		c->running = start_reader(c);
	taken = c->running && c->n < c->max;
	if (taken) {
		c->first = c->n ? c->first : 0; /* the same memory over and over */
		c->queue[(c->first + c->n++) % c->max] = *q;
		pthread_cond_signal(&c->asked);
	} else {
		c->stats.dropped++;
	}
	pthread_mutex_unlock(&c->lock);
	return taken;
}

static struct timespec after(uint64_t ns)
{
	uint64_t t = now_ns() + ns;

	return (struct timespec){ .tv_sec = (time_t)(t / 1000000000ULL), .tv_nsec = (long)(t % 1000000000ULL) };
}

void hawk_cmdline_settle(struct hawk_cmdline *c, uint64_t ns)
{
	struct timespec until = after(ns);

	pthread_mutex_lock(&c->lock);
	while (c->running && (c->n || c->busy_since) &&
	       pthread_cond_timedwait(&c->answered, &c->lock, &until) == 0)
		;
	pthread_mutex_unlock(&c->lock);
}

void hawk_cmdline_wait(struct hawk_cmdline *c, uint64_t ns)
{
	struct timespec until = after(ns);

	pthread_mutex_lock(&c->lock);
	while (c->running && !c->answers && (!c->busy_since || now_ns() - c->busy_since < SLOW_NS) &&
	       pthread_cond_timedwait(&c->answered, &c->lock, &until) == 0)
		;
	pthread_mutex_unlock(&c->lock);
}

bool hawk_cmdline_take(struct hawk_cmdline *c, struct hawk_cmdline_answer *ret)
{
	uint64_t drained;
	struct answer *a;

	pthread_mutex_lock(&c->lock);
	check_reader(c);
	a = c->answers;
	if (a) {
		c->answers = a->next;
		c->last = a->next ? c->last : &c->answers;
		c->answer_bytes -= sizeof(*a) + a->a.len;
		pthread_cond_signal(&c->taken);
	} else if (read(c->event_fd, &drained, sizeof(drained)) < 0) {
		errno = 0; /* nothing to drain */
	}
	pthread_mutex_unlock(&c->lock);
	if (!a)
		return false;
	*ret = a->a;
	free(a);
	return true;
}

bool hawk_cmdline_idle(struct hawk_cmdline *c)
{
	bool idle;

	pthread_mutex_lock(&c->lock);
	idle = !c->n && !c->busy_since && !c->answers;
	pthread_mutex_unlock(&c->lock);
	return idle;
}

struct hawk_cmdline_stats hawk_cmdline_stats(struct hawk_cmdline *c)
{
	struct hawk_cmdline_stats s;

	pthread_mutex_lock(&c->lock);
	s = c->stats;
	pthread_mutex_unlock(&c->lock);
	return s;
}

int hawk_cmdline_fd(const struct hawk_cmdline *c)
{
	return c->event_fd;
}

int hawk_cmdline_new(struct hawk_cmdline **ret, int proc_fd, size_t max_questions)
{
	struct hawk_cmdline *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;
	int r;

	if (!c)
		return -ENOMEM;
	c->users = 1;
	c->max = max_questions;
	c->last = &c->answers;
	c->queue = calloc(c->max, sizeof(*c->queue));
	c->proc_fd = fcntl(proc_fd, F_DUPFD_CLOEXEC, 3);
	c->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->asked, NULL);
	pthread_cond_init(&c->answered, &attr);
	pthread_cond_init(&c->taken, NULL);
	pthread_condattr_destroy(&attr);
	r = !c->queue ? -ENOMEM : c->proc_fd < 0 || c->event_fd < 0 ? -EMFILE : 0;
	if (r < 0) {
		hawk_cmdline_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

struct hawk_cmdline *hawk_cmdline_free(struct hawk_cmdline *c)
{
	if (!c)
		return NULL;
	pthread_mutex_lock(&c->lock);
	c->closed = true;
	pthread_cond_broadcast(&c->asked);
	pthread_cond_broadcast(&c->taken);
	put_unlock(c);
	return NULL;
}
