/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SIG_STATE_H
#define HAWK_SIG_STATE_H
/*
 * What signatures remember: how far somebody has come in one (an instance), what
 * was told, and the events behind it. Bounded in all: above its budget the
 * signature that holds most gives up what it used longest ago. Private to this room.
 */
#include "src/sig/set.h"

/* Values that count as so many, or that differ, with their times; the oldest first. */
struct hawk_sig_count {
	uint32_t n, cap;
	struct hawk_sig_counted {
		uint64_t time, hash;
	} *v;
};

/* Where an event is in the ring of evidence. */
struct hawk_sig_trace {
	const struct hawk_event_desc *desc;
	uint64_t time, start, at; /* AT: since the ring was made */
	uint32_t tgid, len;       /* LEN 0: its text was not kept */
	uint8_t step;
};

/* Values that a step kept, in one piece of memory. */
struct hawk_sig_captures {
	size_t size, n;
	struct hawk_cel_value values[]; /* and, behind them, what they point to */
};

struct hawk_sig_kept;

enum hawk_sig_what {
	HAWK_SIG_PARTIAL, /* some steps were seen */
	HAWK_SIG_WAITING, /* all but what must not come: a finding when it expires */
	HAWK_SIG_TOLD,    /* a finding was told: those alike are counted */
	HAWK_SIG_ENDED,   /* on its way out */
};

struct hawk_sig_instance {
	struct hawk_sig_instance *chain;         /* in its bucket */
	struct hawk_sig_instance *newer, *older; /* of its signature, by use */
	struct hawk_sig_run *run;
	uint64_t key;      /* of its signature and of whom it belongs to */
	uint64_t serial;
	uint64_t start;    /* of the first step; TOLD: when */
	uint64_t expires;  /* UINT64_MAX: never */
	uint64_t due;      /* what the heap knows of that: not later */
	uint64_t captured; /* hash of the values kept */
	size_t heap, bytes;
	uint32_t suppressed;
	uint8_t what, step, depth, n_counts; /* DEPTH: of the findings that made it */
	uint32_t n_traces; /* all events that made it; as many as run->n_evidence are there */
	struct hawk_sig_captures *captures;
	struct hawk_sig_kept *kept;     /* WAITING: the event of the last step */
	struct hawk_sig_count *counts;  /* one, or of unordered steps one each */
	struct hawk_sig_trace traces[]; /* the first half of them, and the last ones */
};

struct hawk_sig_state {
	struct hawk_sig_instance **buckets, **heap;
	size_t n_buckets, n_heap, heap_size;
	struct hawk_sig_run *fat; /* that gave something up last */
	char *ring;
	size_t ring_size;
	uint64_t ring_head;
	size_t bytes, budget; /* without the ring */
	uint64_t instances, evicted, serial;
};

int hawk_sig_state_init(struct hawk_sig_state *s, size_t bytes);
void hawk_sig_state_done(struct hawk_sig_state *s);

/* A new instance; NULL: no memory. */
struct hawk_sig_instance *hawk_sig_state_add(struct hawk_sig_state *s, struct hawk_sig_run *run, uint64_t key,
					     enum hawk_sig_what what, uint8_t step);
void hawk_sig_state_drop(struct hawk_sig_state *s, struct hawk_sig_instance *i);
/* The first, or next behind AFTER, with this key. */
struct hawk_sig_instance *hawk_sig_state_find(const struct hawk_sig_state *s, uint64_t key,
					      const struct hawk_sig_instance *after);
/* Marks it as used. */
void hawk_sig_state_touch(struct hawk_sig_instance *i);
/* Says when it ends. */
void hawk_sig_state_expire(struct hawk_sig_state *s, struct hawk_sig_instance *i, uint64_t at);
/* One that ends at NOW or before; the earliest, of those the oldest. NULL: none. */
struct hawk_sig_instance *hawk_sig_state_expired(struct hawk_sig_state *s, uint64_t now);
/* Counts memory of an instance. */
void hawk_sig_state_grow(struct hawk_sig_state *s, struct hawk_sig_instance *i, size_t more);
/* Gives up what is above the budget. Between events. */
void hawk_sig_state_trim(struct hawk_sig_state *s, const struct hawk_sig_set *set);

/* Keeps LEN bytes; returns where. */
uint64_t hawk_sig_ring_put(struct hawk_sig_state *s, const char *p, size_t len);
/* What was kept at AT; NULL when others have its place. */
const char *hawk_sig_ring_get(const struct hawk_sig_state *s, uint64_t at);

/* Adds one counted event to C, forgets those before SINCE, and keeps at most MAX. Returns 0 or -ENOMEM. */
int hawk_sig_count_add(struct hawk_sig_state *s, struct hawk_sig_instance *i, struct hawk_sig_count *c, uint32_t max,
		       uint64_t since, bool distinct, struct hawk_sig_counted one);
/* Remembers an event, and none from before SINCE. */
void hawk_sig_trace_add(struct hawk_sig_instance *i, const struct hawk_sig_trace *trace, uint64_t since);
/* The K-th of the events that are remembered, in their order; NULL: there are no more. */
const struct hawk_sig_trace *hawk_sig_trace_get(const struct hawk_sig_instance *i, size_t k);

/* Copies of values; what is too long is unknown. Returns NULL without memory. */
struct hawk_sig_captures *hawk_sig_captures_copy(const struct hawk_cel_value *values, size_t n);

/* An event that outlives its record, with its process and parent. */
struct hawk_sig_kept *hawk_sig_keep(const struct hawk_event *event, size_t *ret_bytes);
void hawk_sig_kept_free(struct hawk_sig_kept *k);
const struct hawk_event *hawk_sig_kept_event(const struct hawk_sig_kept *k);

#endif
