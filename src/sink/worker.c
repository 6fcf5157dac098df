/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/sink/internal.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 30000
#define STABLE_MS 10000       /* after working this long the back-off starts over */
#define STOP_MS 2000          /* for writing the rest at the end */
#define HANG_MS 500           /* more, for a write that does not return */
#define LIMIT_REPORT_MS 30000 /* between two messages of the rate limiter */
#define SLOW_MS 200           /* ops->write waits at most this long */
#define BATCH_BYTES ((size_t)1024 * 1024)

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static const char *target(const struct hawk_sink *s)
{
	const struct hawk_sink_options *o = &s->options;

	return o->path ? o->path : o->journal_socket ? o->journal_socket : o->socket ? o->socket : o->type;
}

static uint64_t lost(const struct hawk_sink *s)
{
	return hawk_count_get(&s->outlet.dropped) + hawk_count_get(&s->outlet.abandoned);
}

/* Counts a failure, tells the first of a row, and plans the next attempt. */
static void failed(struct hawk_sink *s, int error, bool opening)
{
	uint64_t now = now_ms();

	hawk_count_add(&s->errors, 1);
	atomic_store(&s->last_error, error);
	if (!s->open_failed && !s->write_failed) {
		hawk_warning("sink %s: cannot %s %s: %s; events wait in its queue, trying again",
			     s->outlet.name, opening ? "open" : "write to", target(s), strerror(error));
		s->lost_before = lost(s);
		if (s->working_since && now - s->working_since >= STABLE_MS)
			s->backoff = 0;
	}
	if (opening)
		s->open_failed = true;
	else
		s->write_failed = true;
	s->backoff = s->backoff ? s->backoff * 2 : BACKOFF_MIN_MS;
	if (s->backoff > BACKOFF_MAX_MS)
		s->backoff = BACKOFF_MAX_MS;
	s->next_try = now + s->backoff;
	if (s->is_open)
		s->ops->close(s);
	s->is_open = false;
}

/* What failed last has succeeded. A full disk can be opened, so opening ends only a failure to open. */
static void works(struct hawk_sink *s, bool opening)
{
	if (opening)
		s->open_failed = false;
	else
		s->write_failed = s->open_failed = false;
	if (s->write_failed || atomic_load(&s->last_error) == 0)
		return;
	s->working_since = now_ms();
	atomic_store(&s->last_error, 0);
	hawk_notice("sink %s: %s works again; events lost meanwhile: %llu", s->outlet.name, target(s),
		    (unsigned long long)(lost(s) - s->lost_before));
}

/* True when the target is open. */
static bool ensure_open(struct hawk_sink *s)
{
	int r;

	if (s->is_open)
		return true;
	if (now_ms() < s->next_try && !atomic_load(&s->stop))
		return false;
	if (s->open_failed || s->write_failed)
		hawk_count_add(&s->retries, 1);
	r = s->ops->open(s);
	if (r < 0) {
		failed(s, -r, true);
		return false;
	}
	s->is_open = true;
	if (!s->working_since)
		s->working_since = now_ms();
	works(s, true);
	return true;
}

static void reopen(struct hawk_sink *s)
{
	int r;

	if (!atomic_exchange(&s->reopen, false))
		return;
	s->next_try = 0; /* who asks has perhaps just mended it */
	r = s->is_open && s->ops->reopen ? s->ops->reopen(s) : 0;
	if (r < 0)
		failed(s, -r, true);
}

static void report_limited(struct hawk_sink *s, uint64_t now)
{
	uint64_t limited = hawk_count_get(&s->outlet.rate_limited);

	if (limited == s->limited_told || (s->limited_told_at && now - s->limited_told_at < LIMIT_REPORT_MS))
		return;
	hawk_warning("sink %s: %llu events were over its limit (rate_per_second) and are not written",
		     s->outlet.name, (unsigned long long)(limited - s->limited_told));
	s->limited_told = limited;
	s->limited_told_at = now;
}

/* Sleeps until there is news, or until something is due. */
static void sleep_until_due(struct hawk_sink *s)
{
	struct pollfd p = { .fd = s->event_fd, .events = POLLIN };
	uint64_t now = now_ms(), due = UINT64_MAX, count;

	if (!s->is_open && atomic_load(&s->go))
		due = s->next_try;
	if (hawk_count_get(&s->outlet.rate_limited) != s->limited_told &&
	    due > s->limited_told_at + LIMIT_REPORT_MS)
		due = s->limited_told_at + LIMIT_REPORT_MS;
	if (poll(&p, 1, due == UINT64_MAX ? -1 : due <= now ? 0 : (int)(due - now)) > 0 &&
	    read(s->event_fd, &count, sizeof(count)) < 0)
		hawk_debug("sink %s: eventfd: %s", s->outlet.name, strerror(errno));
}

