/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records as the rings of the kernel gave them, one behind the other; the oldest make room. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/finding/internal.h"

/* Before each record, 8 bytes so that records are aligned. SKIP: the rest up to the end of the memory is empty. */
struct prefix {
	uint32_t len, reserved;
};
#define SKIP UINT32_MAX

static size_t space_of(size_t len)
{
	return sizeof(struct prefix) + ((len + 7) & ~(size_t)7);
}

int hawk_context_ring_init(struct hawk_context_ring *r, size_t bytes)
{
	*r = (struct hawk_context_ring){ .size = bytes & ~(size_t)7 };
	r->data = aligned_alloc(8, r->size);
	return r->data ? 0 : -ENOMEM;
}

void hawk_context_ring_done(struct hawk_context_ring *r)
{
	free(r->data);
	r->data = NULL;
}

static struct prefix prefix_at(const struct hawk_context_ring *r, uint64_t at)
{
	struct prefix p;

	memcpy(&p, r->data + at % r->size, sizeof(p));
	return p;
}

static void drop_oldest(struct hawk_context_ring *r)
{
	struct prefix p = prefix_at(r, r->tail);
	uint64_t time;

	if (p.len == SKIP) {
		r->tail += r->size - r->tail % r->size;
		return;
	}
	memcpy(&time, r->data + r->tail % r->size + sizeof(p) + offsetof(struct hawk_abi_rec, time), sizeof(time));
	if (time > r->gone)
		r->gone = time;
	r->tail += space_of(p.len);
	r->n--;
}

static void make_room(struct hawk_context_ring *r, size_t n)
{
	while (r->size - (r->head - r->tail) < n)
		drop_oldest(r);
}

void hawk_context_ring_put(struct hawk_context_ring *r, const void *record, size_t len)
{
	struct prefix p = { .len = (uint32_t)len };
	size_t n = space_of(len), to_end = r->size - r->head % r->size;

	if (len < sizeof(struct hawk_abi_rec) || n > r->size / 4)
		return;
	if (n > to_end) {
		struct prefix skip = { .len = SKIP };

		make_room(r, to_end);
		memcpy(r->data + r->head % r->size, &skip, sizeof(skip));
		r->head += to_end;
	}
	make_room(r, n);
	memcpy(r->data + r->head % r->size, &p, sizeof(p));
	memcpy(r->data + r->head % r->size + sizeof(p), record, len);
	r->head += n;
	r->n++;
	if (!r->begun)
		memcpy(&r->begun, (const uint8_t *)record + offsetof(struct hawk_abi_rec, time), sizeof(r->begun));
}

const struct hawk_abi_rec *hawk_context_ring_next(const struct hawk_context_ring *r, uint64_t *at, size_t *ret_len)
{
	struct prefix p;
	const uint8_t *rec;

	if (*at >= r->head)
		return NULL;
	p = prefix_at(r, *at);
	if (p.len == SKIP) {
		*at += r->size - *at % r->size;
		if (*at >= r->head)
			return NULL;
		p = prefix_at(r, *at);
	}
	rec = r->data + *at % r->size + sizeof(p);
	*at += space_of(p.len);
	*ret_len = p.len;
	return (const struct hawk_abi_rec *)(const void *)rec;
}
