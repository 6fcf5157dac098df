/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SIG_SET_H
#define HAWK_SIG_SET_H
/*
 * The index over a set of signatures. Each match (an event and its guard) is
 * found by an anchor: a value of a field without which the guard is false. Guards
 * without one are in a list that is gone through for each event of their rows.
 * Equal guards are one group, equal conditions one atom, and neither is
 * evaluated twice for one event. Private to this room.
 */
#include "src/ir/node.h"
#include "src/sig/engine.h"

struct hawk_sig_instance;

/* A match of a signature; in the order of signatures, steps and matches. */
struct hawk_sig_matcher {
	const struct hawk_sig_match *match;
	uint32_t run;  /* index of its signature */
	uint32_t next; /* the next one of its group; UINT32_MAX: none */
	uint8_t step;
};

/* Matches with the same guard for the same events. */
struct hawk_sig_group {
	const struct hawk_ir *guard; /* NULL: true */
	uint32_t *atoms;             /* by node of GUARD */
	const uint64_t *events;
	bool names;                  /* its one match names the findings that it looks at */
	uint32_t first, last;        /* matchers */
};

/* A field whose values lead to groups. Data fields of one name and type are one in all events. */
struct hawk_sig_probe {
	struct hawk_field field;
	enum hawk_ir_how how;
	bool inside;        /* PART of the field's value is looked at */
	struct hawk_part part;
	bool exact;         /* some groups are found by the whole value, a number or an address */
	uint16_t prefixes, suffixes; /* bits: lengths of hawk_sig_lengths that are looked up */
	uint64_t *grams;    /* 65536 bits, hashes of four bytes that stand somewhere in the value; NULL: none */
};

struct hawk_sig_place {
	uint32_t probe;
	int16_t column; /* of data; -1: by the field */
};

struct hawk_sig_row {
	struct hawk_sig_place *probes;
	uint32_t *groups; /* without an anchor */
	const struct hawk_ir **guards;
	size_t n_probes, n_groups, n_guards;
	bool all;         /* one of the guards is always true */
};

/* A signature at work. */
struct hawk_sig_run {
	const struct hawk_sig *sig;
	struct hawk_sig_counts counts;
	uint64_t salt;      /* of its id and digest, by the engine's seed */
	bool plain;         /* without state: an event is a finding */
	bool tree;          /* a key is the process tree */
	uint8_t n_evidence; /* events that an instance remembers at most */
	size_t bytes;       /* of its state */
	struct hawk_sig_instance *newest, *oldest;
};

struct hawk_sig_target {
	uint32_t group, next; /* UINT32_MAX: none */
};

struct hawk_sig_slot {
	uint64_t hash; /* 0: free */
	uint32_t first; /* target */
};

/* What an event leaves behind for the rest of its evaluation. */
struct hawk_sig_scratch {
	uint32_t turn;    /* counts events */
	uint32_t *atoms;  /* turn * 2 + value */
	uint32_t *groups; /* turn in which it was looked at */
	uint32_t *hits;   /* matchers */
	size_t n_hits;
	struct hawk_cel_value *output; /* room for the longest */
};

struct hawk_sig_set {
	struct hawk_sig_run *runs; /* written by the engine */
	size_t n_runs;
	uint32_t *by_id;           /* runs in the order of their ids */
	struct hawk_sig_matcher *matchers;
	struct hawk_sig_group *groups;
	struct hawk_sig_probe *probes;
	struct hawk_ir *atoms;     /* views: a node of some guard each */
	size_t n_matchers, n_groups, n_probes, n_atoms;
	struct hawk_sig_row rows[HAWK_EVENT_ID_MAX];
	uint64_t events[HAWK_SIG_EVENT_WORDS];
	struct hawk_sig_slot *slots;
	struct hawk_sig_target *targets;
	size_t n_slots, n_targets; /* slots: a power of two */
	uint64_t seed;
	struct hawk_sig_scratch *scratch; /* one thread at a time uses a set */
};

/* Lengths of prefixes and suffixes that are looked up; longer ones by the longest of these. */
extern const uint8_t hawk_sig_lengths[16];

enum hawk_sig_kind { HAWK_SIG_EXACT, HAWK_SIG_PREFIX, HAWK_SIG_SUFFIX, HAWK_SIG_GRAM };

static inline uint64_t hawk_sig_gram(uint32_t gram)
{
	return (uint64_t)gram * 0x9e3779b1U >> 16 & 0xffff;
}

/* What leads to a group, as it is collected for one event row. */
struct hawk_sig_anchor {
	const struct hawk_ir_condition *condition;
	const struct hawk_ir_variant *variant;
};

#define HAWK_SIG_NO_ANCHOR 1000u
/*
 * How well GROUP can be found in events of row ROW: 0: never true there, needs nothing; HAWK_SIG_NO_ANCHOR: only
 * by trying; else the lower the better. Calls ADD, unless it is NULL, for each condition whose values lead to it.
 */
int hawk_sig_anchor(const struct hawk_ir *guard, size_t row,
		    int (*add)(void *ctx, const struct hawk_sig_anchor *anchor), void *ctx, unsigned int *ret_cost);
/* Whether a value of C can be looked up, and how: its kind and the bytes of it. */
bool hawk_sig_anchor_text(const struct hawk_ir_value *v, enum hawk_sig_kind *ret_kind, const char **ret, size_t *ret_len);
/* The longest of hawk_sig_lengths that is not above LEN; its index, -1: none. */
int hawk_sig_length(size_t len);
uint64_t hawk_sig_key(const struct hawk_sig_set *s, uint32_t probe, enum hawk_sig_kind kind, const void *p, size_t len);

/* Adds GROUP to the rows that it is for. Returns 0 or -ENOMEM. */
int hawk_sig_index_group(struct hawk_sig_set *s, uint32_t group);

/* Finds the matches whose guards are true for EVENT: scratch->hits, in order. Returns how many. */
size_t hawk_sig_set_find(const struct hawk_sig_set *s, const struct hawk_event *event, const struct hawk_ir_env *env);
/* The signature with this id, or NULL. */
struct hawk_sig_run *hawk_sig_set_run(const struct hawk_sig_set *s, const char *id);

#endif
