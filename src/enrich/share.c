/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/enrich/share.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct block {
	uint32_t refs;
	uint32_t size;
	uint8_t data[];
};

static struct block *block_of(const struct hawk_bytes *b)
{
	return (struct block *)(b->data - offsetof(struct block, data));
}

static size_t cost(const struct block *k)
{
	return sizeof(*k) + k->size;
}

void hawk_share_drop(struct hawk_bytes *b, size_t *charge)
{
	if (b->data) {
		struct block *k = block_of(b);

		if (!--k->refs) {
			*charge -= cost(k);
			free(k);
		}
	}
	*b = (struct hawk_bytes){ .data = NULL };
}

void hawk_share_copy(struct hawk_bytes *to, const struct hawk_bytes *from, size_t *charge)
{
	struct hawk_bytes held = *from;

	if (held.data)
		block_of(&held)->refs++;
	hawk_share_drop(to, charge);
	*to = held;
}

int hawk_share_set(struct hawk_bytes *b, const struct hawk_value *v, size_t *charge)
{
	uint32_t len = v->flags & HAWK_VAL_ABSENT ? 0 : v->len;
	struct hawk_bytes made = { .len = len, .full = v->full, .flags = v->flags };

	if (len && len == b->len && memcmp(b->data, v->bytes, len) == 0) {
		b->full = v->full;
		b->flags = v->flags;
		return 0;
	}
	if (len) {
		struct block *k = malloc(sizeof(*k) + len);

		if (!k)
			return -ENOMEM;
		k->refs = 1;
		k->size = len;
		memcpy(k->data, v->bytes, len);
		*charge += cost(k);
		made.data = k->data;
	}
	hawk_share_drop(b, charge);
	*b = made;
	return 0;
}
