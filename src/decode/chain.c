/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/decode/chain.h"

#include <errno.h>
#include <stdlib.h>

void hawk_chains_done(struct hawk_chains *c)
{
	for (size_t i = 0; i < HAWK_CHAINS; i++)
		free(c->chain[i].bytes);
}

static struct hawk_chain *find(struct hawk_chains *c, const struct hawk_chain_key *key)
{
	for (size_t i = 0; i < HAWK_CHAINS; i++) {
		const struct hawk_chain_key *k = &c->chain[i].key;

		if (c->chain[i].state == HAWK_CHAIN_WAITING && k->time == key->time && k->tid == key->tid &&
		    k->event == key->event && k->var == key->var)
			return &c->chain[i];
	}
	return NULL;
}

/* A chain to be used anew: a free one, else the one that waits longest. None is lent while links come in. */
static struct hawk_chain *take(struct hawk_chains *c)
{
	struct hawk_chain *oldest = &c->chain[0];

	for (size_t i = 0; i < HAWK_CHAINS; i++) {
		if (c->chain[i].state == HAWK_CHAIN_FREE) {
			c->waiting++;
			return &c->chain[i];
		}
		if (c->chain[i].age < oldest->age)
			oldest = &c->chain[i];
	}
	c->stats->chains_dropped++;
	return oldest;
}

/* Makes room for LEN bytes and the NUL that may be put behind them. */
static int grow(struct hawk_chain *chain, uint32_t len)
{
	uint32_t cap = chain->cap ? chain->cap : 4 * HAWK_CHUNK_BYTES;
	uint8_t *bytes;

	while (cap < len + 1)
		cap *= 2;
	if (cap > HAWK_LONG_BYTES + 1)
		cap = HAWK_LONG_BYTES + 1;
	if (cap == chain->cap)
		return 0;
	bytes = realloc(chain->bytes, cap);
	if (!bytes)
		return -ENOMEM;
	chain->bytes = bytes;
	chain->cap = cap;
	return 0;
}

void hawk_chains_add(struct hawk_chains *c, const struct hawk_chain_key *key, uint32_t offset,
		     const struct hawk_value *link)
{
	struct hawk_chain *chain = find(c, key);

	if (!chain) {
		chain = take(c);
		chain->key = *key;
		chain->state = HAWK_CHAIN_WAITING;
		chain->broken = false;
		chain->age = ++c->born;
		chain->first = chain->end = offset;
	}
	if (chain->broken)
		return;
	if (offset != chain->end || grow(chain, offset + link->len) < 0) {
		chain->broken = true;
		return;
	}
	memcpy(chain->bytes + offset, link->bytes, link->len);
	chain->end += link->len;
}

void hawk_chains_join(struct hawk_chains *c, const struct hawk_chain_key *key, struct hawk_value *v)
{
	struct hawk_chain *chain = c->waiting ? find(c, key) : NULL;

	if (!chain)
		return;
	c->waiting--;
	if (chain->first != v->len || chain->end == chain->first) {
		/* The first link is missing: what follows it has no place. */
		chain->state = HAWK_CHAIN_FREE;
		chain->broken = true;
	} else {
		chain->state = HAWK_CHAIN_LENT;
		c->lent++;
		memcpy(chain->bytes, v->bytes, v->len);
		v->bytes = chain->bytes;
		v->len = chain->end;
	}
	if (chain->broken) {
		v->flags |= HAWK_VAL_INCOMPLETE;
		c->stats->chains_incomplete++;
	} else {
		c->stats->chains_joined++;
	}
}

void hawk_chains_reclaim(struct hawk_chains *c)
{
	for (size_t i = 0; c->lent && i < HAWK_CHAINS; i++) {
		if (c->chain[i].state != HAWK_CHAIN_LENT)
			continue;
		c->chain[i].state = HAWK_CHAIN_FREE;
		c->lent--;
	}
}
