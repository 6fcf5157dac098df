/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/filewatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "src/base/cleanup.h"

/* An editor or a package writes several times: when it has been quiet for so long it is done, or after so long. */
#define QUIET_US (300ULL * 1000)
#define LATEST_US (3ULL * 1000 * 1000)

#define CHANGES (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)

struct hawk_filewatch {
	sd_event *loop;
	void (*changed)(void *ctx);
	void *ctx;
	char **dirs;
	size_t n;
	sd_event_source **sources; /* one per directory; NULL: neither it nor its parent is there */
	sd_event_source *timer;
	uint64_t first; /* CLOCK_MONOTONIC us of the first change that waits; 0: none */
};

static int watch_all(struct hawk_filewatch *w);

static int on_quiet(sd_event_source *s, uint64_t usec, void *ctx)
{
	struct hawk_filewatch *w = ctx;

	(void)s;
	(void)usec;
	w->first = 0;
	watch_all(w); /* a directory may have come or gone; what cannot be watched was told when it was set */
	w->changed(w->ctx);
	return 0;
}

static int on_change(sd_event_source *s, const struct inotify_event *event, void *ctx)
{
	struct hawk_filewatch *w = ctx;
	uint64_t now, at;

	(void)s;
	(void)event;
	if (sd_event_now(w->loop, CLOCK_MONOTONIC, &now) < 0)
		return 0;
	if (!w->first)
		w->first = now;
	at = now + QUIET_US < w->first + LATEST_US ? now + QUIET_US : w->first + LATEST_US;
	sd_event_source_set_time(w->timer, at);
	sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
	return 0;
}

/* The directory above PATH (malloc'ed), or NULL. */
static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash > path ? strndup(path, (size_t)(slash - path)) : NULL;
}

static int watch_one(struct hawk_filewatch *w, size_t i)
{
	_cleanup_free_ char *parent = NULL;
	int r = sd_event_add_inotify(w->loop, &w->sources[i], w->dirs[i], CHANGES | IN_ONLYDIR, on_change, w);

	if (r != -ENOENT)
		return r;
	parent = parent_of(w->dirs[i]);
	if (!parent)
		return -ENOENT;
	return sd_event_add_inotify(w->loop, &w->sources[i], parent, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR, on_change, w);
}

static int watch_all(struct hawk_filewatch *w)
{
	int r = 0;

	for (size_t i = 0; i < w->n; i++) {
		int one;

		w->sources[i] = sd_event_source_unref(w->sources[i]);
		one = watch_one(w, i);
		/* without even a parent nothing comes there unnoticed by who makes it */
		if (one < 0 && one != -ENOENT)
			r = one;
	}
	return r;
}

int hawk_filewatch_new(struct hawk_filewatch **ret, sd_event *loop, void (*changed)(void *ctx), void *ctx)
{
	struct hawk_filewatch *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	w->loop = loop;
	w->changed = changed;
	w->ctx = ctx;
	r = sd_event_add_time(loop, &w->timer, CLOCK_MONOTONIC, 0, 0, on_quiet, w);
	if (r >= 0)
		r = sd_event_source_set_enabled(w->timer, SD_EVENT_OFF);
	if (r < 0) {
		hawk_filewatch_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

static void forget(struct hawk_filewatch *w)
{
	for (size_t i = 0; i < w->n; i++) {
		sd_event_source_unref(w->sources[i]);
		free(w->dirs[i]);
	}
	free(w->sources);
	free(w->dirs);
	w->sources = NULL;
	w->dirs = NULL;
	w->n = 0;
}

struct hawk_filewatch *hawk_filewatch_free(struct hawk_filewatch *w)
{
	if (!w)
		return NULL;
	forget(w);
	sd_event_source_unref(w->timer);
	free(w);
	return NULL;
}

int hawk_filewatch_set(struct hawk_filewatch *w, char *const *dirs, size_t n)
{
	forget(w);
	w->dirs = calloc(n + 1, sizeof(*w->dirs));
	w->sources = calloc(n + 1, sizeof(*w->sources));
	if (!w->dirs || !w->sources)
		return -ENOMEM;
	for (; w->n < n; w->n++) {
		w->dirs[w->n] = strdup(dirs[w->n]);
		if (!w->dirs[w->n])
			return -ENOMEM;
	}
	return watch_all(w);
}
