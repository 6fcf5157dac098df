/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_FILEWATCH_H
#define HAWK_DAEMON_FILEWATCH_H
/* Notices when files in directories change. Control thread. */
#include <stddef.h>
#include <systemd/sd-event.h>

struct hawk_filewatch;

/* Calls CHANGED on LOOP shortly after the last of several changes. Nothing is watched yet. Returns 0 or -errno. */
int hawk_filewatch_new(struct hawk_filewatch **ret, sd_event *loop, void (*changed)(void *ctx), void *ctx);
struct hawk_filewatch *hawk_filewatch_free(struct hawk_filewatch *w);
/*
 * Watches DIRS (N of them) in the place of others; where one does not exist, for its coming. Returns 0, or
 * -errno when not all can be watched.
 */
int hawk_filewatch_set(struct hawk_filewatch *w, char *const *dirs, size_t n);

#endif
