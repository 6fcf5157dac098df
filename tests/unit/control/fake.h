/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TESTS_FAKE_DAEMON_H
#define HAWK_TESTS_FAKE_DAEMON_H
/*
 * A daemon without a kernel side: real sinks, process table and control
 * server on one thread, the rest made up. For the tests of this room and the
 * fuzzer; what cannot go on ends in abort().
 */
#include <systemd/sd-event.h>

#include "src/control/server.h"

struct fake {
	struct hawk_derive *derive;
	struct hawk_findings *findings; /* there is one, 0-1 */
	char dir[64], path[96];
	sd_event *event;
	struct hawk_control *control;
	struct hawk_proctab *proctab;
	struct hawk_sinks *sinks;
	uint64_t enabled[HAWK_EVENT_WORDS];
	uint64_t interest[HAWK_EVENT_WORDS]; /* of the last interest_add */
	unsigned int interests;              /* not dropped yet */
	unsigned int reloads, measuring, inspections;
	bool no_collect;                     /* as in a replay */
	bool hung;                           /* the pipeline makes no turns */
	void (*tap)(void *ctx, const void *record, size_t len);
	void *tap_ctx;
};

/* The role of the next clients; the server asks hawk_peer_role when it is HAWK_ROLE_NONE - 1. */
extern int fake_role;

/* OPTIONS may be NULL. */
void fake_start(struct fake *f, const struct hawk_control_options *options);
void fake_stop(struct fake *f);
/* A connected, non-blocking client. */
int fake_connect(struct fake *f);
/* Runs the server until it has nothing to do. */
void fake_pump(struct fake *f);
/* Adds process PID, child of PPID; start times are the pids. */
void fake_process(struct fake *f, uint32_t ppid, uint32_t pid);
/* An event print_mem_dump of two bytes. */
void fake_dump(struct fake *f);
/* N file_open events of a process, as one batch; the path has bytes that are not UTF-8. */
void fake_events(struct fake *f, unsigned int n);

#endif
