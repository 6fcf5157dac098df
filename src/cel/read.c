/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fields of events as values of expressions, and the memory of an evaluation. */
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "src/cel/run.h"

#define NO_VALUE (HAWK_VAL_ABSENT | HAWK_VAL_UNREADABLE | HAWK_VAL_NULL)
#define PARTS_MAX 64 /* of a list of parts */

void *hawk_cel_room(struct hawk_cel_run *run, size_t n)
{
	struct hawk_cel_arena *a = run->in->arena;
	uint8_t *p;

	n = (n + 15) & ~(size_t)15;
	if (!a || n > a->size - a->used) {
		run->exhausted = true;
		return NULL;
	}
	p = a->data + a->used;
	a->used += n;
	return p;
}

struct hawk_buf hawk_cel_open_text(struct hawk_cel_run *run)
{
	const struct hawk_cel_arena *a = run->in->arena;
	size_t left = a ? a->size - a->used : 0;

	/* full from the start where there is no room: it must never grow, that is allocate */
	if (!left)
		return (struct hawk_buf){ .error = -E2BIG };
	return (struct hawk_buf){ .data = (char *)a->data + a->used, .cap = left, .max = left };
}

void hawk_cel_take_text(struct hawk_cel_run *run, const struct hawk_buf *text, struct hawk_cel_value *ret)
{
	hawk_cel_set_unknown(ret);
	if (!text->error && hawk_cel_room(run, text->len))
		hawk_cel_set_text(ret, text->data, text->len);
	else
		run->exhausted = true;
}

/* Strings that end in NUL as a list. */
static void make_strings(struct hawk_cel_run *run, const struct hawk_value *v, struct hawk_cel_value *ret)
{
	const uint8_t *p = v->bytes;
	struct hawk_cel_value *items;
	size_t n = 0, left;

	for (left = v->len; left; n++) {
		size_t one = strnlen((const char *)p, left), step = one < left ? one + 1 : one;

		p += step;
		left -= step;
	}
	items = hawk_cel_room(run, n * sizeof(*items));
	if (!items)
		return;
	p = v->bytes;
	n = 0;
	for (left = v->len; left; n++) {
		size_t one = strnlen((const char *)p, left), step = one < left ? one + 1 : one;

		hawk_cel_set_text(&items[n], p, one);
		p += step;
		left -= step;
	}
	hawk_cel_set_list(ret, items, n);
}

static const uint8_t *make_ip4(struct hawk_cel_run *run, const uint8_t *four)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t *ip = hawk_cel_room(run, 16);

	if (ip) {
		memcpy(ip, mapped, sizeof(mapped));
		memcpy(ip + sizeof(mapped), four, 4);
	}
	return ip;
}

/* The address, or the path of a Unix socket with @ for the NUL of an abstract one; of others unknown. */
static void make_sockaddr(struct hawk_cel_run *run, const struct hawk_value *v, struct hawk_cel_value *ret)
{
	const size_t head = sizeof(sa_family_t);
	const uint8_t *ip = NULL, *path = v->bytes + head;
	sa_family_t family;
	size_t len;

	if (v->len < head)
		return;
	memcpy(&family, v->bytes, head);
	len = v->len - head;
	if (family == AF_INET && v->len >= offsetof(struct sockaddr_in, sin_zero))
		ip = make_ip4(run, v->bytes + offsetof(struct sockaddr_in, sin_addr));
	if (family == AF_INET6 && v->len >= offsetof(struct sockaddr_in6, sin6_scope_id))
		ip = v->bytes + offsetof(struct sockaddr_in6, sin6_addr);
	if (ip)
		*ret = (struct hawk_cel_value){ .type = HAWK_CEL_IP, .named = HAWK_T_MAX, .len = 16, .bytes = ip };
	if (family != AF_UNIX || !len || len > sizeof(((struct sockaddr_un *)0)->sun_path))
		return;
	if (path[0]) {
		hawk_cel_set_text(ret, path, strnlen((const char *)path, len));
	} else {
		uint8_t *copy = hawk_cel_room(run, len);

		if (!copy)
			return;
		memcpy(copy, path, len);
		copy[0] = '@';
		hawk_cel_set_text(ret, copy, len);
	}
}

/* Nothing of V may point to a store that the caller loses: COPY says so. */
static void make_value(struct hawk_cel_run *run, const struct hawk_cel_shape *s, const struct hawk_value *v, bool copy,
		       struct hawk_cel_value *ret)
{
	const struct hawk_event *e = run->in->event;
	uint64_t flags = 0;
	uint8_t *p;

