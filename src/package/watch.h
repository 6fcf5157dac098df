/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PACKAGE_WATCH_H
#define HAWK_PACKAGE_WATCH_H
/* When the databases change, and whether a package manager works: it holds a lock on a file beside them. */
#include <stdbool.h>
#include <stdint.h>

#define HAWK_WATCH_PLACES 4

struct hawk_watch {
	int root_fd, inotify_fd;                /* inotify_fd -1: the host has none left */
	int watches[HAWK_WATCH_PLACES], locks[HAWK_WATCH_PLACES]; /* -1: not there */
	uint64_t first, last;                   /* of the changes that nobody read yet, ns; 0: none */
	uint64_t looked;                        /* for places that were not there, ns */
	uint64_t opened;                        /* a lock was opened, perhaps to be taken, ns; 0: not lately */
	bool busy;
};

/* ROOT_FD is borrowed. */
void hawk_watch_init(struct hawk_watch *w, int root_fd);
void hawk_watch_done(struct hawk_watch *w);
/* Takes what inotify says. NOW: CLOCK_MONOTONIC ns. */
void hawk_watch_look(struct hawk_watch *w, uint64_t now);
/* True when the databases are to be read: they have changed and are quiet, or it is long ago. */
bool hawk_watch_due(const struct hawk_watch *w, uint64_t now);
/* They are being read: what changes from now on counts. */
void hawk_watch_reading(struct hawk_watch *w);
/* For poll(2): milliseconds until hawk_watch_look() has something to do without inotify. */
int hawk_watch_timeout(const struct hawk_watch *w, uint64_t now);

#endif
