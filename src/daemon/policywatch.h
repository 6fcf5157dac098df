/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_POLICYWATCH_H
#define HAWK_DAEMON_POLICYWATCH_H
/* Notices when files in the directories of policies change. Control thread. */
#include <stddef.h>
#include <systemd/sd-event.h>

struct hawk_policywatch;

/* Calls CHANGED on LOOP shortly after the last of several changes. Nothing is watched yet. Returns 0 or -errno. */
int hawk_policywatch_new(struct hawk_policywatch **ret, sd_event *loop, void (*changed)(void *ctx), void *ctx);
struct hawk_policywatch *hawk_policywatch_free(struct hawk_policywatch *w);
/*
 * Watches DIRS (N of them) in the place of others; where one does not exist, for its coming. Returns 0, or
 * -errno when not all can be watched.
 */
int hawk_policywatch_set(struct hawk_policywatch *w, char *const *dirs, size_t n);

#endif
