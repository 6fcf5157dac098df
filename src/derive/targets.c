/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/derive/targets.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_MAX 2048
#define NONE UINT32_MAX

struct entry {
	struct hawk_target t;
	uint32_t newer, older; /* in order of use */
	uint32_t next;         /* of the same process's bucket */
};

struct hawk_targets {
	struct hawk_targets_stats stats;
	uint32_t max, used, mask, newest, oldest;
	uint32_t *bucket;
	struct entry *entry;
};

int hawk_targets_new(struct hawk_targets **ret, size_t max)
{
	struct hawk_targets *t = calloc(1, sizeof(*t));
	uint32_t buckets = 16;

	if (!t)
		return -ENOMEM;
	t->max = max ? (uint32_t)max : DEFAULT_MAX;
	while (buckets < t->max)
		buckets *= 2;
	t->mask = buckets - 1;
	t->newest = t->oldest = NONE;
	t->bucket = malloc(buckets * sizeof(*t->bucket));
	t->entry = calloc(t->max, sizeof(*t->entry));
	if (!t->bucket || !t->entry) {
		hawk_targets_free(t);
		return -ENOMEM;
	}
	memset(t->bucket, 0xff, buckets * sizeof(*t->bucket));
	t->stats.max_entries = t->max;
	*ret = t;
	return 0;
}

struct hawk_targets *hawk_targets_free(struct hawk_targets *t)
{
	if (t) {
		free(t->bucket);
		free(t->entry);
	}
	free(t);
	return NULL;
}

static uint32_t *bucket_of(const struct hawk_targets *t, uint32_t pid)
{
	return &t->bucket[(pid * 2654435761U >> 8) & t->mask];
}

static void unlink_use(struct hawk_targets *t, uint32_t i)
{
	struct entry *e = &t->entry[i];

	*(e->newer == NONE ? &t->newest : &t->entry[e->newer].older) = e->older;
	*(e->older == NONE ? &t->oldest : &t->entry[e->older].newer) = e->newer;
}

static void link_newest(struct hawk_targets *t, uint32_t i)
{
	struct entry *e = &t->entry[i];

	e->newer = NONE;
	e->older = t->newest;
	*(t->newest == NONE ? &t->oldest : &t->entry[t->newest].newer) = i;
	t->newest = i;
}

static void drop(struct hawk_targets *t, uint32_t i)
{
	uint32_t *at = bucket_of(t, t->entry[i].t.pid);

	unlink_use(t, i);
	while (*at != i)
		at = &t->entry[*at].next;
	*at = t->entry[i].next;
	t->stats.entries--;
}

static bool same_process(const struct hawk_target *a, const struct hawk_target *b)
{
	return a->pid == b->pid && a->start == b->start;
}

static bool same_target(const struct hawk_target *a, const struct hawk_target *b)
{
	return a->kind == b->kind && a->port == b->port && a->len == b->len && memcmp(a->name, b->name, a->len) == 0;
}

/*
 * The entry of this target; else NONE, and the one of the process that was used longest ago
 * when it has too many.
 */
static uint32_t find(const struct hawk_targets *t, const struct hawk_target *target, uint32_t *ret_oldest)
{
	uint32_t oldest = NONE;
	size_t n = 0;

	for (uint32_t i = *bucket_of(t, target->pid); i != NONE; i = t->entry[i].next) {
		const struct hawk_target *other = &t->entry[i].t;

		if (!same_process(other, target))
			continue;
		if (same_target(other, target))
			return i;
		n++;
		if (oldest == NONE || other->last < t->entry[oldest].t.last)
			oldest = i;
	}
	*ret_oldest = n >= HAWK_TARGETS_PER_PROCESS ? oldest : NONE;
	return NONE;
}

/* A place for a new target; VICTIM goes when it is one. */
static uint32_t take(struct hawk_targets *t, uint32_t victim)
{
	if (victim == NONE && t->used < t->max)
		return t->used++;
	if (victim == NONE)
		victim = t->oldest;
	t->stats.evicted++;
	drop(t, victim);
	return victim;
}

void hawk_targets_add(struct hawk_targets *t, const struct hawk_target *target)
{
	uint32_t oldest, i = find(t, target, &oldest), *bucket;
	struct hawk_target *to;

	if (i == NONE) {
		i = take(t, oldest);
		to = &t->entry[i].t;
		*to = *target;
		to->name[to->len] = '\0';
		to->first = target->last;
		to->count = 0;
		bucket = bucket_of(t, target->pid);
		t->entry[i].next = *bucket;
		*bucket = i;
		t->stats.entries++;
	} else {
		unlink_use(t, i);
	}
	link_newest(t, i);
	to = &t->entry[i].t;
	memcpy(to->ip, target->ip, sizeof(to->ip));
	to->last = target->last;
	to->count++;
}

void hawk_targets_each(const struct hawk_targets *t, uint32_t pid, uint64_t start,
		       void (*fn)(void *ctx, const struct hawk_target *target), void *ctx)
{
	for (uint32_t i = t->newest; i != NONE; i = t->entry[i].older) {
		const struct hawk_target *target = &t->entry[i].t;

		if (!pid || (target->pid == pid && target->start == start))
			fn(ctx, target);
	}
}

const char *hawk_target_kind_name(enum hawk_target_kind kind)
{
	return kind == HAWK_TARGET_HTTP ? "http" : "tls";
}

struct hawk_targets_stats hawk_targets_stats(const struct hawk_targets *t)
{
	return t->stats;
}
