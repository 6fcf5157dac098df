/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/sig/seen.h"

#include <errno.h>
#include <stdlib.h>

int hawk_sig_seen_init(struct hawk_sig_seen *s, size_t size)
{
	*s = (struct hawk_sig_seen){ .size = size, .n_slots = 16 };
	while (s->n_slots < size * 2)
		s->n_slots *= 2;
	/* Memory is taken from the kernel as it is used. */
	s->hashes = calloc(size, sizeof(*s->hashes));
	s->slots = calloc(s->n_slots, sizeof(*s->slots));
	return s->hashes && s->slots ? 0 : -ENOMEM;
}

void hawk_sig_seen_done(struct hawk_sig_seen *s)
{
	free(s->hashes);
	free(s->slots);
}

void hawk_sig_seen_mark(struct hawk_sig_seen *s)
{
	s->mark = s->total;
}

static size_t find(const struct hawk_sig_seen *s, uint64_t hash)
{
	size_t at = hash & (s->n_slots - 1);

	while (s->slots[at] && s->hashes[s->slots[at] - 1] != hash)
		at = (at + 1) & (s->n_slots - 1);
	return at;
}

/* Frees a slot and moves up those behind it that would not be found any more. */
static void forget(struct hawk_sig_seen *s, size_t at)
{
	const size_t mask = s->n_slots - 1;
	size_t next = at;

	for (;;) {
		size_t home;

		next = (next + 1) & mask;
		if (!s->slots[next])
			break;
		home = s->hashes[s->slots[next] - 1] & mask;
		if (((next - home) & mask) >= ((next - at) & mask)) {
			s->slots[at] = s->slots[next];
			at = next;
		}
	}
	s->slots[at] = 0;
}

bool hawk_sig_seen_new(struct hawk_sig_seen *s, uint64_t hash)
{
	size_t at = find(s, hash), place = s->total % s->size;

	if (s->slots[at]) {
		uint64_t last = s->total - 1, back = (last - (s->slots[at] - 1)) % s->size;

		return last - back >= s->mark;
	}
	if (s->total >= s->size)
		forget(s, find(s, s->hashes[place]));
	s->hashes[place] = hash;
	s->slots[find(s, hash)] = (uint32_t)place + 1;
	s->total++;
	return true;
}
