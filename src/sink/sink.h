/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SINK_SINK_H
#define HAWK_SINK_SINK_H
/*
 * Sinks: where events go. The engine filters and encodes in the pipeline
 * thread and hands bytes to a bounded queue; each sink has a thread of its own
 * that writes, so a blocked sink stalls nobody. What does not fit is counted
 * and told.
 */
#include "src/event/event.h"
#include "src/ir/ir.h"

struct hawk_sinks; /* the engine */
struct hawk_sink;  /* one configured sink */

struct hawk_sink_options {
	const char *type;   /* "file", "journald", "syslog", "stdout" */
	const char *name;   /* for people and metrics; unique */
	const char *const *filters; /* n_filters ir texts, any of which selects an event; none: everything */
	size_t n_filters;
	const char *format; /* format.h; types that have a form of their own ignore it */
	enum hawk_view view; /* whose paths it gets, its filters too */
	size_t queue_bytes; /* 0: 8 MiB */
	/* file */
	const char *path;
	uint64_t rotate_bytes;  /* 0: never by size */
	uint64_t rotate_seconds;/* 0: never by time */
	unsigned int rotate_keep;/* old files kept; 0: 5 */
	/* syslog */
	const char *socket;  /* default /dev/log; for rfc5424 a path of a datagram or stream socket */
	bool rfc5424;
	bool cee;            /* the message is "@cee: " and the native JSON, unless that is too long */
	/* journald */
	const char *journal_socket; /* default: libsystemd's; tests set another */
	unsigned int rate_per_second, rate_burst; /* own reported limiter; 0: none */
};

/*
 * One type of sink: sink_<type>.c exports one of these as hawk_sink_<type>.
 * All but check and encode are called on the sink's thread only.
 */
struct hawk_sink_ops {
	const char *type;
	const char *doc;
	size_t state_size; /* bytes of hawk_sink.state, zeroed before the first open */
	/* Checks the options of this type; what is wrong, a static text, or NULL. May be NULL. */
	const char *(*check)(const struct hawk_sink_options *options);
	/* Opens the target. Called again after a failure, with back-off. Returns 0 or -errno. */
	int (*open)(struct hawk_sink *s);
	/*
	 * Writes what is in DATA (N encoded events, LEN bytes). Returns the number of
	 * bytes taken (whole events) or -errno; the rest is offered again, after
	 * open() when it failed. Waits at most a fifth of a second for a slow target and
	 * then returns what it has, possibly 0.
	 */
	long (*write)(struct hawk_sink *s, const char *data, size_t len, size_t n);
	/* Asked by SIGHUP: reopen files. May be NULL. */
	int (*reopen)(struct hawk_sink *s);
	void (*close)(struct hawk_sink *s);
	/*
	 * Encodes an event for this type (pipeline thread). NULL: the engine uses the
	 * sink's format. Used by journald and syslog, which have forms of their own.
	 */
	int (*encode)(struct hawk_sink *s, const struct hawk_event *event, struct hawk_buf *out);
};

/* VIEW: whose view of the file system the paths of events are in, not the default. Returns 0 or -ENOMEM. */
int hawk_sinks_new(struct hawk_sinks **ret, const struct hawk_ir_env *env, enum hawk_view view);
/* Flushes (at most 2 s per sink) and frees. */
struct hawk_sinks *hawk_sinks_free(struct hawk_sinks *sinks);

/*
 * Adds a sink and starts its thread. Strings are copied. Returns 0, -EINVAL
 * with *ret_why (malloc'ed) set, or -ENOMEM. A target that cannot be opened is
 * not an error: it is retried and reported.
 */
int hawk_sinks_add(struct hawk_sinks *sinks, const struct hawk_sink_options *options, char **ret_why);
/* Replaces all configured sinks by these, keeping those whose options did not change. All or nothing. */
int hawk_sinks_configure(struct hawk_sinks *sinks, const struct hawk_sink_options *options, size_t n,
			 char **ret_why);

/*
 * A subscriber (watch, trace, record): a queue without thread, read by the control
 * thread. NOTIFY is called from the pipeline thread when the queue becomes
 * non-empty. Loses its own events when full: counted.
 */
