/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SIG_ENGINE_H
#define HAWK_SIG_ENGINE_H
/*
 * Signatures at work: which of them an event concerns (found by event and by
 * the values of its fields, however many signatures there are), their state,
 * and what is found. Time is that of the events, so a replay finds the same.
 * One thread at a time. Nothing is allocated for an event that concerns none.
 */
#include "src/cel/model.h"
#include "src/sig/signature.h"

struct hawk_sig_engine;
struct hawk_sig_set;

struct hawk_sig_limits {
	size_t state_bytes;   /* of all state; default 24 MiB when 0 */
	size_t seen_entries;  /* of first_seen(), default 262144 when 0 */
};

/* One event of those that made a finding, kept until the finding is told. */
struct hawk_sig_evidence {
	const char *step;     /* its name; NULL: there is only one */
	const char *event;    /* canonical name */
	uint64_t time;        /* CLOCK_BOOTTIME ns */
	uint32_t tgid;
	uint64_t start;
	const char *json;     /* native JSON, one line, cut to HAWK_SIG_EVIDENCE_MAX and then only the head of it */
	size_t len;
};
#define HAWK_SIG_EVIDENCE_MAX 4096
#define HAWK_SIG_EVIDENCES_MAX 8 /* the first and the last ones */

/* What was found; valid during the call that tells it. */
struct hawk_sig_found {
	const struct hawk_sig *sig;
	const struct hawk_event *event; /* the one that completed it; of an absence that of the last step before */
	uint64_t time;                  /* CLOCK_BOOTTIME ns: of EVENT, or the end of the time for what is absent */
	uint32_t suppressed;            /* alike ones since the last that was told */
	const struct hawk_sig_evidence *evidence;
	size_t n_evidence;
	const char *message;            /* not escaped */
	size_t message_len;
	const struct hawk_cel_value *output; /* sig->n_output of them */
	unsigned int depth;             /* 0: of events alone; 1: of the findings of other signatures, … */
	/*
	 * HAWK_SIG_FOUND_ID bytes, empty: who is told may write what it calls the finding. The event "finding" that
	 * other signatures see, and so their evidence, has it.
	 */
	char *id;
};
#define HAWK_SIG_FOUND_ID 64
#define HAWK_SIG_DEPTH_MAX 5

typedef void (*hawk_sig_tell)(void *ctx, const struct hawk_sig_found *found);

int hawk_sig_engine_new(struct hawk_sig_engine **ret, const struct hawk_sig_limits *limits);
struct hawk_sig_engine *hawk_sig_engine_free(struct hawk_sig_engine *e);

/*
 * Compiles N signatures (borrowed until the set is gone) into a set: the index. May run on another thread than
 * the engine. Returns 0 or -ENOMEM.
 */
int hawk_sig_set_new(struct hawk_sig_set **ret, struct hawk_sig *const *signatures, size_t n);
struct hawk_sig_set *hawk_sig_set_free(struct hawk_sig_set *s);
/* The events that it wants, by row. */
const uint64_t *hawk_sig_set_events(const struct hawk_sig_set *s);
bool hawk_sig_set_wants(const struct hawk_sig_set *s, uint16_t event);
/*
 * The I-th predicate for events of DESC: one of them is true of each event that a signature can be about. *ret
 * NULL: all of them are wanted. False: there are no more.
 */
bool hawk_sig_set_guard(const struct hawk_sig_set *s, const struct hawk_event_desc *desc, size_t i,
			const struct hawk_ir **ret);

/*
 * Puts SET in force (borrowed). State of signatures with the same id and digest stays, that of others goes.
 * The set before may be freed when this returns.
 */
void hawk_sig_engine_use(struct hawk_sig_engine *e, const struct hawk_sig_set *set);

/* An event; what is found is told by TELL before this returns. EVENT is enriched. */
void hawk_sig_engine_event(struct hawk_sig_engine *e, const struct hawk_event *event,
			   const struct hawk_model *model, hawk_sig_tell tell, void *ctx);
/*
 * No event before TIME (CLOCK_BOOTTIME ns) is still to come: what should have come by then and did not is told, old
 * state goes. Events say so themselves; this is for when there are none.
 */
void hawk_sig_engine_advance(struct hawk_sig_engine *e, uint64_t time, const struct hawk_model *model,
			     hawk_sig_tell tell, void *ctx);

struct hawk_sig_stats {
	uint64_t events;      /* looked at */
	uint64_t evaluated;   /* signatures whose conditions were evaluated */
	uint64_t found, suppressed, excepted;
	uint64_t too_deep;    /* findings that other signatures did not see: too deep, too many or too long */
	uint64_t instances, bytes, evicted; /* of state */
	uint64_t exhausted;   /* evaluations that ran out of steps or room */
};
struct hawk_sig_stats hawk_sig_engine_stats(const struct hawk_sig_engine *e);
/* The same of one signature of the set in force. */
struct hawk_sig_counts {
	uint64_t evaluated, found, suppressed, excepted, instances;
	uint64_t last; /* CLOCK_BOOTTIME ns of the last finding; 0: none */
};
bool hawk_sig_engine_counts(const struct hawk_sig_engine *e, const char *id, struct hawk_sig_counts *ret);

#endif
