/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events made of system calls: the rows of bpf/abi/made.def, carried out. */
#include "src/derive/made.h"

#include <assert.h>
#include <string.h>

#include "src/base/cleanup.h"

void hawk_made_init(struct hawk_made_table *t)
{
	size_t n;
	const struct hawk_made *rows = hawk_made_rows(&n);

	assert(n <= HAWK_MADE_ROWS_MAX);
	memset(t, 0, sizeof(*t));
	for (size_t i = n; i-- > 0;) {
		const struct hawk_event_desc *event = hawk_event_by_id(rows[i].event);
		const struct hawk_event_desc *call = hawk_event_by_id(rows[i].call);
		struct hawk_made_row *row = &t->row[i];

		*row = (struct hawk_made_row){ .made = &rows[i], .event = event, .next = t->first[rows[i].call],
					       .retval = (uint8_t)hawk_event_field(call, "retval") };
		t->first[rows[i].call] = (uint8_t)(i + 1);
		for (size_t k = 0; rows[i].items[k].how != HAWK_MADE_END; k++) {
			const struct hawk_made_item *item = &rows[i].items[k];
			int to = item->field ? hawk_event_field(event, item->field) : 0;
			int from = item->source ? hawk_event_field(call, item->source) : 0;

			assert(to >= 0 && from >= 0); /* tests/unit/derive/test_made.c */
			row->to[k] = (uint8_t)to;
			row->from[k] = (uint8_t)from;
		}
	}
}

static bool is_there(const struct hawk_value *v)
{
	return !(v->flags & (HAWK_VAL_ABSENT | HAWK_VAL_UNREADABLE | HAWK_VAL_NULL));
}

/* The number of SIZE bytes at AT of V; false when V does not reach so far. */
static bool number_in(const struct hawk_value *v, const struct hawk_made_item *item, struct hawk_value *ret)
{
	uint64_t number = 0;

	if (!is_there(v) || v->len < item->value + item->size)
		return false;
	memcpy(&number, v->bytes + item->value, item->size); /* little-endian, as event.c demands */
	*ret = (struct hawk_value){ .u = number };
	return true;
}

static bool text_in(const struct hawk_value *v, const struct hawk_made_item *item, struct hawk_value *ret)
{
	uint32_t len;

	if (!is_there(v) || v->len < item->value + item->size)
		return false;
	len = (uint32_t)strnlen((const char *)v->bytes + item->value, item->size);
	*ret = (struct hawk_value){ .bytes = v->bytes + item->value, .len = len, .full = len };
	return true;
}

/* Carries out ITEM on the source V and the field TO; false: the call is none of those that the row is about. */
static bool carry_out(const struct hawk_made_item *item, const struct hawk_value *v, struct hawk_value *to)
{
	switch (item->how) {
	case HAWK_MADE_TAKE:
		if (to->flags & HAWK_VAL_ABSENT && is_there(v))
			*to = *v;
		return true;
	case HAWK_MADE_BITS:
		*to = *v;
		to->u &= item->value;
		return true;
	case HAWK_MADE_NUMBER:
		number_in(v, item, to);
		return true;
	case HAWK_MADE_TEXT:
		text_in(v, item, to);
		return true;
	case HAWK_MADE_CONST:
		*to = (struct hawk_value){ .u = item->value };
		return true;
	case HAWK_MADE_ONLY_WITH:
		return v->u & item->value;
	case HAWK_MADE_ONLY_WITHOUT:
		return !(v->u & item->value);
	case HAWK_MADE_ONLY_IS:
		return v->u == item->value;
	case HAWK_MADE_END:
		break;
	}
	return true;
}

/* Old calls have ids of 16 bits, and the kernel takes their -1 for that of 32 bits: leave it (linux/highuid.h). */
static void widen_id(const struct hawk_field_desc *from, const struct hawk_field_desc *to, struct hawk_value *v)
{
	if (from->type == HAWK_T_U16 && to->type == HAWK_T_UID && v->u == UINT16_MAX)
		v->u = UINT32_MAX;
}

static bool make(const struct hawk_made_row *row, const struct hawk_event *call, struct hawk_event *out)
{
	const struct hawk_made_item *items = row->made->items;

	memcpy(out, call, offsetof(struct hawk_event, data));
	out->desc = row->event;
	out->others = 0;
	for (size_t i = 0; i < row->event->n_fields; i++)
		out->data[i] = (struct hawk_value){ .flags = HAWK_VAL_ABSENT };
	out->rec_flags &= (uint8_t)~HAWK_REC_MAKES;
	for (size_t i = 0; items[i].how != HAWK_MADE_END; i++) {
		if (!carry_out(&items[i], &call->data[row->from[i]], &out->data[row->to[i]]))
			return false;
		if (items[i].how == HAWK_MADE_TAKE)
			widen_id(&call->desc->fields[row->from[i]], &row->event->fields[row->to[i]], &out->data[row->to[i]]);
		if (items[i].how == HAWK_MADE_TAKE && call->others >> row->from[i] & 1) {
			out->other[row->to[i]] = call->other[row->from[i]];
			out->others |= 1U << row->to[i];
		}
	}
	return true;
}

void hawk_made_of(const struct hawk_made_table *t, const _Atomic uint64_t *wanted, const struct hawk_event *call,
		  struct hawk_event *out, void (*fn)(void *ctx, struct hawk_event *made), void *ctx)
{
	for (uint8_t i = t->first[call->desc->id]; i; i = t->row[i - 1].next) {
		const struct hawk_made_row *row = &t->row[i - 1];
		uint16_t id = row->made->event;

		if (!(atomic_load_explicit(&wanted[id / 64], memory_order_relaxed) >> id % 64 & 1) || (!row->made->asked && call->data[row->retval].s < 0))
			continue;
		if (make(row, call, out))
			fn(ctx, out);
	}
}
