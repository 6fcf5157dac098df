/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/symbol/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/event/process.h"
#include "src/symbol/internal.h"

#define HUNG_NS (10ULL * 1000 * 1000 * 1000) /* a large library on a slow disk comes in less than a second */
#define WAITING_MAX (2U * 1024 * 1024)      /* bytes of questions, some 8000, and of answers */
#define STACK_BYTES (256 * 1024)

struct shared_rules {
	struct hawk_rules *rules;
	unsigned int users;
};

/* Lives as long as its owner or a reader, also one that stands still. */
struct hawk_symbols {
	pthread_mutex_t lock;
	pthread_cond_t asked;
	int proc_fd, event_fd;
	unsigned int users;
	unsigned int reader; /* number of the reader that counts; others were left behind */
	bool running, closed;
	struct shared_rules *rules;
	struct hawk_buf questions, answers;
	uint64_t n_questions, n_asked; /* that wait; that the reader has and has not answered */
	uint64_t busy_since; /* CLOCK_MONOTONIC ns; 0: the reader waits */
	struct hawk_symbols_stats stats;
	/* the taker's own */
	struct hawk_buf taken;
	size_t at;
	struct hawk_event event;
};

struct reader {
	struct hawk_symbols *s;
	unsigned int number;
	struct shared_rules *rules;
	struct hawk_known *known;
	struct hawk_buf questions, answers;
	struct hawk_symbols_stats stats;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

/* With the lock. */
static void rules_put(struct shared_rules *r)
{
	if (!r || --r->users)
		return;
	hawk_rules_free(r->rules);
	free(r);
}

/* Called with the lock, which is gone afterwards. */
static void put_unlock(struct hawk_symbols *s)
{
	bool last = --s->users == 0;

	if (last)
		rules_put(s->rules);
	pthread_mutex_unlock(&s->lock);
	if (!last)
		return;
	close(s->proc_fd);
	close(s->event_fd);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->asked);
	hawk_buf_done(&s->questions);
	hawk_buf_done(&s->answers);
	hawk_buf_done(&s->taken);
	free(s);
}

static void swap(struct hawk_buf *a, struct hawk_buf *b)
{
	struct hawk_buf c = *a;

	*a = *b;
	*b = c;
}

/* With the lock. A reader that does not count was left behind. */
static bool counts(const struct reader *r)
{
	return !r->s->closed && r->number == r->s->reader;
}

/* With the lock: hands over what was found, and tells that the reader does not stand still. */
static void hand_over(struct reader *r)
{
	struct hawk_symbols *s = r->s;
	const struct hawk_symbols_answer *a;
	uint64_t one = 1;

	for (size_t at = 0; at < r->answers.len; at += a->size) {
		a = (const void *)(r->answers.data + at);
		hawk_buf_put(&s->answers, a, a->size);
		s->stats.dropped += s->answers.error != 0;
		s->answers.error = 0;
	}
	if (r->answers.len && write(s->event_fd, &one, sizeof(one)) < 0)
		errno = 0; /* full is as good as one more: it is readable */
	hawk_buf_reset(&r->answers);
	s->stats.read += r->stats.read;
	s->stats.failed += r->stats.failed;
	s->stats.dropped += r->stats.dropped;
	s->stats.partly += r->stats.partly;
	memset(&r->stats, 0, sizeof(r->stats));
	s->n_asked--;
	s->busy_since = now_ns();
}

/* With the lock: waits for questions. Returns false when the reader is not wanted any more. */
static bool next_questions(struct reader *r)
{
	struct hawk_symbols *s = r->s;

	if (!counts(r))
		return false;
	s->busy_since = 0;
	while (counts(r) && !s->questions.len)
		pthread_cond_wait(&s->asked, &s->lock);
	if (!counts(r))
		return false;
	hawk_buf_reset(&r->questions);
	swap(&r->questions, &s->questions);
	s->n_asked = s->n_questions;
	s->n_questions = 0;
	if (r->rules != s->rules) {
		hawk_known_set_rules(r->known, s->rules->rules);
		rules_put(r->rules);
		r->rules = s->rules;
		r->rules->users++;
	}
	s->busy_since = now_ns();
	return true;
}

