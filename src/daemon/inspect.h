/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_INSPECT_H
#define HAWK_DAEMON_INSPECT_H
/*
 * Runs the checks of src/integrity on a thread of its own, when asked and on a
 * timer, and tells the pipeline what they find. All but the thread is for the
 * control thread.
 */
#include "src/collect/collect.h"
#include "src/control/control.h"
#include "src/daemon/pipeline.h"

struct hawk_inspect;

/* Starts the thread; both are borrowed. Returns 0 or -errno. */
int hawk_inspect_start(struct hawk_inspect **ret, struct hawk_collect *collect, struct hawk_pipeline *pipeline);
/* Ends what is under way, stops the thread and frees. Before the pipeline is stopped. */
struct hawk_inspect *hawk_inspect_stop(struct hawk_inspect *s);

/* See struct hawk_control_ops. */
void hawk_inspect_begin(struct hawk_inspect *s, struct hawk_inspection *i);
bool hawk_inspect_finished(struct hawk_inspect *s, const struct hawk_inspection *i);
void hawk_inspect_end(struct hawk_inspect *s, struct hawk_inspection *i);

/*
 * Begins the checks that are due: those of WANTED (bits) that were not in it the
 * last time, and all of them every INTERVAL ns (0: never). NOW: CLOCK_BOOTTIME ns.
 * A finding that the last run of the timer had is not told again.
 */
void hawk_inspect_tick(struct hawk_inspect *s, unsigned int wanted, uint64_t interval, uint64_t now);
/* What the last run of each check that the timer makes could not look at, one line (malloc'ed); NULL: nothing. */
char *hawk_inspect_problem(struct hawk_inspect *s);

#endif
