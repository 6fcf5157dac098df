/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SIG_INTERNAL_H
#define HAWK_SIG_INTERNAL_H
/* What the files of the engine share. */
#include "src/base/buf.h"
#include "src/sig/seen.h"
#include "src/sig/state.h"

#define HAWK_SIG_ANCESTORS_MAX 32 /* of a process that are looked at for state of a tree */
#define HAWK_SIG_CHAINED_MAX 32   /* findings of one event that other signatures see */

/* A finding as an event for other signatures. */
struct hawk_sig_chained {
	struct hawk_event event;
	struct hawk_buf text;
	unsigned int depth;
};

struct hawk_sig_engine {
	const struct hawk_sig_set *set; /* NULL: none yet */
	struct hawk_sig_state state;
	struct hawk_sig_seen seen;
	struct hawk_format *format;
	struct hawk_buf json, message;
	struct hawk_cel_arena arena;
	struct hawk_sig_stats stats;
	uint64_t seed, now;
	struct hawk_sig_chained queue[HAWK_SIG_CHAINED_MAX];
	size_t n_queue;

	/* The event at hand. */
	const struct hawk_event *event;
	const struct hawk_model *model;
	const struct hawk_sig_run *run;
	hawk_sig_tell tell;
	void *ctx;
	unsigned int depth;
	bool formatted;          /* JSON is that of EVENT */
	struct hawk_sig_trace trace; /* of EVENT; desc NULL: not in the ring yet */
};

/* What an expression of the signature at work is evaluated with; the arena is empty then. */
struct hawk_cel_input hawk_sig_input(struct hawk_sig_engine *e, const struct hawk_sig_captures *captures);

/*
 * The keys of state that EVENT belongs to: one, or of a tree one per process of its line, the nearest first.
 * Returns how many; 0: something that it depends on is not known.
 */
size_t hawk_sig_keys(struct hawk_sig_engine *e, const struct hawk_sig_run *run,
		     uint64_t ret[static HAWK_SIG_ANCESTORS_MAX + 1]);
/* The key of those that are suppressed with EVENT. */
uint64_t hawk_sig_suppress_key(struct hawk_sig_engine *e, const struct hawk_sig_run *run,
			       const struct hawk_sig_captures *captures);

/* Has RUN look at the event at hand, of which the N matches at HITS are its. */
void hawk_sig_step(struct hawk_sig_engine *e, struct hawk_sig_run *run, const uint32_t *hits, size_t n);
/* Makes JSON that of the event at hand. */
void hawk_sig_format(struct hawk_sig_engine *e);
/* Remembers the event at hand in I, and none from before SINCE. */
void hawk_sig_note(struct hawk_sig_engine *e, struct hawk_sig_instance *i, uint8_t step, uint64_t since);

/* Tells a finding, unless it is suppressed. I: how it came to it; NULL: the event at hand alone. */
void hawk_sig_found(struct hawk_sig_engine *e, struct hawk_sig_run *run, const struct hawk_sig_instance *i,
		    const struct hawk_sig_captures *captures, uint64_t time);
/* Adds what was found to the queue. */
void hawk_sig_chain(struct hawk_sig_engine *e, const struct hawk_sig_found *found);

#endif