struct hawk_subscriber;
struct hawk_subscriber_options {
	const char *filter; /* ir text; empty: everything */
	const char *format;
	bool terminal;      /* colour may be used */
	bool reader;        /* events for admins are left out */
	enum hawk_view view;
	size_t queue_bytes; /* 0: 4 MiB */
	/* Rows of hawk_event_descs() that it sees (copied); NULL: the enabled ones, and all that a policy matches. */
	const uint64_t *events;
	void (*notify)(void *ctx); /* must not call anything of this header; may be NULL */
	void *ctx;
};
int hawk_subscriber_new(struct hawk_subscriber **ret, struct hawk_sinks *sinks,
			const struct hawk_subscriber_options *options, char **ret_why);
/* Bytes that a subscriber with a queue of QUEUE_BYTES holds when its queue is full. */
size_t hawk_subscriber_memory(size_t queue_bytes);
struct hawk_subscriber *hawk_subscriber_free(struct hawk_subscriber *s);
/* Takes the oldest encoded event. Returns its length and copies it to OUT, 0 when empty, or -errno. */
long hawk_subscriber_take(struct hawk_subscriber *s, struct hawk_buf *out);
/*
 * The line before the first event (CSV header, table head) of its format; empty when there is none. Borrowed.
 */
const struct hawk_buf *hawk_subscriber_head(const struct hawk_subscriber *s);
/* How many events this subscriber lost since the last call. */
uint64_t hawk_subscriber_lost(struct hawk_subscriber *s);

/*
 * The globally enabled events (bits by row of hawk_event_descs(), copied):
 * configured sinks see only these and those that a policy matches; events.lost
 * always. Any thread.
 */
void hawk_sinks_set_enabled(struct hawk_sinks *sinks, const uint64_t *bits);
/*
 * The events (as above) that are seen whether or not a policy matches them, at
 * first all; of the others only those that one matches. Any thread.
 */
void hawk_sinks_set_unfiltered(struct hawk_sinks *sinks, const uint64_t *bits);
/*
 * Whether a sink or subscriber sees the event with this id though no policy matches it, if
 * its filters let it pass. Pipeline thread, within a batch.
 */
bool hawk_sinks_wants(const struct hawk_sinks *sinks, uint16_t event);

/*
 * What sinks and subscribers ask of the event with this id: at most MAX predicates, borrowed until sinks or
 * subscribers change; who may see the event sees it when one of theirs is true. False: somebody asks nothing of it, or
 * there is nobody, or they are too many. Control thread.
 */
bool hawk_sinks_filters(const struct hawk_sinks *sinks, uint16_t event, const struct hawk_ir **ret, size_t max,
			size_t *ret_n);

/*
 * Whether a sink or subscriber wants paths in the view that they are not in:
 * both must be collected then. Control thread.
 */
bool hawk_sinks_want_other(struct hawk_sinks *sinks);

/*
 * Until the end of the batch the pipeline thread keeps the lock of the engine;
 * other threads that change or count sinks are let in between two events.
 * Events outside a batch are fine, and slower.
 */
void hawk_sinks_batch_begin(struct hawk_sinks *sinks);
/* Offers EVENT to all sinks and subscribers. Pipeline thread. Never blocks. */
void hawk_sinks_event(struct hawk_sinks *sinks, const struct hawk_event *event);
/* End of a batch: wakes the threads that have something to write. Pipeline thread. */
void hawk_sinks_batch_end(struct hawk_sinks *sinks);
/* SIGHUP: reopen files. */
void hawk_sinks_reopen(struct hawk_sinks *sinks);

struct hawk_sink_stats {
	const char *name, *type;
	uint64_t events, bytes, filtered, lost, errors, retries, rate_limited;
	uint64_t queued_bytes, queue_bytes;
	int last_error;    /* errno of the last failure, 0 when it works */
};
/*
 * Number of sinks (subscribers included); fills at most MAX. Any thread. Names are valid until the sinks
 * change.
 */
size_t hawk_sinks_stats(struct hawk_sinks *sinks, struct hawk_sink_stats *stats, size_t max);
/*
 * Events that one sink lost since it was last named here, and its name: for the
 * pipeline's LOST event, until it returns 0. Without the losses of
 * subscribers (they are told themselves) and of LOST events (else a full queue
 * would make more of them).
 */
uint64_t hawk_sinks_take_lost(struct hawk_sinks *sinks, char name[static 64]);

/*
 * The journal's MESSAGE_ID for what NAME names (an event): its UUIDv5 in our
 * name space, 32 hexadecimal digits. The message catalog has texts for them.
 */
void hawk_sink_message_id(const char *name, char id[static 33]);

#endif
