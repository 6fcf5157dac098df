/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/package/package.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/base/inroot.h"
#include "src/package/table.h"
#include "src/package/watch.h"

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

#define ANSWERS 4096             /* files whose state is remembered; a power of two */
#define WAITING_MAX (256 * 1024) /* bytes of questions */
#define FILE_MAX (1ULL << 30)    /* larger ones are not read */
#define HOLD_NS (1000ULL * 1000 * 1000) /* how long an answer holds when the file cannot be looked at without waiting */
#define STACK_BYTES (256 * 1024)

/* Which file, and which content. */
struct identity {
	uint64_t dev, ino, size, mtime, ctime;
};

struct answer {
	uint64_t hash; /* of the path; 0: free */
	struct identity identity;
	uint64_t at; /* ns */
	uint32_t reading; /* of the databases */
	uint8_t state; /* enum hawk_packaged */
	bool waiting;
};

/* Lives as long as its owner or the thread, also one that stands still. */
struct hawk_packages {
	pthread_mutex_t lock;
	int root_fd, event_fd, wake_fd;
	unsigned int users;
	bool closed;
	bool stale; /* what is on disk may be newer than the table */
	_Atomic bool slow; /* this kernel cannot say what is cached */
	struct hawk_table *table;
	uint32_t reading;
	struct hawk_buf questions; /* paths with a NUL each */
	struct answer answers[ANSWERS];
	struct hawk_packages_stats stats;
	/* the thread's own */
	struct hawk_watch watch;
	struct hawk_buf asked;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

static void wake(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		errno = 0; /* full: it is readable */
}

/* Called with the lock, which is gone afterwards. */
static void put_unlock(struct hawk_packages *p)
{
	bool last = --p->users == 0;

	pthread_mutex_unlock(&p->lock);
	if (!last)
		return;
	if (p->root_fd >= 0)
		close(p->root_fd);
	if (p->event_fd >= 0)
		close(p->event_fd);
	if (p->wake_fd >= 0)
		close(p->wake_fd);
	pthread_mutex_destroy(&p->lock);
	hawk_table_free(p->table);
	hawk_buf_done(&p->questions);
	hawk_buf_done(&p->asked);
	free(p);
}

static uint64_t stamp_ns(const struct statx_timestamp *t)
{
	return (uint64_t)t->tv_sec * 1000000000ULL + t->tv_nsec;
}

/* Asks no server of a network for it. Returns -errno for what is no regular file. */
static int identify(int fd, struct identity *ret)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &st) < 0)
		return -errno;
	*ret = (struct identity){
		.dev = makedev(st.stx_dev_major, st.stx_dev_minor), .ino = st.stx_ino, .size = st.stx_size,
		.mtime = stamp_ns(&st.stx_mtime), .ctime = stamp_ns(&st.stx_ctime),
	};
	return S_ISREG(st.stx_mode) ? 0 : -EINVAL;
}

/* The file, if that is in memory: never waits for a disk. -EAGAIN: it is not. */
static int identify_cached(struct hawk_packages *p, const char *name, struct identity *ret)
{
	_cleanup_close_ int fd = hawk_open_in_root(p->root_fd, name, O_PATH | O_NOFOLLOW, p->slow ? 0 : RESOLVE_CACHED);

	if (fd == -EINVAL && !p->slow) {
		p->slow = true; /* before 5.12, and where openat2(2) is forbidden */
		return identify_cached(p, name, ret);
	}
	return fd < 0 ? fd : identify(fd, ret);
}

static int make_digest(int fd, enum hawk_digest_kind kind, uint8_t ret[HAWK_DIGEST_MAX])
{
	struct hawk_digest d;
	uint8_t buf[16384];
	uint64_t total = 0;
	ssize_t n;

	hawk_digest_begin(&d, kind);
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		total += (uint64_t)n;
		if (total > FILE_MAX)
			return -EFBIG;
		hawk_digest_add(&d, buf, (size_t)n);
	}
	if (n < 0)
		return -errno;
	hawk_digest_end(&d, ret);
	return 0;
}

