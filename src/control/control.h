/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_CONTROL_CONTROL_H
#define HAWK_CONTROL_CONTROL_H
/*
 * The control server: Varlink on a Unix socket, one connection per client,
 * verbs of proto/verbs.def. Runs on the caller's sd-event loop (the control
 * thread) and reaches the other stages only through these dependencies.
 */
#include <jansson.h>
#include <systemd/sd-event.h>

#include "src/collect/collect.h"
#include "src/derive/derive.h"
#include "src/enrich/proctab.h"
#include "src/finding/finding.h"
#include "src/format/format.h"
#include "src/integrity/integrity.h"
#include "src/sink/sink.h"

/*
 * A run of the integrity checks, or a dump of kernel memory. The asking side
 * fills the first part; the second is the daemon's until it has called DONE.
 */
struct hawk_inspection {
	unsigned int checks; /* bits of enum hawk_check_id; 0: a dump */
	char *what;          /* of a dump: symbol or address; malloc'ed */
	size_t length;
	void (*done)(void *ctx); /* called by another thread; may be NULL */
	void *ctx;

	struct hawk_check_result result[HAWK_CHECK_MAX]; /* of CHECKS */
	struct hawk_buf events; /* findings as events, a JSON list */
	int error;              /* of a dump: 0 or -errno; WHY (malloc'ed) says more */
	char *why;

	struct hawk_inspection *next;
	bool timed, running, finished, dropped;
	unsigned int fresh; /* of the timer: checks whose findings are all news */
	struct hawk_buf own; /* functions that the daemon hooks (inspect.c) */
};

/* Counters of the pipeline thread, a copy. */
struct hawk_pipeline_stats {
	uint64_t records, events, rejected, batches;
	uint64_t unmatched; /* events that only policies and signatures wanted, and that no policy matches */
	uint64_t findings;  /* of signatures */
	/* Sampled time per stage, scaled up; that of one stage is in no other. */
	uint64_t ns_read, ns_decode, ns_enrich, ns_policies, ns_signatures, ns_sink;
	uint64_t heartbeat;  /* CLOCK_BOOTTIME ns of the last turn of the loop; an idle loop turns every second */
	uint64_t lost;       /* of all kinds */
	uint64_t lost_life;  /* of the life cycle, without which the process table is wrong */
	uint64_t max_latency_ns, sum_latency_ns; /* kernel time to sink, sampled */
};

/* Policies, or signatures, that somebody loads. */
struct hawk_policy_texts {
	struct hawk_policy_text {
		const char *path; /* what messages call it */
		const char *text;
		size_t len;
	} *v;
	size_t n;
	bool replace; /* those of the same names that were loaded so */
};

/*
 * What the daemon offers to the control server. CTX is the daemon's. All calls are made on the control
 * thread.
 */
struct hawk_control_ops {
	/* Runs FN on the pipeline thread between two batches and returns when it has run. */
	void (*in_pipeline)(void *ctx, void (*fn)(void *arg, struct hawk_proctab *proctab), void *arg);
	void (*pipeline_stats)(void *ctx, struct hawk_pipeline_stats *ret);
	/*
	 * Global set of enabled events: turns those in BITS (rows of hawk_event_descs()) on or off, all at
	 * once. Returns 0; or -errno, and nothing is changed.
	 */
	int (*events_enable)(void *ctx, const uint64_t *bits, bool on);
	bool (*event_enabled)(void *ctx, size_t row);
	/*
	 * Additional events for a client: BITS stay collected until released with
	 * the returned handle; so does the view of paths that its subscriber wants,
	 * which comes before and goes before. Returns a handle >= 0, -ENODATA when
	 * that view is not known, or -errno.
	 */
	int (*interest_add)(void *ctx, const uint64_t *bits);
	void (*interest_drop)(void *ctx, int handle);
	/* Re-reads the configuration. Returns 0 or -errno with *ret_why (malloc'ed). */
	int (*reload)(void *ctx, char **ret_why);
	/*
	 * A text of one line about the state for people ("degraded: no BTF", …), one call per item; returns
	 * false after the last.
	 */
	bool (*degraded)(void *ctx, size_t i, const char **ret);
	/*
	 * TAP is called once per record while a recording client exists, on the
	 * pipeline thread; NULL ends that. When tap_set returns, no call of the tap
	 * before runs any more. Returns 0 or -errno.
	 */
	int (*tap_set)(void *ctx, void (*tap)(void *tap_ctx, const void *record, size_t len), void *tap_ctx);
	struct hawk_collect *(*collect)(void *ctx);
	struct hawk_sinks *(*sinks)(void *ctx);
	/* Which packages own files. NULL: not known. */
	struct hawk_packages *(*packages)(void *ctx);
	/* What was learnt of packets; to be looked at on the pipeline thread only. */
	struct hawk_derive *(*derive)(void *ctx);
	/* What was found; to be looked at on the pipeline thread only. NULL: there are no signatures. */
	struct hawk_findings *(*findings)(void *ctx);
	/*
	 * Has I (malloc'ed) carried out on another thread. Until inspect_end, which
	 * frees it, finished or not, it is the daemon's as well; DONE is not called
	 * after that.
	 */
	void (*inspect)(void *ctx, struct hawk_inspection *i);
	bool (*inspected)(void *ctx, const struct hawk_inspection *i);
	void (*inspect_end)(void *ctx, struct hawk_inspection *i);

