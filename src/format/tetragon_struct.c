/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arguments of Tetragon that are made of several data fields. */
#include <string.h>

#include "src/base/cleanup.h"
#include "src/format/tetragon.h"

static const struct {
	const char *event, *member, *key, *field;
} parts[] = {
#define PART(event, member, key, field) { event, member, key, field },
#include "src/format/tetragon.def"
};

void hawk_tetragon_struct_find(struct hawk_tetragon_struct *st, const struct hawk_event_desc *desc,
			       bool used[static HAWK_EVENT_FIELDS_MAX])
{
	*st = (struct hawk_tetragon_struct){ .n = 0 };
	for (size_t i = 0; i < ARRAY_SIZE(parts) && st->n < ARRAY_SIZE(st->part); i++) {
		int field = strcmp(parts[i].event, desc->name) ? -1 : hawk_event_field(desc, parts[i].field);

		if (field < 0)
			continue;
		used[field] = true;
		st->member = parts[i].member;
		st->part[st->n].key = parts[i].key;
		st->part[st->n++].field = (uint16_t)field;
	}
}

void hawk_tetragon_struct_put(struct hawk_tetragon *s, const struct hawk_tetragon_struct *st,
			      const struct hawk_event *event, struct hawk_buf *out)
{
	size_t start;

	if (!st->n)
		return;
	hawk_buf_lit(out, ",{\"");
	hawk_buf_puts(out, st->member);
	hawk_buf_lit(out, "\":");
	start = out->len;
	for (size_t i = 0; i < st->n; i++) {
		const struct hawk_value *v = &event->data[st->part[i].field];
		enum hawk_type type = event->desc->fields[st->part[i].field].type;

		if (v->flags & (HAWK_VAL_ABSENT | HAWK_VAL_UNREADABLE) || (hawk_type_desc(type)->var && !v->len))
			continue;
		hawk_buf_lit(out, ",\"");
		hawk_buf_puts(out, st->part[i].key);
		hawk_buf_lit(out, "\":");
		hawk_json_quoted(&s->json, type, v, out);
	}
	hawk_json_close(out, start);
	hawk_buf_putc(out, '}');
}