/* Reads the file that TABLE knows. The identity is that of the content that was read; or the state is unknown. */
static enum hawk_packaged check(struct hawk_packages *p, const struct hawk_table *table, const char *name,
				struct identity *ret)
{
	const struct hawk_origin *origin = hawk_table_find(table, hawk_table_hash(table, name, strlen(name)));
	_cleanup_close_ int fd = hawk_open_in_root(p->root_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	uint8_t wanted[HAWK_DIGEST_MAX], is[HAWK_DIGEST_MAX];
	enum hawk_digest_kind kind;
	struct identity after;

	if (!origin || fd < 0 || identify(fd, ret) < 0)
		return HAWK_PACKAGED_UNKNOWN;
	kind = hawk_table_digest(table, origin, name, p->root_fd, wanted);
	if (kind == HAWK_DIGEST_NONE)
		return HAWK_PACKAGED_INTACT;
	if (make_digest(fd, kind, is) < 0 || identify(fd, &after) < 0 || memcmp(&after, ret, sizeof(after)) != 0)
		return HAWK_PACKAGED_UNKNOWN;
	return memcmp(wanted, is, hawk_digest_size(kind)) == 0 ? HAWK_PACKAGED_INTACT : HAWK_PACKAGED_CHANGED;
}

static struct answer *answer_of(struct hawk_packages *p, uint64_t hash)
{
	return &p->answers[hash & (ANSWERS - 1)];
}

/* Only this thread changes the table, so it may look into it without the lock. */
static void answer_one(struct hawk_packages *p, const char *name)
{
	uint64_t hash = hawk_table_hash(p->table, name, strlen(name));
	struct answer a = { .hash = hash, .reading = p->reading };

	a.state = (uint8_t)check(p, p->table, name, &a.identity);
	a.at = now_ns();
	pthread_mutex_lock(&p->lock);
	*answer_of(p, hash) = a;
	p->stats.waiting--;
	p->stats.read++;
	pthread_mutex_unlock(&p->lock);
}

static void answer_all(struct hawk_packages *p)
{
	struct hawk_buf b;
	bool closed;

	pthread_mutex_lock(&p->lock);
	b = p->questions;
	p->questions = p->asked;
	p->asked = b;
	hawk_buf_reset(&p->questions);
	closed = p->closed;
	pthread_mutex_unlock(&p->lock);
	for (size_t at = 0; at < p->asked.len && !closed; at += strlen(p->asked.data + at) + 1) {
		answer_one(p, p->asked.data + at);
		pthread_mutex_lock(&p->lock);
		closed = p->closed;
		pthread_mutex_unlock(&p->lock);
	}
	if (p->asked.len)
		wake(p->event_fd);
}

static void read_databases(struct hawk_packages *p)
{
	struct hawk_table *table = NULL, *old = p->table;
	int r;

	hawk_watch_reading(&p->watch);
	r = hawk_table_load(&table, old, p->root_fd);
	pthread_mutex_lock(&p->lock);
	p->stats.error = r < 0 ? -r : table->error;
	p->stale = p->watch.first != 0;
	if (r == 0) {
		p->table = table;
		p->reading++;
		p->stats.files = table->n_files;
		p->stats.packages = table->n_origins;
		p->stats.bytes = hawk_table_bytes(table) + sizeof(*p);
	}
	pthread_mutex_unlock(&p->lock);
	if (r == 0)
		hawk_table_free(old);
	wake(p->event_fd);
}

static void *look_after(void *arg)
{
	struct hawk_packages *p = arg;
	uint64_t now, drained;

	hawk_watch_look(&p->watch, now_ns());
	read_databases(p);
	for (;;) {
		struct pollfd fds[] = { { p->wake_fd, POLLIN, 0 }, { p->watch.inotify_fd, POLLIN, 0 } };
		bool closed;

		now = now_ns();
		hawk_watch_look(&p->watch, now);
		pthread_mutex_lock(&p->lock);
		p->stale = p->watch.first != 0;
		p->stats.busy = p->watch.busy;
		closed = p->closed;
		pthread_mutex_unlock(&p->lock);
		if (closed)
			break;
		if (hawk_watch_due(&p->watch, now)) {
			read_databases(p);
			continue;
		}
		if (p->table)
			answer_all(p);
		if (poll(fds, 2, hawk_watch_timeout(&p->watch, now)) > 0 && fds[0].revents &&
		    read(p->wake_fd, &drained, sizeof(drained)) < 0)
			errno = 0; /* nothing to drain */
	}
	hawk_watch_done(&p->watch);
	pthread_mutex_lock(&p->lock);
	put_unlock(p);
	return NULL;
}

/* With the lock: has the thread look at it, unless that is on its way. */
static void put_question(struct hawk_packages *p, uint64_t hash, const char *name, size_t len)
{
	struct answer *a = answer_of(p, hash);

	if (a->waiting && a->hash == hash)
		return;
	hawk_buf_put(&p->questions, name, len + 1);
	if (p->questions.error) {
		p->questions.error = 0;
		p->stats.dropped++;
		return;
	}
	*a = (struct answer){ .hash = hash, .waiting = true };
	p->stats.waiting++;
	wake(p->wake_fd);
}

/* With the lock. LOOKED: what became of looking at the file, which is IDENTITY. */
static enum hawk_packaged state_of(struct hawk_packages *p, uint64_t hash, int looked, const struct identity *identity)
{
	const struct answer *a = answer_of(p, hash);