	/*
	 * Policies, in the terms of proto/verbs.def. List, show and explain give the
	 * whole answer as a new object, NULL without memory; of a policy that is not
	 * there they set *ret_none. The others return 0, or -errno with *ret_why
	 * (malloc'ed, may be NULL).
	 */
	json_t *(*policy_list)(void *ctx);
	json_t *(*policy_show)(void *ctx, const char *name, bool *ret_none);
	json_t *(*policy_explain)(void *ctx, const char *name, bool *ret_none);
	/*
	 * Loads those that are right, all at once; gives lists of STRUCT(POLICY) and, of the others, STRUCT(FILE_PROBLEM).
	 */
	int (*policy_load)(void *ctx, const struct hawk_policy_texts *texts, json_t **ret, json_t **ret_problems);
	int (*policy_unload)(void *ctx, const char *name, char **ret_why);
	/* Returns 1 when it was so already. */
	int (*policy_enable)(void *ctx, const char *name, bool on, char **ret_why);
	/* Signatures, in the same way, but that all of them are loaded or none; it gives rows of STRUCT(SIGNATURE). */
	json_t *(*signature_list)(void *ctx);
	size_t (*signatures_enabled)(void *ctx); /* how many are in force */
	json_t *(*signature_show)(void *ctx, const char *name, bool *ret_none);
	json_t *(*signature_stats)(void *ctx);
	int (*signature_load)(void *ctx, const struct hawk_policy_texts *texts, json_t **ret, char **ret_why);
	int (*signature_unload)(void *ctx, const char *name, char **ret_why);
	int (*signature_enable)(void *ctx, const char *name, bool on, char **ret_why);
	/* Begins or ends learning, or neither; gives what was learnt. */
	json_t *(*signature_learn)(void *ctx, bool start, bool stop);
};

struct hawk_control_options {
	const char *admin_group; /* may change things; empty: root only */
	const char *read_group;  /* may read; default "sechawk" */
	unsigned int max_clients; /* 0: 1024 */
	size_t client_bytes;      /* output a client may have waiting; 0: 4 MiB */
	size_t clients_bytes;     /* memory of all clients; 0: 256 MiB */
	uint64_t started;         /* CLOCK_BOOTTIME ns, for status */
	const char *version;
};

struct hawk_control;

/*
 * Serves LISTEN_FD (taken over in every case, made non-blocking) on EVENT. OPS
 * is borrowed. Resolves the groups, so it belongs before the sandbox and the
 * other threads. Returns 0 or -errno.
 */
int hawk_control_new(struct hawk_control **ret, sd_event *event, int listen_fd,
		     const struct hawk_control_options *options, const struct hawk_control_ops *ops,
		     void *ctx);
/* Disconnects all clients. */
struct hawk_control *hawk_control_free(struct hawk_control *c);
/* Number of connected clients, and how many were refused or disconnected for abuse. */
unsigned int hawk_control_clients(const struct hawk_control *c, uint64_t *ret_refused);
/*
 * Creates a socket at PATH, mode 0660 for GROUP (0600 when it is empty, unknown
 * or may not be set), and listens. A socket that nobody serves is replaced.
 * Returns the fd, -EADDRINUSE when another instance serves it, -EEXIST when
 * PATH is no socket, or -errno.
 */
int hawk_control_bind(const char *path, const char *group);

#endif
