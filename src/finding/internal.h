/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FINDING_INTERNAL_H
#define HAWK_FINDING_INTERNAL_H
/* Private to this room. */
#include <pthread.h>

#include "src/decode/decode.h"
#include "src/finding/finding.h"
#include "src/format/format.h"

#define HAWK_FINDING_TEXT_MAX 1024     /* bytes of a message, of a value that is told */
#define HAWK_FINDING_EVIDENCE_TEXT 768 /* bytes of the data of an event among the evidence, in the event */
#define HAWK_FINDING_STORY_MAX ((size_t)512 * 1024)
#define HAWK_FINDING_ANCESTORS 24      /* in a story */
#define HAWK_FINDING_PATH_MAX 16       /* findings before it, in a story */
#define HAWK_CONTEXT_RECORDS 512       /* looked at for one finding, the last ones */
#define HAWK_CONTEXT_TEXT ((size_t)64 * 1024)  /* bytes of all events before a finding, the last ones */
#define HAWK_CONTEXT_EVENT_TEXT 4096   /* bytes of the data of one */
/* How often the time before a finding is looked at: a look takes up to two milliseconds. */
#define HAWK_CONTEXT_PER_SECOND 20
#define HAWK_CONTEXT_BURST 60
#define HAWK_FINDING_EVENT_WORDS (HAWK_EVENT_ID_MAX / 64)

/* --- event.c --- */

/* What the event of a finding borrows. */
struct hawk_finding_told {
	char id[HAWK_FINDING_ID_MAX];
	struct hawk_buf message, output, evidence, tags;
	const struct hawk_process *ancestors[HAWK_ANCESTORS_MAX];
};

/* Makes the event of FOUND in *RET, which borrows of T. */
void hawk_finding_tell(struct hawk_finding_told *t, struct hawk_buf *scratch, const struct hawk_sig_found *found,
		       const struct hawk_model *model, struct hawk_event *ret);
/*
 * The member NAME of the object JSON, as text. JSON is our own and may end anywhere; *ret_len then is what there
 * is. Returns false when it is not there.
 */
bool hawk_finding_member(const char *json, size_t len, const char *name, const char **ret, size_t *ret_len);

/* --- ring.c: the records of the last seconds --- */

struct hawk_context_ring {
	uint8_t *data;
	size_t size;         /* a multiple of 8 */
	uint64_t head, tail; /* bytes ever put and taken; modulo SIZE they are places */
	uint64_t n;          /* records in it */
	uint64_t gone;       /* time of the latest record that went for want of room, CLOCK_BOOTTIME ns; 0: none */
	uint64_t begun;      /* time of the first record of all */
};

int hawk_context_ring_init(struct hawk_context_ring *r, size_t bytes);
void hawk_context_ring_done(struct hawk_context_ring *r);
void hawk_context_ring_put(struct hawk_context_ring *r, const void *record, size_t len);
/* The record at *AT, which begins as r->tail; NULL behind the last. Moves on. */
const struct hawk_abi_rec *hawk_context_ring_next(const struct hawk_context_ring *r, uint64_t *at, size_t *ret_len);

/* --- tree.c: which processes belong to the story of one --- */

struct hawk_story_tree {
	const struct hawk_process *chain[HAWK_FINDING_ANCESTORS]; /* the process, its parent, … */
	size_t n;
	size_t root;         /* index of the first process of its unit or session; all below it belong to the story */
	uint32_t pid;
	uint64_t start;      /* of the process, when CHAIN is empty all that is known */
};

void hawk_story_tree(struct hawk_story_tree *t, const struct hawk_event *event, const struct hawk_model *model);
/* Whether the process (PID, START) belongs to it. */
bool hawk_story_has(const struct hawk_story_tree *t, const struct hawk_model *model, uint32_t pid, uint64_t start);

/* --- context.c: what they did before --- */

/* Which events were collected, by row, and since when (CLOCK_BOOTTIME ns). */
struct hawk_context_events {
	uint64_t collected[HAWK_FINDING_EVENT_WORDS], whole[HAWK_FINDING_EVENT_WORDS], since;
};

struct hawk_context_member {
	uint32_t pid, look; /* of which look it is */
	uint64_t start;
	bool in;
};

struct hawk_context {
	struct hawk_context_ring ring;
	struct hawk_decoder *decoder;
	struct hawk_format *json;
	struct hawk_buf event, events;
	uint64_t ns, level, last; /* how far back; the limiter: ns of credit */
	uint32_t look;
	struct hawk_context_member members[1024];
	uint64_t at[HAWK_CONTEXT_RECORDS];      /* records of the tree */
	size_t begin[HAWK_CONTEXT_RECORDS + 1]; /* where each event begins in EVENTS */
	pthread_mutex_t lock; /* of the next line */
	struct hawk_context_events events_seen;
	uint64_t skipped;
};

int hawk_context_init(struct hawk_context *c, const struct hawk_findings_limits *limits);
void hawk_context_done(struct hawk_context *c);
/*
 * Appends the members "context" (what the processes of TREE did before TIME) and "coverage" (what of that could be
 * seen), each with a comma before it. The latter is not closed: its last members are the names of the events, which
 * are long and mostly the same, so they are put when somebody asks. BOOT_OFFSET: wall-clock time minus boot time, ns.
 */
void hawk_context_put(struct hawk_context *c, const struct hawk_story_tree *tree, const struct hawk_model *model,
		      uint64_t time, int64_t boot_offset, struct hawk_buf *out);

void hawk_context_put_events(const struct hawk_context_events *e, struct hawk_buf *out);
/* Those of now. */
void hawk_context_events(struct hawk_context *c, struct hawk_context_events *ret);

/* --- story.c, finding.c --- */

/* A finding that is kept. */
struct hawk_finding_kept {
	struct hawk_finding_kept *next; /* newer */
	char id[HAWK_FINDING_ID_MAX];
	uint64_t time;
	enum hawk_severity severity;
	uint32_t pid, root_pid;
	uint64_t start, root_start;
	size_t len, head; /* of the text; of the members that a list has, the comma behind them left out */
	struct hawk_context_events events; /* that were collected */
	char text[];      /* a JSON object, up to the names of these events, which are the end of its last member */
};

struct hawk_findings {
	struct hawk_findings_limits limits;
	char prefix[HAWK_FINDING_PREFIX_MAX + 1];
	struct hawk_finding_told told[HAWK_SIG_DEPTH_MAX + 1];
	struct hawk_buf scratch, story;
	struct hawk_context context;
	struct hawk_finding_kept *oldest, *newest;
	struct hawk_findings_stats stats;
};

/* Writes the story of FOUND, of which EVENT was made, to f->story. Returns where its head ends. */
size_t hawk_story_put(struct hawk_findings *f, const struct hawk_sig_found *found, const struct hawk_event *event,
		      const struct hawk_story_tree *tree, const struct hawk_model *model);

#endif