static void *read_libraries(void *arg)
{
	struct reader *r = arg;
	struct hawk_symbols *s = r->s;

	pthread_mutex_lock(&s->lock);
	while (next_questions(r)) {
		for (size_t at = 0; at < r->questions.len && counts(r);) {
			const struct hawk_symbols_question *q = (const void *)(r->questions.data + at);

			pthread_mutex_unlock(&s->lock);
			hawk_known_look(r->known, q, &r->answers, &r->stats);
			at += q->size;
			pthread_mutex_lock(&s->lock);
			if (counts(r))
				hand_over(r);
		}
	}
	rules_put(r->rules);
	put_unlock(s);
	hawk_known_free(r->known);
	hawk_buf_done(&r->questions);
	hawk_buf_done(&r->answers);
	free(r);
	return NULL;
}

/* With the lock. */
static bool start_reader(struct hawk_symbols *s)
{
	struct reader *r = calloc(1, sizeof(*r));
	pthread_attr_t attr;
	pthread_t thread;
	int e;

	if (!r || hawk_known_new(&r->known, s->proc_fd) < 0) {
		free(r);
		return false;
	}
	r->s = s;
	r->number = s->reader;
	r->questions.max = r->answers.max = WAITING_MAX;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	e = pthread_create(&thread, &attr, read_libraries, r);
	pthread_attr_destroy(&attr);
	if (e) {
		hawk_known_free(r->known);
		free(r);
		return false;
	}
	pthread_setname_np(thread, "symbols");
	s->users++;
	return true;
}

/* With the lock: leaves a reader behind that stands still, and with it the questions that it has. */
static void check_reader(struct hawk_symbols *s)
{
	if (!s->busy_since || now_ns() - s->busy_since < HUNG_NS)
		return;
	s->stats.hung++;
	s->stats.dropped += s->n_asked;
	s->n_asked = 0;
	s->busy_since = 0;
	s->reader++;
	s->running = s->stats.hung < HAWK_SYMBOLS_READERS && start_reader(s);
	if (s->running)
		return;
	s->stats.dropped += s->n_questions;
	s->n_questions = 0;
	hawk_buf_reset(&s->questions);
}

/* Writes the question behind the others. Returns false when there is no room. */
static bool put_question(struct hawk_buf *b, const struct hawk_symbols_question *q, const struct hawk_value *path)
{
	size_t size = (sizeof(*q) + path->len + 1 + 7) & ~(size_t)7;
	struct hawk_symbols_question *to = (void *)hawk_buf_room(b, size);

	if (!to) {
		b->error = 0;
		return false;
	}
	memset(to, 0, size);
	*to = *q;
	to->size = (uint32_t)size;
	memcpy(to->path, path->bytes, path->len);
	b->len += size;
	return true;
}

static const struct hawk_value *field(const struct hawk_event *e, const char *name)
{
	return &e->data[hawk_event_field(e->desc, name)];
}

void hawk_symbols_ask(struct hawk_symbols *s, const struct hawk_event *event, unsigned int wanted)
{
	const struct hawk_value *path = field(event, "pathname");
	struct hawk_symbols_question q = {
		.wanted = wanted,
		.head = { .time = event->time, .walltime = event->walltime, .start = event->start,
			  .cgroup = event->cgroup, .exec_id = event->process->task.exec_id, .tgid = event->tgid,
			  .tid = event->tid, .cpu = event->cpu, .rec_flags = event->rec_flags },
		.inode = field(event, "inode")->u, .ctime = field(event, "ctime")->u,
		.dev = (uint32_t)field(event, "dev")->u,
	};

	memcpy(q.head.comm, event->comm, sizeof(q.head.comm));
	pthread_mutex_lock(&s->lock);
	if (!s->running && s->rules && s->stats.hung < HAWK_SYMBOLS_READERS)
		s->running = start_reader(s);
	/* one that has no path, or only a part, cannot be opened */
	if (!path->len || path->bytes[0] != '/' || memchr(path->bytes, '\0', path->len) || path->flags)
		s->stats.failed++;
	else if (!s->running || !put_question(&s->questions, &q, path))
		s->stats.dropped++;
	else if (++s->n_questions)
		pthread_cond_signal(&s->asked);
	pthread_mutex_unlock(&s->lock);
}