	/* also what could not be opened has no identity */
	bool by_time = looked < 0 || !a->identity.ino;

	if (a->hash != hash || a->waiting || a->reading != p->reading ||
	    (by_time ? now_ns() - a->at > HOLD_NS : memcmp(&a->identity, identity, sizeof(*identity)) != 0))
		return HAWK_PACKAGED_NONE; /* nothing that counts */
	if (a->state == HAWK_PACKAGED_CHANGED && (p->stale || p->stats.busy))
		return HAWK_PACKAGED_UNKNOWN;
	return a->state;
}

static void ask_state(struct hawk_packages *p, uint64_t hash, const char *name, size_t len, struct hawk_package *ret)
{
	struct identity identity = { .dev = 0 };
	int looked = identify_cached(p, name, &identity);

	if (looked < 0 && looked != -EAGAIN)
		return; /* it is not there, or no file */
	pthread_mutex_lock(&p->lock);
	ret->state = state_of(p, hash, looked, &identity);
	p->stats.cached += ret->state != HAWK_PACKAGED_NONE;
	if (ret->state == HAWK_PACKAGED_NONE) {
		ret->state = HAWK_PACKAGED_UNKNOWN;
		put_question(p, hash, name, len);
	}
	pthread_mutex_unlock(&p->lock);
}

bool hawk_packages_ask(struct hawk_packages *p, const uint8_t *path, size_t len, struct hawk_package *ret)
{
	const struct hawk_origin *origin = NULL;
	char name[HAWK_PATHS_MAX];
	uint64_t hash = 0;
	bool certain;

	ret->name[0] = '\0';
	ret->state = HAWK_PACKAGED_NONE;
	if (memchr(path, '\0', len))
		return false;
	pthread_mutex_lock(&p->lock);
	p->stats.asked++;
	certain = p->table && !p->stats.error && !p->stale && !p->stats.busy;
	len = p->table ? hawk_paths_name(&p->table->paths, (const char *)path, len, name) : 0;
	if (len) {
		hash = hawk_table_hash(p->table, name, len);
		origin = hawk_table_find(p->table, hash);
	}
	if (origin)
		hawk_origin_name(origin, ret->name, sizeof(ret->name));
	pthread_mutex_unlock(&p->lock);
	if (!origin)
		return certain;
	ret->state = HAWK_PACKAGED_UNKNOWN;
	ask_state(p, hash, name, len, ret);
	return true;
}

int hawk_packages_fd(const struct hawk_packages *p)
{
	return p->event_fd;
}

struct hawk_packages_stats hawk_packages_stats(struct hawk_packages *p)
{
	struct hawk_packages_stats stats;

	pthread_mutex_lock(&p->lock);
	stats = p->stats;
	pthread_mutex_unlock(&p->lock);
	return stats;
}

static int start(struct hawk_packages *p)
{
	pthread_attr_t attr;
	pthread_t thread;
	int e;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	hawk_watch_init(&p->watch, p->root_fd);
	p->users++;
	e = pthread_create(&thread, &attr, look_after, p);
	pthread_attr_destroy(&attr);
	if (e) {
		hawk_watch_done(&p->watch);
		p->users--;
		return -e;
	}
	pthread_setname_np(thread, "packages");
	return 0;
}

int hawk_packages_new(struct hawk_packages **ret, int root_fd)
{
	struct hawk_packages *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->users = 1;
	p->questions.max = p->asked.max = WAITING_MAX;
	pthread_mutex_init(&p->lock, NULL);
	p->root_fd = fcntl(root_fd, F_DUPFD_CLOEXEC, 3);
	p->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = p->root_fd < 0 || p->event_fd < 0 || p->wake_fd < 0 ? -EMFILE : start(p);
	if (r < 0) {
		hawk_packages_free(p);
		return r;
	}
	*ret = p;
	return 0;
}

struct hawk_packages *hawk_packages_free(struct hawk_packages *p)
{
	if (!p)
		return NULL;
	pthread_mutex_lock(&p->lock);
	p->closed = true;
	wake(p->wake_fd);
	put_unlock(p);
	return NULL;
}