/* Offers what is queued to the target. False when there is nothing to do now. */
static bool write_some(struct hawk_sink *s)
{
	const char *data;
	size_t n, len = hawk_ring_peek(&s->outlet.ring, BATCH_BYTES, &data, &n), taken = 0, events = 0;
	long r;

	if (!len)
		return !hawk_ring_idle(&s->outlet.ring);
	r = s->ops->write(s, data, len, n);
	if (r < 0) {
		failed(s, (int)-r, false);
		return false;
	}
	while (events < n && taken + hawk_sink_event_len(s, events) <= (size_t)r)
		taken += hawk_sink_event_len(s, events++);
	hawk_ring_pop(&s->outlet.ring, taken, events);
	hawk_count_add(&s->outlet.events, events);
	hawk_count_add(&s->outlet.bytes, taken);
	if (events)
		works(s, false);
	return true;
}

/* At the end: what could not be written is lost, and said. */
static void finish(struct hawk_sink *s)
{
	const char *data;
	size_t n, len = hawk_ring_peek(&s->outlet.ring, SIZE_MAX, &data, &n);

	if (s->is_open)
		s->ops->close(s);
	s->is_open = false;
	s->limited_told_at = 0;
	report_limited(s, now_ms());
	if (!n)
		return;
	hawk_ring_pop(&s->outlet.ring, len, n);
	hawk_count_add(&s->outlet.abandoned, n);
	hawk_warning("sink %s: ended with %zu events that %s did not take", s->outlet.name, n, target(s));
}

static void *worker(void *arg)
{
	struct hawk_sink *s = arg;

	while (!atomic_load(&s->go))
		sleep_until_due(s);
	for (;;) {
		bool stop = atomic_load(&s->stop), opened;

		reopen(s);
		report_limited(s, now_ms());
		if (stop && now_ms() >= s->stop_at)
			break;
		opened = ensure_open(s);
		if (opened && hawk_ring_begin(&s->outlet.ring) && write_some(s))
			continue;
		if (stop)
			break;
		sleep_until_due(s);
	}
	finish(s);
	return NULL;
}

int hawk_worker_start(struct hawk_sink *s)
{
	sigset_t all, before;
	char name[16];
	int r;

	s->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->event_fd < 0)
		return -errno;
	/*
	 * Signals are the main thread's. Blocked here, SIGPIPE and SIGXFSZ also
	 * become the errors EPIPE and EFBIG.
	 */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&s->thread, NULL, worker, s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r > 0) {
		close(s->event_fd);
		s->event_fd = -1;
		return -r;
	}
	snprintf(name, sizeof(name), "sink-%s", s->outlet.name);
	pthread_setname_np(s->thread, name);
	return 0;
}

void hawk_worker_wake(struct hawk_outlet *o)
{
	const uint64_t one = 1;

	if (write(o->sink->event_fd, &one, sizeof(one)) < 0)
		hawk_debug("sink %s: eventfd: %s", o->name, strerror(errno));
}

void hawk_worker_go(struct hawk_sink *s)
{
	atomic_store(&s->go, true);
	hawk_worker_wake(&s->outlet);
}

void hawk_worker_stop(struct hawk_sink *s)
{
	s->stop_at = now_ms() + STOP_MS; /* seen by the thread with .stop */
	atomic_store(&s->stop, true);
	hawk_worker_go(s);
}

bool hawk_worker_join(struct hawk_sink *s)
{
	uint64_t until = s->stop_at + SLOW_MS + HANG_MS;
	struct timespec ts = { .tv_sec = (time_t)(until / 1000), .tv_nsec = (long)(until % 1000) * 1000000 };

	if (pthread_clockjoin_np(s->thread, NULL, CLOCK_MONOTONIC, &ts) == 0)
		return true;
	hawk_warning("sink %s: %s hangs; giving it up", s->outlet.name, target(s));
	pthread_detach(s->thread);
	return false;
}

long hawk_sink_send_each(struct hawk_sink *s, const char *data, size_t n,
			 int (*send)(struct hawk_sink *s, const char *event, size_t len))
{
	size_t done = 0;

	for (size_t i = 0; i < n; i++) {
		size_t next = hawk_sink_event_len(s, i);
		int r = send(s, data + done, next);

		if (r == -EAGAIN || r == -EINTR)
			break; /* the time is up */
		if (r < 0)
			return done ? (long)done : r;
		done += next;
		if (atomic_load(&s->stop))
			break; /* the engine watches the time */
	}
	return (long)done;
}

size_t hawk_sink_event_len(const struct hawk_sink *s, size_t i)
{
	return hawk_ring_len(&s->outlet.ring, i);
}

size_t hawk_sink_whole(const struct hawk_sink *s, size_t len, size_t n)
{
	size_t whole = 0;

	for (size_t i = 0; i < n && hawk_sink_event_len(s, i) <= len - whole; i++)
		whole += hawk_sink_event_len(s, i);
	return whole;
}

int hawk_sink_wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int r = poll(&p, 1, SLOW_MS);

	/* An error condition counts as ready: the next write says which one it is. */
	return r < 0 ? (errno == EINTR ? 0 : -errno) : r;
}
