/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies of values and events that outlive the records they came with. */
#include <stdlib.h>

#include "src/event/process.h"
#include "src/sig/state.h"

#define BYTES_MAX 1024 /* of a value of an event, and of a text of a process */
#define TEXT_MAX 4096  /* of a captured value, with what is in a list */

/* --- captured values --- */

/* The bytes that V needs; SIZE_MAX: it is not kept. */
static size_t size_of(const struct hawk_cel_value *v)
{
	size_t size = 0;

	switch (v->type) {
	case HAWK_CEL_STRING:
		size = v->len;
		break;
	case HAWK_CEL_IP:
		size = 16;
		break;
	case HAWK_CEL_LIST:
		size = v->len * sizeof(*v->items);
		if (v->len > TEXT_MAX / sizeof(*v->items))
			return SIZE_MAX;
		for (uint32_t i = 0; i < v->len; i++) {
			size_t one = v->items[i].type == HAWK_CEL_LIST ? SIZE_MAX : size_of(&v->items[i]);

			size = one > TEXT_MAX ? SIZE_MAX / 2 : size + one;
			if (size > TEXT_MAX)
				return SIZE_MAX;
		}
		break;
	case HAWK_CEL_PROCESS:
		return SIZE_MAX;
	default:
		break;
	}
	return size > TEXT_MAX ? SIZE_MAX : (size + 15) / 16 * 16;
}

static uint8_t *put(uint8_t *at, const void *p, size_t n)
{
	if (n)
		memcpy(at, p, n);
	return at + n;
}

static uint8_t *copy_value(struct hawk_cel_value *to, const struct hawk_cel_value *from, uint8_t *at)
{
	*to = *from;
	if (from->type == HAWK_CEL_STRING || from->type == HAWK_CEL_IP) {
		to->bytes = at;
		at = put(at, from->bytes, from->type == HAWK_CEL_IP ? 16 : from->len);
	} else if (from->type == HAWK_CEL_LIST) {
		struct hawk_cel_value *items = (struct hawk_cel_value *)(void *)at;

		to->items = items;
		at += from->len * sizeof(*items);
		for (uint32_t i = 0; i < from->len; i++)
			at = copy_value(&items[i], &from->items[i], at);
	}
	return at;
}

struct hawk_sig_captures *hawk_sig_captures_copy(const struct hawk_cel_value *values, size_t n)
{
	size_t head = (sizeof(struct hawk_sig_captures) + n * sizeof(*values) + 15) / 16 * 16, size = head;
	struct hawk_sig_captures *c;
	uint8_t *at;

	for (size_t i = 0; i < n; i++)
		size += size_of(&values[i]) == SIZE_MAX ? 0 : size_of(&values[i]);
	c = calloc(1, size);
	if (!c)
		return NULL;
	c->size = size;
	c->n = n;
	at = (uint8_t *)c + head;
	for (size_t i = 0; i < n; i++) {
		if (size_of(&values[i]) == SIZE_MAX)
			continue;
		copy_value(&c->values[i], &values[i], at);
		at += size_of(&values[i]);
	}
	return c;
}

/* --- events --- */

struct hawk_sig_kept {
	struct hawk_event event;
	struct hawk_process process, parent;
	uint8_t bytes[];
};

static size_t cut(size_t len)
{
	return len < BYTES_MAX ? len : BYTES_MAX;
}

static bool has_bytes(const struct hawk_event_desc *desc, size_t field, const struct hawk_value *v)
{
	enum hawk_vclass vclass = hawk_type_desc(desc->fields[field].type)->vclass;

	return (vclass == HAWK_V_BYTES || vclass == HAWK_V_STRV || vclass == HAWK_V_IP) && v->bytes &&
	       !(v->flags & HAWK_VAL_ABSENT);
}

/* The texts of a process; the cache of its JSON is not among them. */
static struct hawk_bytes *texts(struct hawk_process *p, size_t i)
{
	struct hawk_bytes *const all[] = {
		&p->exe, &p->argv, &p->cwd, &p->tty, &p->cgroup, &p->unit, &p->user_unit, &p->container_id, &p->nodename,
	};

	return i < sizeof(all) / sizeof(all[0]) ? all[i] : NULL;
}

static size_t size_of_texts(const struct hawk_process *p)
{
	size_t size = 0;
	struct hawk_process copy;
	struct hawk_bytes *b;

	if (!p)
		return 0;
	copy = *p;
	for (size_t i = 0; (b = texts(&copy, i)); i++)
		size += cut(b->len);
	return size;
}

static uint8_t *keep_process(struct hawk_process *to, const struct hawk_process *from, uint8_t *at)
{
	struct hawk_bytes *b;

	*to = *from;
	to->json = (struct hawk_bytes){ .data = NULL };
	to->json_valid = false;
	for (size_t i = 0; (b = texts(to, i)); i++) {
		size_t len = cut(b->len);
		uint8_t *end = put(at, b->data, len);

		if (len < b->len) {
			b->full = b->flags & HAWK_VAL_TRUNCATED ? b->full : b->len;
			b->flags |= HAWK_VAL_TRUNCATED;
			/* Also of a list the last string ends. */
			if (b == &to->argv)
				end[-1] = 0;
		}
		b->data = len ? at : NULL;
		b->len = (uint32_t)len;
		at = end;
	}
	return at;
}

static uint8_t *keep_value(struct hawk_value *v, bool list, uint8_t *at)
{
	size_t len = cut(v->len);
	uint8_t *end = put(at, v->bytes, len);

	if (len < v->len) {
		v->full = v->flags & HAWK_VAL_TRUNCATED ? v->full : v->len;
		v->flags |= HAWK_VAL_TRUNCATED;
		v->len = (uint32_t)len;
		if (list)
			end[-1] = 0;
	}
	v->bytes = at;
	return end;
}

struct hawk_sig_kept *hawk_sig_keep(const struct hawk_event *event, size_t *ret_bytes)
{
	size_t size = size_of_texts(event->process) + size_of_texts(event->parent);
	struct hawk_sig_kept *k;
	uint8_t *at;

	for (size_t i = 0; i < event->desc->n_fields; i++)
		if (has_bytes(event->desc, i, &event->data[i]))
			size += cut(event->data[i].len);
	size += sizeof(*k) + 1;
	k = malloc(size);
	if (!k)
		return NULL;
	*ret_bytes = size;
	k->event = *event;
	k->event.task = k->event.previous = NULL;
	k->event.ancestors = NULL;
	k->event.n_ancestors = 0;
	k->event.others = 0;
	k->event.policies.len = 0;
	k->process.json.data = k->parent.json.data = NULL;
	at = k->bytes;
	if (event->process) {
		at = keep_process(&k->process, event->process, at);
		k->event.process = &k->process;
	}
	if (event->parent) {
		at = keep_process(&k->parent, event->parent, at);
		k->event.parent = &k->parent;
	}
	for (size_t i = 0; i < event->desc->n_fields; i++)
		if (has_bytes(event->desc, i, &event->data[i]))
			at = keep_value(&k->event.data[i],
					hawk_type_desc(event->desc->fields[i].type)->vclass == HAWK_V_STRV, at);
	return k;
}

void hawk_sig_kept_free(struct hawk_sig_kept *k)
{
	if (!k)
		return;
	free(k->process.json.data);
	free(k->parent.json.data);
	free(k);
}

const struct hawk_event *hawk_sig_kept_event(const struct hawk_sig_kept *k)
{
	return &k->event;
}