static void set_text(struct hawk_event *e, const char *name, const char *text, size_t len)
{
	int field = hawk_event_field(e->desc, name);

	if (field >= 0)
		e->data[field] = (struct hawk_value){
			.bytes = (const uint8_t *)text, .len = (uint32_t)len, .full = (uint32_t)len,
		};
}

static struct hawk_event *make_event(struct hawk_event *e, const struct hawk_symbols_answer *a)
{
	const char *other = a->text + a->path_len + 1, *names = other + a->other_len + 1;
	bool collision = a->event == HAWK_EV_SYMBOLS_COLLISION;

	memset(e, 0, offsetof(struct hawk_event, data));
	e->desc = hawk_event_by_id(a->event);
	e->time = a->head.time;
	e->walltime = a->head.walltime;
	e->start = a->head.start;
	e->cgroup = a->head.cgroup;
	e->tgid = a->head.tgid;
	e->tid = a->head.tid;
	e->cpu = a->head.cpu;
	e->rec_flags = a->head.rec_flags;
	memcpy(e->comm, a->head.comm, sizeof(e->comm));
	set_text(e, collision ? "loaded_path" : "library_path", a->text, a->path_len);
	set_text(e, "collision_path", other, a->other_len);
	set_text(e, "symbols", names, a->names_len);
	if (a->cut)
		e->data[hawk_event_field(e->desc, "symbols")].flags = HAWK_VAL_INCOMPLETE;
	return e;
}

struct hawk_event *hawk_symbols_take(struct hawk_symbols *s)
{
	const struct hawk_symbols_answer *a;
	uint64_t drained;

	if (s->at == s->taken.len) {
		pthread_mutex_lock(&s->lock);
		check_reader(s);
		hawk_buf_reset(&s->taken);
		s->at = 0;
		swap(&s->taken, &s->answers);
		if (!s->taken.len && read(s->event_fd, &drained, sizeof(drained)) < 0)
			errno = 0; /* nothing to drain */
		pthread_mutex_unlock(&s->lock);
	}
	if (s->at == s->taken.len)
		return NULL;
	a = (const void *)(s->taken.data + s->at);
	s->at += a->size;
	return make_event(&s->event, a);
}

struct hawk_symbols_stats hawk_symbols_stats(struct hawk_symbols *s)
{
	struct hawk_symbols_stats stats;

	pthread_mutex_lock(&s->lock);
	stats = s->stats;
	pthread_mutex_unlock(&s->lock);
	return stats;
}

int hawk_symbols_fd(const struct hawk_symbols *s)
{
	return s->event_fd;
}

int hawk_symbols_configure(struct hawk_symbols *s, const struct hawk_symbols_config *config)
{
	struct shared_rules *rules = calloc(1, sizeof(*rules));

	if (!rules || hawk_rules_new(&rules->rules, config) < 0) {
		free(rules);
		return -ENOMEM;
	}
	rules->users = 1;
	pthread_mutex_lock(&s->lock);
	rules_put(s->rules);
	s->rules = rules;
	pthread_mutex_unlock(&s->lock);
	return 0;
}

int hawk_symbols_new(struct hawk_symbols **ret, int proc_fd)
{
	struct hawk_symbols *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->users = 1;
	s->questions.max = s->answers.max = s->taken.max = WAITING_MAX;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->asked, NULL);
	s->proc_fd = fcntl(proc_fd, F_DUPFD_CLOEXEC, 3);
	s->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->proc_fd < 0 || s->event_fd < 0) {
		hawk_symbols_free(s);
		return -EMFILE;
	}
	*ret = s;
	return 0;
}

struct hawk_symbols *hawk_symbols_free(struct hawk_symbols *s)
{
	if (!s)
		return NULL;
	pthread_mutex_lock(&s->lock);
	s->closed = true;
	pthread_cond_broadcast(&s->asked);
	put_unlock(s);
	return NULL;
}
