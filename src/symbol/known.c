/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The helper thread's own: libraries that were read, and the lists of processes. Everything has a bound. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/inroot.h"
#include "src/symbol/internal.h"

#define LIBRARIES_MAX 512
#define BYTES_MAX (48U * 1024 * 1024)
#define PROCESSES 8192 /* one takes the place of another with the same hash; 88 bytes each */

struct known_library {
	uint64_t used; /* 0: free */
	uint64_t inode, ctime;
	uint32_t dev;
	char *path; /* by which it was loaded first */
	struct hawk_library library;
};

struct process {
	uint32_t pid;
	bool forgotten; /* it has a library that nothing is known of any more */
	uint64_t start, exec_id;
	uint64_t has[LIBRARIES_MAX / 64]; /* a bit for each place of a library: as many as are known at all */
};

struct hawk_known {
	int proc_fd;
	const struct hawk_rules *rules;
	uint64_t clock;
	size_t bytes;
	struct known_library libraries[LIBRARIES_MAX];
	struct process processes[PROCESSES];
};

int hawk_known_new(struct hawk_known **ret, int proc_fd)
{
	struct hawk_known *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->proc_fd = proc_fd;
	*ret = k;
	return 0;
}

static bool has(const struct process *p, size_t place)
{
	return p->has[place / 64] >> place % 64 & 1;
}

static void forget(struct hawk_known *k, struct known_library *l)
{
	size_t place = (size_t)(l - k->libraries);

	if (!l->used)
		return;
	for (size_t i = 0; i < PROCESSES; i++) {
		struct process *p = &k->processes[i];

		if (!has(p, place))
			continue;
		p->has[place / 64] &= ~(1ULL << place % 64);
		p->forgotten = true;
	}
	k->bytes -= hawk_library_bytes(&l->library);
	hawk_library_done(&l->library);
	free(l->path);
	memset(l, 0, sizeof(*l));
}

void hawk_known_set_rules(struct hawk_known *k, const struct hawk_rules *rules)
{
	for (size_t i = 0; i < LIBRARIES_MAX; i++)
		forget(k, &k->libraries[i]);
	memset(k->processes, 0, sizeof(k->processes));
	k->rules = rules;
}

struct hawk_known *hawk_known_free(struct hawk_known *k)
{
	if (k)
		hawk_known_set_rules(k, NULL);
	free(k);
	return NULL;
}

static struct known_library *known(struct hawk_known *k, const struct hawk_symbols_question *q)
{
	for (size_t i = 0; i < LIBRARIES_MAX; i++) {
		struct known_library *l = &k->libraries[i];

		if (l->used && l->inode == q->inode && l->dev == q->dev && l->ctime == q->ctime) {
			l->used = ++k->clock;
			return l;
		}
	}
	return NULL;
}

static struct known_library *oldest(struct hawk_known *k)
{
	struct known_library *oldest = &k->libraries[0];

	for (size_t i = 0; i < LIBRARIES_MAX; i++)
		if (k->libraries[i].used < oldest->used)
			oldest = &k->libraries[i];
	return oldest;
}

static void make_room(struct hawk_known *k)
{
	while (k->bytes > BYTES_MAX) {
		struct known_library *old = NULL;

		for (size_t i = 0; i < LIBRARIES_MAX; i++)
			if (k->libraries[i].used && (!old || k->libraries[i].used < old->used))
				old = &k->libraries[i];
		if (!old)
			return;
		forget(k, old);
	}
}

/*
 * The file as the process saw it: symbolic links lead below its root. Opening
 * must do nothing but open: not wait for a FIFO, not take a terminal.
 */
