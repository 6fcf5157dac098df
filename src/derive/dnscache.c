/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/derive/dnscache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_MAX 8192
#define NONE UINT32_MAX
#define NS_PER_S 1000000000ULL

struct entry {
	struct hawk_dns_name n;
	uint32_t newer, older; /* in order of use; NONE: the end */
	uint32_t next;         /* of the same bucket, newest first */
};

struct hawk_dnscache {
	struct hawk_dnscache_stats stats;
	uint32_t max, used;    /* entries below USED were used once */
	uint32_t mask;         /* of buckets */
	uint32_t newest, oldest;
	uint32_t free;         /* chain by next */
	uint32_t *bucket;
	struct entry *entry;
};

int hawk_dnscache_new(struct hawk_dnscache **ret, size_t max)
{
	struct hawk_dnscache *c = calloc(1, sizeof(*c));
	uint32_t buckets = 16;

	if (!c)
		return -ENOMEM;
	c->max = max ? (uint32_t)max : DEFAULT_MAX;
	while (buckets < c->max)
		buckets *= 2;
	c->mask = buckets - 1;
	c->newest = c->oldest = c->free = NONE;
	c->bucket = malloc(buckets * sizeof(*c->bucket));
	c->entry = calloc(c->max, sizeof(*c->entry));
	if (!c->bucket || !c->entry) {
		hawk_dnscache_free(c);
		return -ENOMEM;
	}
	memset(c->bucket, 0xff, buckets * sizeof(*c->bucket));
	c->stats.max_entries = c->max;
	*ret = c;
	return 0;
}

struct hawk_dnscache *hawk_dnscache_free(struct hawk_dnscache *c)
{
	if (c) {
		free(c->bucket);
		free(c->entry);
	}
	free(c);
	return NULL;
}

static uint32_t *bucket_of(const struct hawk_dnscache *c, const uint8_t ip[16])
{
	uint64_t a, b;

	memcpy(&a, ip, 8);
	memcpy(&b, ip + 8, 8);
	return &c->bucket[((a ^ b * 0x9e3779b97f4a7c15ULL) * 0xc2b2ae3d27d4eb4fULL >> 32) & c->mask];
}

static void unlink_use(struct hawk_dnscache *c, uint32_t i)
{
	struct entry *e = &c->entry[i];

	*(e->newer == NONE ? &c->newest : &c->entry[e->newer].older) = e->older;
	*(e->older == NONE ? &c->oldest : &c->entry[e->older].newer) = e->newer;
}

static void link_newest(struct hawk_dnscache *c, uint32_t i)
{
	struct entry *e = &c->entry[i];

	e->newer = NONE;
	e->older = c->newest;
	*(c->newest == NONE ? &c->oldest : &c->entry[c->newest].newer) = i;
	c->newest = i;
}

static void unlink_bucket(struct hawk_dnscache *c, uint32_t i)
{
	uint32_t *at = bucket_of(c, c->entry[i].n.ip);

	while (*at != i)
		at = &c->entry[*at].next;
	*at = c->entry[i].next;
}

static void drop(struct hawk_dnscache *c, uint32_t i)
{
	unlink_use(c, i);
	unlink_bucket(c, i);
	c->entry[i].next = c->free;
	c->free = i;
	c->stats.entries--;
}

/* An entry to fill: a free one, or the one used longest ago. */
static uint32_t take(struct hawk_dnscache *c, uint64_t now)
{
	uint32_t i = c->free;

	if (i != NONE) {
		c->free = c->entry[i].next;
		return i;
	}
	if (c->used < c->max)
		return c->used++;
	i = c->oldest;
	if (c->entry[i].n.expires > now)
		c->stats.evicted++;
	else
		c->stats.expired++;
	drop(c, i);
	c->free = c->entry[i].next;
	return i;
}

/*
 * Drops what has expired of one address. Returns the number of names that are left, and
 * where NAME is among them.
 */
static size_t tidy(struct hawk_dnscache *c, const struct hawk_dns_answer *a, uint32_t *ret_same)
{
	uint32_t next;
	size_t n = 0;

	*ret_same = NONE;
	for (uint32_t i = *bucket_of(c, a->ip); i != NONE; i = next) {
		struct hawk_dns_name *name = &c->entry[i].n;

		next = c->entry[i].next;
		if (memcmp(name->ip, a->ip, sizeof(name->ip)) != 0)
			continue;
		if (strcmp(name->name, a->name) == 0) {
			*ret_same = i;
		} else if (name->expires <= a->now) {
			c->stats.expired++;
			drop(c, i);
			continue;
		}
		n++;
	}
	return n;
}

static uint64_t expiry(const struct hawk_dns_answer *a)
{
	uint64_t ttl = a->ttl;

	if (ttl < HAWK_DNSCACHE_TTL_MIN)
		ttl = HAWK_DNSCACHE_TTL_MIN;
	if (ttl > HAWK_DNSCACHE_TTL_MAX)
		ttl = HAWK_DNSCACHE_TTL_MAX;
	return a->now + ttl * NS_PER_S;
}

void hawk_dnscache_add(struct hawk_dnscache *c, const struct hawk_dns_answer *a)
{
	size_t len = strlen(a->name), n;
	uint32_t i, *bucket;
	struct entry *e;

	if (len > HAWK_DNSCACHE_NAME_MAX) {
		c->stats.refused++;
		return;
	}
	n = tidy(c, a, &i);
	if (i == NONE && n >= HAWK_DNSCACHE_NAMES_MAX) {
		c->stats.refused++;
		return;
	}
	if (i == NONE) {
		i = take(c, a->now);
		e = &c->entry[i];
		memset(&e->n, 0, sizeof(e->n));
		memcpy(e->n.ip, a->ip, sizeof(e->n.ip));
		memcpy(e->n.name, a->name, len);
		e->n.len = (uint16_t)len;
		c->stats.entries++;
	} else {
		unlink_use(c, i);
		unlink_bucket(c, i);
	}
	e = &c->entry[i];
	link_newest(c, i);
	bucket = bucket_of(c, a->ip);
	e->next = *bucket;
	*bucket = i;
	e->n.expires = expiry(a);
	e->n.seen = a->now;
	e->n.pid = a->pid;
	e->n.answers++;
	c->stats.answers++;
}

size_t hawk_dnscache_names(struct hawk_dnscache *c, const uint8_t ip[16], uint64_t now, struct hawk_buf *out)
{
	size_t n = 0;

	for (uint32_t i = *bucket_of(c, ip); i != NONE; i = c->entry[i].next) {
		const struct hawk_dns_name *name = &c->entry[i].n;

		if (name->expires <= now || memcmp(name->ip, ip, sizeof(name->ip)) != 0)
			continue;
		hawk_buf_put(out, name->name, name->len + 1U);
		n++;
	}
	if (n)
		c->stats.hits++;
	else
		c->stats.misses++;
	return n;
}

void hawk_dnscache_each(const struct hawk_dnscache *c, const uint8_t *ip, uint64_t now,
			void (*fn)(void *ctx, const struct hawk_dns_name *name), void *ctx)
{
	for (uint32_t i = c->newest; i != NONE; i = c->entry[i].older) {
		const struct hawk_dns_name *name = &c->entry[i].n;

		if (name->expires > now && (!ip || memcmp(name->ip, ip, sizeof(name->ip)) == 0))
			fn(ctx, name);
	}
}

struct hawk_dnscache_stats hawk_dnscache_stats(const struct hawk_dnscache *c)
{
	return c->stats;
}
