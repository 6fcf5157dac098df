/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading: seeds, the two rings, and their merge by time. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/collect/internal.h"

/* What stands next in one of the sources. */
struct head {
	const void *record;
	size_t len;
	uint64_t time;
};

static uint64_t record_time(const void *record, size_t len)
{
	uint64_t time = 0;

	if (len >= sizeof(time))
		memcpy(&time, record, sizeof(time)); /* the first member of struct hawk_abi_rec */
	return time;
}

static bool peek_seed(struct hawk_seeds *s, struct head *h)
{
	uint64_t size;

	if (s->at >= s->len)
		return false;
	memcpy(&size, s->data + s->at, sizeof(size));
	h->record = s->data + s->at + sizeof(size);
	h->len = size;
	h->time = record_time(h->record, h->len);
	return true;
}

static void next_seed(struct hawk_collect *c, size_t len)
{
	struct hawk_seeds *s = &c->seeds;

	s->at += sizeof(uint64_t) + ((len + 7) & ~(size_t)7);
	if (s->at < s->len)
		return;
	c->seeded = s->whole ? s->begun : c->seeded;
	free(s->data);
	*s = (struct hawk_seeds){ .data = NULL };
}

/* Those that the control thread read meanwhile, once the ones before are used up. */
static void take_seeds(struct hawk_collect *c)
{
	pthread_mutex_lock(&c->lock);
	if (!c->seeds.data) {
		c->seeds = c->fresh;
		c->fresh = (struct hawk_seeds){ .data = NULL };
	}
	pthread_mutex_unlock(&c->lock);
}

static enum hawk_kring_peek peek_ring(struct hawk_kring *r, unsigned long limit, struct head *h)
{
	enum hawk_kring_peek p = hawk_kring_peek(r, limit, &h->record, &h->len);

	if (p == HAWK_KRING_READY)
		h->time = record_time(h->record, h->len);
	return p;
}

/*
 * How far each ring may be read in one go. A bulk record may depend on a life
 * record that was there before it, and the other way round; looking at life,
 * bulk and life again makes both visible: up to LIFE every bulk record that
 * came before is below BULK, and up to BULK every life record that came before
 * is below LIFE_LATE.
 */
struct limits {
	unsigned long life, bulk, life_late;
};

static struct limits take_limits(const struct hawk_collect *c)
{
	struct limits l;

	l.life = hawk_kring_limit(&c->life);
	l.bulk = hawk_kring_limit(&c->bulk);
	l.life_late = hawk_kring_limit(&c->life);
	return l;
}

/* Hands over the oldest record of all sources. Returns false when there is none, or an older one may still be missing. */
static bool read_one(struct hawk_collect *c, const struct limits *l,
		     void (*fn)(void *ctx, const void *record, size_t len), void *ctx)
{
	struct head seed, life, bulk;
	bool have_seed = peek_seed(&c->seeds, &seed);
	enum hawk_kring_peek p_life = peek_ring(&c->life, l->life_late, &life), p_bulk;

	if (p_life == HAWK_KRING_BUSY)
		return false;
	p_bulk = peek_ring(&c->bulk, l->bulk, &bulk);
	if (p_bulk == HAWK_KRING_BUSY)
		return false;
	if (have_seed && (p_life != HAWK_KRING_READY || seed.time <= life.time) &&
	    (p_bulk != HAWK_KRING_READY || seed.time <= bulk.time)) {
		fn(ctx, seed.record, seed.len);
		next_seed(c, seed.len);
	} else if (p_bulk == HAWK_KRING_READY && (p_life != HAWK_KRING_READY || bulk.time < life.time)) {
		fn(ctx, bulk.record, bulk.len);
		hawk_kring_next(&c->bulk, bulk.len);
	} else if (p_life == HAWK_KRING_READY && (p_bulk == HAWK_KRING_READY || c->life.at < l->life)) {
		fn(ctx, life.record, life.len);
		hawk_kring_next(&c->life, life.len);
	} else {
		return false;
	}
	return true;
}

long hawk_collect_read(struct hawk_collect *c, void (*fn)(void *ctx, const void *record, size_t len), void *ctx,
		       size_t max)
{
	struct limits l;
	long n = 0;

	take_seeds(c); /* before the limits: what is older than a seed is then below them */
	l = take_limits(c);
	while ((max == 0 || (size_t)n < max) && read_one(c, &l, fn, ctx)) {
		/* room for the kernel while a long batch is read */
		if ((++n & 255) == 0) {
			hawk_kring_release(&c->bulk);
			hawk_kring_release(&c->life);
		}
	}
	hawk_kring_release(&c->bulk);
	hawk_kring_release(&c->life);
	return n;
}

bool hawk_collect_has_seeds(struct hawk_collect *c)
{
	bool has;

	pthread_mutex_lock(&c->lock);
	has = c->seeds.data || c->fresh.data;
	pthread_mutex_unlock(&c->lock);
	return has;
}

uint64_t hawk_collect_seeded(const struct hawk_collect *c)
{
	return c->seeded;
}

bool hawk_collect_sleep(struct hawk_collect *c, bool sleeping)
{
	__atomic_store_n(&c->config->sleeping, sleeping, __ATOMIC_SEQ_CST);
	if (!sleeping)
		return true;
	if (hawk_kring_limit(&c->life) == c->life.at && hawk_kring_limit(&c->bulk) == c->bulk.at &&
	    !hawk_collect_has_seeds(c))
		return true;
	__atomic_store_n(&c->config->sleeping, 0, __ATOMIC_SEQ_CST);
	return false;
}
