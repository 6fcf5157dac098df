/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SINK_INTERNAL_H
#define HAWK_SINK_INTERNAL_H
/*
 * The inside of this room. An outlet is what sinks and subscribers have in
 * common: which events, encoded how, queued where, counted. Its pipeline side
 * is called with the lock of struct hawk_sinks held; its other side is one
 * consumer (a sink's thread, or whoever calls hawk_subscriber_take()) and uses
 * only the ring and the counters.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "src/base/buf.h"
#include "src/sink/ring.h"
#include "src/sink/sink.h"

struct hawk_format;

/* argv of 128 KiB, every byte escaped to six, in the process part and in the data. */
#define HAWK_SINK_ENCODED_MAX ((size_t)2 * 1024 * 1024)
#define HAWK_SINK_WORDS (HAWK_EVENT_ID_MAX / 64) /* a set of events by id */

/* A counter with one writer and any readers. */
typedef _Atomic uint64_t hawk_count;
static inline void hawk_count_add(hawk_count *c, uint64_t n)
{
	uint64_t now = atomic_load_explicit(c, memory_order_relaxed);

	atomic_store_explicit(c, now + n, memory_order_relaxed);
}
static inline uint64_t hawk_count_get(const hawk_count *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

/* One format, shared by all outlets that want it: an event is encoded once. */
struct hawk_encoding {
	struct hawk_encoding *next;
	struct hawk_format *format;
	bool terminal, other;
	unsigned int users;
	uint64_t number; /* hawk_sinks.number of the event in BUF */
	int result;      /* of encoding that event */
	struct hawk_buf buf, head;
};

/* A token bucket in nanoseconds: an event costs COST of them, at most FULL are saved. */
struct hawk_limit {
	uint64_t cost, full, level, last; /* cost 0: no limit */
};

struct hawk_outlet {
	struct hawk_outlet *next;
	const char *type;
	char *name;
	struct hawk_sink *sink; /* NULL for a subscriber */
	void (*wake)(struct hawk_outlet *o); /* the queue has something again; never blocks */
	bool own_events;        /* ALLOWED is its own, not the enabled events */
	uint64_t allowed[HAWK_SINK_WORDS], selected[HAWK_SINK_WORDS]; /* by event id */
	struct hawk_ir **filters;
	size_t n_filters;
	bool other;             /* it gets paths in the other view */
	struct hawk_encoding *encoding; /* NULL: the type encodes */
	struct hawk_limit limit, finding_limit; /* a flood of others leaves findings alone */
	struct hawk_ring ring;
	hawk_count filtered, rate_limited, dropped; /* pipeline */
	hawk_count events, bytes, abandoned;        /* consumer */
	_Atomic uint64_t untold;                    /* lost, and nobody was told yet */
};

struct hawk_sinks {
	/*
	 * Held by the pipeline for a batch, by others (hawk_sinks_lock) only to look at or change
	 * what is below.
	 */
	pthread_mutex_t lock;
	bool batch;             /* the pipeline thread holds the lock for a batch; its own */
	pthread_mutex_t gate;   /* others pass it before the lock: the pipeline lets them in between two events */
	_Atomic unsigned int waiting;
	struct hawk_outlet *outlets;
	struct hawk_encoding *encodings;
	uint64_t enabled[HAWK_SINK_WORDS], unfiltered[HAWK_SINK_WORDS]; /* by event id */
	uint64_t number; /* of the event being offered */
	unsigned int subscribers; /* ever made, for their names */
	struct hawk_ir_env env;
	enum hawk_view view;      /* that events are in */
	struct hawk_other_view other; /* the event being offered, in the other view */
};

/* For all threads but the pipeline's. */
void hawk_sinks_lock(struct hawk_sinks *sinks);
void hawk_sinks_unlock(struct hawk_sinks *sinks);

struct hawk_sink {
	struct hawk_outlet outlet;
	const struct hawk_sink_ops *ops;
	struct hawk_sink_options options; /* deep copy */
	void *state;                      /* of the type, ops->state_size bytes */
	/* The pipeline's, for ops->encode. */
	struct hawk_buf encoded, scratch, scratch2;
	const struct hawk_buf *json;      /* for ops->encode with options.cee: the event as native JSON */
	/* The thread. */
	pthread_t thread;
	int event_fd;
	_Atomic bool go, stop, reopen;
	bool keep; /* across a change of the configuration */
	_Atomic int last_error;
	hawk_count errors, retries;
	bool is_open, open_failed, write_failed;
	uint64_t next_try, working_since, stop_at; /* CLOCK_MONOTONIC ms */
	unsigned int backoff;                      /* ms */
	uint64_t limited_told, limited_told_at, lost_before;
};

/*
 * options.c: the names of the types, what is wrong with OPTIONS (malloc'ed text in *ret_why, -EINVAL), deep
 * copies.
 */
const struct hawk_sink_ops *hawk_sink_type(const char *type);
int hawk_sink_options_check(const struct hawk_sink_options *options, char **ret_why);
int hawk_sink_options_copy(struct hawk_sink_options *ret, const struct hawk_sink_options *options);
void hawk_sink_options_done(struct hawk_sink_options *options);
bool hawk_sink_options_equal(const struct hawk_sink_options *a, const struct hawk_sink_options *b);

struct hawk_outlet_options {
	const char *type, *name;
	const char *const *filters;
	size_t n_filters, queue_bytes;
	const char *format; /* NULL: none */
	bool terminal, reader;
	enum hawk_view view;
	const uint64_t *events; /* by row; NULL: the enabled ones */
	unsigned int rate_per_second, rate_burst;
};
/*
 * outlet.c. Makes an outlet that is not offered anything yet. Returns 0, -EINVAL with *ret_why set, or
 * -errno.
 */
int hawk_outlet_init(struct hawk_outlet *o, struct hawk_sinks *sinks,
		     const struct hawk_outlet_options *options, char **ret_why);
/* Frees what it holds; it is not attached any more. */
void hawk_outlet_done(struct hawk_outlet *o, struct hawk_sinks *sinks);
/*
 * Puts it into the list that events are offered to, or takes it out and hands its queue to the consumer.
 * Locked by the caller.
 */
void hawk_outlet_attach(struct hawk_outlet *o, struct hawk_sinks *sinks);
void hawk_outlet_detach(struct hawk_outlet *o, struct hawk_sinks *sinks);
/* Pipeline side, locked by the caller. */
void hawk_outlet_offer(struct hawk_outlet *o, struct hawk_sinks *sinks, const struct hawk_event *event);
/* Sets IDS (by event id) from ROWS (by row of hawk_event_descs()); NULL: every public event. */
void hawk_outlet_events(uint64_t ids[static HAWK_SINK_WORDS], const uint64_t *rows);

/* worker.c: the thread of a sink. It is made first and does nothing until it is told to go. */
int hawk_worker_start(struct hawk_sink *s);
void hawk_worker_go(struct hawk_sink *s);
/* Asks it to write what is queued, for at most two seconds, and to end. */
void hawk_worker_stop(struct hawk_sink *s);
/* Waits for the end. False when it hangs in the kernel: the sink must then never be freed. */
bool hawk_worker_join(struct hawk_sink *s);
void hawk_worker_wake(struct hawk_outlet *o);

/* For ops->write: the length of the I-th event of DATA, and the part of LEN bytes that is whole events. */
size_t hawk_sink_event_len(const struct hawk_sink *s, size_t i);
size_t hawk_sink_whole(const struct hawk_sink *s, size_t len, size_t n);
/*
 * The write of types that send one event at a time: calls SEND (0 or -errno,
 * -EAGAIN when its time is up) for each of the N events of DATA, until one fails.
 */
long hawk_sink_send_each(struct hawk_sink *s, const char *data, size_t n,
			 int (*send)(struct hawk_sink *s, const char *event, size_t len));
/* For slow targets: waits until FD takes more, at most a fifth of a second. 1, 0 (not yet) or -errno. */
int hawk_sink_wait_writable(int fd);

/*
 * connect.c: a connected Unix socket of TYPE whose writes wait at most a fifth of a second. The fd or -errno.
 */
int hawk_sink_connect(const char *path, int type);
/* What is wrong with PATH as the address of one, or NULL. */
const char *hawk_sink_socket_check(const char *path);

#endif