	switch ((enum hawk_cel_kind)s->kind) {
	case HAWK_CEL_KIND_UINT:
	case HAWK_CEL_KIND_SINT:
		*ret = (struct hawk_cel_value){ .type = s->kind == HAWK_CEL_KIND_SINT ? HAWK_CEL_INT : HAWK_CEL_UINT,
						.named = s->type, .context = v->context, .u = v->u };
		return;
	case HAWK_CEL_KIND_BOOL:
		hawk_cel_set_bool(ret, v->u);
		return;
	case HAWK_CEL_KIND_TIME:
	case HAWK_CEL_KIND_WALLTIME:
		*ret = (struct hawk_cel_value){ .type = HAWK_CEL_TIME, .named = HAWK_T_MAX, .u = v->u };
		ret->wall = (int64_t)(e->walltime - e->time);
		if (s->kind == HAWK_CEL_KIND_WALLTIME)
			ret->u -= (uint64_t)ret->wall;
		return;
	case HAWK_CEL_KIND_DURATION:
		*ret = (struct hawk_cel_value){ .type = HAWK_CEL_DURATION, .named = HAWK_T_MAX, .u = v->u };
		return;
	case HAWK_CEL_KIND_OPEN_HOW:
		memcpy(&flags, v->bytes, v->len < sizeof(flags) ? v->len : sizeof(flags));
		*ret = (struct hawk_cel_value){ .type = HAWK_CEL_UINT, .named = HAWK_T_OPEN_FLAGS, .u = flags };
		return;
	case HAWK_CEL_KIND_STRINGS:
		make_strings(run, v, ret);
		return;
	case HAWK_CEL_KIND_SOCKADDR:
		make_sockaddr(run, v, ret);
		return;
	case HAWK_CEL_KIND_IP:
	case HAWK_CEL_KIND_STRING:
		break;
	}
	p = copy ? hawk_cel_room(run, v->len) : NULL;
	if (copy && !p)
		return;
	if (copy && v->len)
		memcpy(p, v->bytes, v->len);
	hawk_cel_set_text(ret, copy ? p : v->bytes, v->len);
	if (s->kind == HAWK_CEL_KIND_IP)
		ret->type = v->len == 16 ? HAWK_CEL_IP : HAWK_CEL_UNKNOWN;
}

/* The part of V that S reads, or a list of all of them. */
static void make_part(struct hawk_cel_run *run, const struct hawk_cel_shape *s, const struct hawk_value *v,
		      struct hawk_cel_value *ret)
{
	struct hawk_part_store store;
	struct hawk_cel_value *items;
	struct hawk_value one;
	size_t n = 0;

	if (hawk_part_get(&s->part, v, 0, &store, &one) < 0)
		return;
	if (!s->many) {
		make_value(run, s, &one, true, ret);
		return;
	}
	while (n < PARTS_MAX && hawk_part_get(&s->part, v, n, &store, &one) == 0)
		n++;
	items = hawk_cel_room(run, n * sizeof(*items));
	if (!items)
		return;
	for (size_t i = 0; i < n; i++) {
		hawk_cel_set_unknown(&items[i]);
		if (hawk_part_get(&s->part, v, i, &store, &one) == 0)
			make_value(run, s, &one, true, &items[i]);
	}
	hawk_cel_set_list(ret, items, n);
}

/* The field as the event has it and its shape there; NULL: it has none. */
static const struct hawk_cel_shape *read_raw(const struct hawk_cel_run *run, const struct hawk_cel_field *f,
					     struct hawk_value *space, const struct hawk_value **ret)
{
	const struct hawk_event *e = run->in->event;

	if (f->columns) {
		int column = f->columns[e->desc->id];

		if (column < 0)
			return NULL;
		*ret = &e->data[column];
		return e->data[column].flags & NO_VALUE ? NULL : &f->shapes[f->places[e->desc->id]];
	}
	*ret = space;
	return hawk_field_get(&f->field, e, space) < 0 || space->flags & NO_VALUE ? NULL : f->shapes;
}

bool hawk_cel_has(const struct hawk_cel_run *run, const struct hawk_cel_field *f)
{
	struct hawk_value space, one;
	const struct hawk_value *v;
	struct hawk_part_store store;
	const struct hawk_cel_shape *s = read_raw(run, f, &space, &v);

	return s && (!s->inside || hawk_part_get(&s->part, v, 0, &store, &one) == 0);
}

void hawk_cel_read(struct hawk_cel_run *run, const struct hawk_cel_field *f, struct hawk_cel_value *ret)
{
	struct hawk_value space;
	const struct hawk_value *v;
	const struct hawk_cel_shape *s = read_raw(run, f, &space, &v);

	hawk_cel_set_unknown(ret);
	if (s && s->inside)
		make_part(run, s, v, ret);
	else if (s)
		make_value(run, s, v, false, ret);
}

void hawk_cel_read_member(struct hawk_cel_run *run, const struct hawk_cel_field *f, const struct hawk_process *process,
			  struct hawk_cel_value *ret)
{
	struct hawk_value v;

	hawk_cel_set_unknown(ret);
	if (hawk_process_get((size_t)f->field.index, process, &v) == 0 && !(v.flags & NO_VALUE))
		make_value(run, f->shapes, &v, false, ret);
}