static int open_library(const struct hawk_known *k, const struct hawk_symbols_question *q)
{
	_cleanup_close_ int root = -1;
	char name[32];

	snprintf(name, sizeof(name), "%u/root", q->head.tgid);
	root = openat(k->proc_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	return hawk_open_in_root(root, q->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
}

/*
 * Whether FD is the file that was mapped. Numbers of inode and device may be
 * others than the kernel's own on overlay and btrfs; the time of the last change
 * is the same everywhere.
 */
static bool is_same(int fd, const struct hawk_symbols_question *q)
{
	struct stat st;
	uint32_t dev;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	dev = major(st.st_dev) << 20 | minor(st.st_dev);
	if ((uint64_t)st.st_ctim.tv_sec * 1000000000ULL + (uint64_t)st.st_ctim.tv_nsec != q->ctime)
		return false;
	return dev != q->dev || st.st_ino == q->inode;
}

static long read_file(void *ctx, uint64_t offset, void *buf, size_t len)
{
	size_t done = 0;

	if (offset > INT64_MAX - len)
		return -EBADMSG;
	while (done < len) {
		ssize_t n = pread(*(int *)ctx, (char *)buf + done, len - done, (off_t)(offset + done));

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (long)done;
}

/* Returns NULL when it cannot be read. */
static struct known_library *learn(struct hawk_known *k, const struct hawk_symbols_question *q,
				   struct hawk_symbols_stats *stats)
{
	_cleanup_close_ int fd = open_library(k, q);
	struct hawk_elf_source source = { read_file, &fd };
	struct hawk_library library = { .n = 0 };
	struct known_library *l;
	char *path;

	if (fd < 0 || !is_same(fd, q) || hawk_library_read(&library, k->rules, &source) < 0) {
		stats->failed++;
		return NULL;
	}
	stats->read++;
	path = strdup(q->path);
	if (!path) {
		stats->dropped++;
		hawk_library_done(&library);
		return NULL;
	}
	k->bytes += hawk_library_bytes(&library);
	make_room(k);
	l = oldest(k);
	forget(k, l);
	*l = (struct known_library){
		.used = ++k->clock, .inode = q->inode, .ctime = q->ctime, .dev = q->dev,
		.path = path, .library = library,
	};
	return l;
}

static struct process *process_of(struct hawk_known *k, const struct hawk_symbols_head *h)
{
	struct process *p = &k->processes[(h->start * 0x9e3779b97f4a7c15ULL ^ h->tgid) % PROCESSES];

	if (p->pid != h->tgid || p->start != h->start || p->exec_id != h->exec_id)
		*p = (struct process){ .pid = h->tgid, .start = h->start, .exec_id = h->exec_id };
	return p;
}

/* What is looked at, and where to what comes of it. */
struct look {
	struct hawk_known *known;
	const struct hawk_symbols_question *q;
	struct hawk_buf *answers;
	struct hawk_symbols_stats *stats;
};

struct telling {
	uint16_t event;
	const char *other; /* "": none */
	const struct hawk_buf *names;
	bool cut;
};

static void answer(const struct look *look, const struct telling *t)
{
	const char *path = look->q->path;
	struct hawk_buf *out = look->answers;
	struct hawk_symbols_answer a = {
		.event = t->event, .cut = t->cut || t->names->error, .head = look->q->head,
		.path_len = (uint32_t)strlen(path), .other_len = (uint32_t)strlen(t->other),
		.names_len = (uint32_t)t->names->len,
	};
	size_t text = a.path_len + 1 + a.other_len + 1 + a.names_len;

	a.size = (uint32_t)((sizeof(a) + text + 7) & ~(size_t)7);
	if (!hawk_buf_room(out, a.size)) { /* all of it or nothing; the next one may have room */
		out->error = 0;
		look->stats->dropped++;
		return;
	}
	hawk_buf_put(out, &a, sizeof(a));
	hawk_buf_put(out, path, a.path_len + 1);
	hawk_buf_put(out, t->other, a.other_len + 1);
	hawk_buf_put(out, t->names->data, a.names_len);
	hawk_buf_put(out, "\0\0\0\0\0\0\0", a.size - sizeof(a) - text);
}

static void collide(const struct look *look, const struct process *p, const struct known_library *l)
{
	for (size_t place = 0; place < LIBRARIES_MAX; place++) {
		const struct known_library *other = &look->known->libraries[place];
		struct hawk_buf names = HAWK_BUF_INIT;
		size_t n;

		if (!has(p, place))
			continue;
		n = hawk_library_collide(&l->library, &other->library, &names);
		if (n)
			answer(look, &(struct telling){ HAWK_EV_SYMBOLS_COLLISION, other->path, &names,
							n > HAWK_COLLISIONS_MAX });
		hawk_buf_done(&names);
	}
	look->stats->partly += p->forgotten;
}

void hawk_known_look(struct hawk_known *k, const struct hawk_symbols_question *q, struct hawk_buf *answers,
		     struct hawk_symbols_stats *stats)
{
	const struct look look = { k, q, answers, stats };
	struct known_library *l = known(k, q);
	struct process *p;
	size_t place;

	if (!l)
		l = learn(k, q, stats);
	if (!l)
		return;
	p = process_of(k, &q->head);
	place = (size_t)(l - k->libraries);
	if (has(p, place))
		return;
	if (q->wanted & HAWK_SYMBOLS_LOADED && l->library.watched.len && !hawk_rules_allow(k->rules, q->path))
		answer(&look, &(struct telling){ HAWK_EV_SYMBOLS_LOADED, "", &l->library.watched, false });
	if (q->wanted & HAWK_SYMBOLS_COLLISION)
		collide(&look, p, l);
	p->has[place / 64] |= 1ULL << place % 64;
}
