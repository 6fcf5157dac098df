/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/package/watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/inroot.h"
#include "src/package/table.h"

#define MS (1000ULL * 1000)
#define QUIET_NS (100 * MS)
#define LATEST_NS (1000 * MS)
#define OPENED_NS (300 * MS) /* between opening a lock file and locking it */
#define LOOK_NS (30000 * MS)

#define NAMES (IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)

static const struct {
	const char *dir, *lock; /* LOCK: the name of a file in it, or "" */
	uint32_t mask;
} places[HAWK_WATCH_PLACES] = {
	{ HAWK_DPKG, "lock", NAMES | IN_CLOSE_WRITE | IN_OPEN },
	{ HAWK_DPKG "/info", "", NAMES | IN_CLOSE_WRITE },
	/* The database and its log are written in place; who only looks closes them as if it had written. */
	{ "/var/lib/rpm", ".rpm.lock", NAMES | IN_OPEN | IN_MODIFY },
	{ "/usr/lib/sysimage/rpm", ".rpm.lock", NAMES | IN_OPEN | IN_MODIFY },
};

/* Names in these directories that are no part of what we read. */
static bool is_noise(const char *name)
{
	return strncmp(name, "triggers", 8) == 0 || strcmp(name, "rpmdb.sqlite-shm") == 0 ||
	       strncmp(name, "available", 9) == 0;
}

static void changed(struct hawk_watch *w, uint64_t now)
{
	if (!w->first)
		w->first = now;
	w->last = now;
}

static int open_lock(const struct hawk_watch *w, size_t i)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", places[i].dir, places[i].lock);
	return places[i].lock[0] ? hawk_open_in_root(w->root_fd, path, O_RDONLY | O_NONBLOCK, 0) : -1;
}

static void watch_places(struct hawk_watch *w, uint64_t now)
{
	w->looked = now;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_close_ int dir = -1;
		char path[32];

		if (w->watches[i] >= 0)
			continue;
		dir = hawk_open_in_root(w->root_fd, places[i].dir, O_PATH | O_DIRECTORY, 0);
		if (dir < 0)
			continue;
		/* before the watch, which would see it */
		if (w->locks[i] < 0)
			w->locks[i] = open_lock(w, i);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
		w->watches[i] = inotify_add_watch(w->inotify_fd, path, places[i].mask | IN_ONLYDIR);
		/* without a watch it is read every time */
		changed(w, now);
	}
}

void hawk_watch_init(struct hawk_watch *w, int root_fd)
{
	memset(w, 0, sizeof(*w));
	w->root_fd = root_fd;
	for (size_t i = 0; i < HAWK_WATCH_PLACES; i++)
		w->watches[i] = w->locks[i] = -1;
	w->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

void hawk_watch_done(struct hawk_watch *w)
{
	for (size_t i = 0; i < HAWK_WATCH_PLACES; i++)
		if (w->locks[i] >= 0)
			close(w->locks[i]);
	if (w->inotify_fd >= 0)
		close(w->inotify_fd);
}

static size_t place_of(const struct hawk_watch *w, int wd)
{
	size_t i = 0;

	while (i < HAWK_WATCH_PLACES && w->watches[i] != wd)
		i++;
	return i;
}

static void on_event(struct hawk_watch *w, const struct inotify_event *e, uint64_t now)
{
	size_t i = place_of(w, e->wd);
	const char *name = e->len ? e->name : "";

	if (e->mask & IN_Q_OVERFLOW)
		changed(w, now);
	if (i == HAWK_WATCH_PLACES || is_noise(name))
		return;
	if (places[i].lock[0] && strcmp(name, places[i].lock) == 0) {
		/* when it is made only now: this opening is seen, too, once */
		if (w->locks[i] < 0)
			w->locks[i] = open_lock(w, i);
		w->opened = now;
		return;
	}
	if (e->mask & IN_IGNORED)
		w->watches[i] = -1; /* the directory is gone */
	if (e->mask & (NAMES | IN_CLOSE_WRITE | IN_MODIFY | IN_IGNORED))
		changed(w, now);
}

/* Somebody else has locked the file for writing. */
static bool is_locked(int fd)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	return fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_WRLCK;
}

void hawk_watch_look(struct hawk_watch *w, uint64_t now)
{
	_Alignas(struct inotify_event) char buf[4096];
	bool busy = false;
	ssize_t n;

	while (w->inotify_fd >= 0 && (n = read(w->inotify_fd, buf, sizeof(buf))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e = (const void *)(buf + at);

			on_event(w, e, now);
			at += (ssize_t)(sizeof(*e) + e->len);
		}
	if (!w->looked || now - w->looked >= LOOK_NS)
		watch_places(w, now);
	if (w->opened && now - w->opened >= OPENED_NS)
		w->opened = 0;
	for (size_t i = 0; i < HAWK_WATCH_PLACES; i++)
		busy = busy || is_locked(w->locks[i]);
	/* what was written last may not have been read */
	if (w->busy && !busy && !w->opened)
		changed(w, now);
	w->busy = busy || w->opened;
}

bool hawk_watch_due(const struct hawk_watch *w, uint64_t now)
{
	return w->first && (now - w->last >= QUIET_NS || now - w->first >= LATEST_NS);
}

void hawk_watch_reading(struct hawk_watch *w)
{
	w->first = w->last = 0;
}

int hawk_watch_timeout(const struct hawk_watch *w, uint64_t now)
{
	uint64_t at = w->looked + LOOK_NS;

	if (w->busy && now + OPENED_NS < at)
		at = now + OPENED_NS;
	if (w->first && w->last + QUIET_NS < at)
		at = w->last + QUIET_NS;
	return at <= now ? 0 : (int)((at - now + MS - 1) / MS);
}
