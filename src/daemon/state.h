/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_STATE_H
#define HAWK_DAEMON_STATE_H
/* Inside of the running daemon: daemon.c starts, stops and reloads, ops.c answers the control server. */
#include <systemd/sd-event.h>

#include "src/base/clock.h"
#include "src/config/config.h"
#include "src/control/control.h"
#include "src/daemon/daemon.h"
#include "src/daemon/facts.h"
#include "src/daemon/filewatch.h"
#include "src/daemon/inspect.h"
#include "src/daemon/interest.h"
#include "src/daemon/learning.h"
#include "src/daemon/pipeline.h"
#include "src/daemon/policies.h"
#include "src/daemon/signatures.h"

#define HAWK_DEGRADED_MAX 16

struct hawk_daemon {
	struct hawk_daemon_options options;
	struct hawk_config *config;
	struct hawk_clock clock;
	int proc_fd;
	struct hawk_sinks *sinks;
	struct hawk_proctab *proctab;
	struct hawk_derive *derive;
	struct hawk_facts *facts;
	struct hawk_packages *packages; /* NULL: not known */
	int packages_error; /* errno of reading them, as last told */
	char *unpackaged;   /* the same for people; NULL: they are read */
	struct hawk_findings *findings;
	struct hawk_learning *learning;
	struct hawk_cmdline *cmdline;
	struct hawk_symbols *symbols;
	uint64_t cmdlines_hung, libraries_hung; /* as last told */
	struct hawk_collect *collect;
	struct hawk_interest *interest;
	struct hawk_policies *policies;
	struct hawk_signatures *signatures;
	struct hawk_filewatch *policywatch, *signaturewatch;
	bool disagreed; /* kernel and daemon on a policy: told */
	struct hawk_pipeline *pipeline;
	struct hawk_inspect *inspect;
	struct hawk_control *control;
	sd_event *loop;
	char *degraded[HAWK_DEGRADED_MAX];
	size_t n_degraded;
	const struct hawk_config *applied; /* the configuration that is being put in force; NULL: none */
	char *unchecked; /* what the integrity checks do not see now; NULL: nothing */
	uint64_t reseeded_for, reseed_at; /* losses that led to reading the processes anew; not before */
	uint64_t guard_at; /* when to look next whether the programs are told what we told them */
	bool attacked;     /* they were not, once */
	char *bound; /* path of the socket that we made and remove; NULL: systemd's */
};

/* After signatures have changed: policies are read again, since those may select others now. */
void hawk_daemon_new_signatures(struct hawk_daemon *d);
/* Something that does not work, and what that means: in the log now and in `sechawkctl status` for as long as we run. */
void hawk_daemon_degraded(struct hawk_daemon *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * Puts in force what a reload can change. Returns 0, or -errno with *ret_why (malloc'ed, may stay NULL): then nothing
 * has changed.
 */
int hawk_daemon_apply(struct hawk_daemon *d, const struct hawk_config *config, char **ret_why);
/* At the start: attaches what the parts that were put in force want, all at once. Returns 0 or -errno. */
int hawk_daemon_collect(struct hawk_daemon *d);
/* What the programs and the symbols are told of the configuration and of the policies. CTX: the daemon. */
int hawk_daemon_apply_params(void *ctx);
/* Watches the directories of the configuration, which may be others than before. */
void hawk_daemon_watch_files(struct hawk_daemon *d);
/* Reads the configuration and the policies again. Returns 0 or -errno with *ret_why (malloc'ed). */
int hawk_daemon_reload(struct hawk_daemon *d, char **ret_why);
/* The I-th of the lines about the state that go when what they tell of is over; NULL: there are no more. */
const char *hawk_daemon_passing(const struct hawk_daemon *d, size_t i);

extern const struct hawk_control_ops hawk_daemon_ops;

#endif
