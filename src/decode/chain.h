/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DECODE_CHAIN_H
#define HAWK_DECODE_CHAIN_H
/*
 * Long fields put together from continuation records. A link comes before the
 * record that it belongs to and has its time and tid, so links wait here until
 * that record comes. Bounded: HAWK_CHAINS fields wait at once, the oldest makes
 * room; buffers are kept for the next field.
 */
#include "src/decode/decode.h"

#define HAWK_CHAINS 16

/* What a link and its record have in common. */
struct hawk_chain_key {
	uint64_t time;
	uint32_t tid;
	uint16_t event;
	uint16_t var;
};

struct hawk_chain {
	struct hawk_chain_key key;
	enum { HAWK_CHAIN_FREE, HAWK_CHAIN_WAITING, HAWK_CHAIN_LENT } state;
	bool broken;      /* a link is missing or had no memory; later ones are ignored */
	uint64_t age;     /* number of the chain, for eviction */
	uint32_t first;   /* offset of the first link; the record's own bytes go before it */
	uint32_t end;     /* offset behind the last link */
	uint8_t *bytes;   /* of the field, from its offset 0 */
	uint32_t cap;
};

struct hawk_chains {
	struct hawk_chain chain[HAWK_CHAINS];
	unsigned int waiting, lent;
	uint64_t born;
	struct hawk_decoder_stats *stats; /* borrowed */
};

void hawk_chains_done(struct hawk_chains *c);
/* Takes a link: LEN bytes at BYTES, OFFSET + LEN at most HAWK_LONG_BYTES. */
void hawk_chains_add(struct hawk_chains *c, const struct hawk_chain_key *key, uint32_t offset,
		     const struct hawk_value *link);
/*
 * Joins V, the record's own part of a field, with the links that wait for it:
 * V then points to the whole, with room for one more byte, until
 * hawk_chains_reclaim(). Does nothing when there is no link.
 */
void hawk_chains_join(struct hawk_chains *c, const struct hawk_chain_key *key, struct hawk_value *v);
/* Takes back what was lent. */
void hawk_chains_reclaim(struct hawk_chains *c);

#endif
