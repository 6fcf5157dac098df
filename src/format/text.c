/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values for people, and lines of CSV. */
#include <errno.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/event/names.h"
#include "src/format/redact.h"
#include "src/format/render.h"

void hawk_text_done(struct hawk_text *t)
{
	hawk_buf_done(&t->scratch);
	hawk_buf_done(&t->redacted);
	hawk_buf_done(&t->cell);
}

/* An argument in quotes when blanks or nothing would hide where it begins and ends. */
static void put_argument(struct hawk_buf *out, const uint8_t *s, size_t len)
{
	bool quote = !len || memchr(s, ' ', len) || memchr(s, '\'', len);

	if (quote)
		hawk_buf_putc(out, '\'');
	for (size_t i = 0; i < len;) {
		const uint8_t *q = memchr(s + i, '\'', len - i);
		size_t n = q ? (size_t)(q - s) - i : len - i;

		hawk_text_escape(out, s + i, n);
		if (q)
			hawk_buf_lit(out, "'\\''");
		i += n + 1;
	}
	if (quote)
		hawk_buf_putc(out, '\'');
}

static void put_arguments(struct hawk_text *t, const struct hawk_value *v, struct hawk_buf *out)
{
	const uint8_t *s = v->bytes;
	size_t len = v->len;
	int r;

	t->redacted.max = HAWK_FORMAT_VALUE_MAX;
	r = hawk_redact_strv(&t->redacted, s, len);
	if (r < 0) {
		/* Rather nothing than a secret. */
		hawk_buf_lit(out, "?");
		return;
	}
	if (r > 0) {
		s = (const uint8_t *)t->redacted.data;
		len = t->redacted.len;
	}
	for (size_t i = 0; i < len;) {
		const uint8_t *nul = memchr(s + i, '\0', len - i);
		size_t n = nul ? (size_t)(nul - s) - i : len - i;

		if (i)
			hawk_buf_putc(out, ' ');
		put_argument(out, s + i, n);
		i += n + 1;
	}
}

void hawk_text_value(struct hawk_text *t, enum hawk_type type, const struct hawk_value *v,
		     struct hawk_buf *out)
{
	const bool var = hawk_type_desc(type)->var;

	if (v->flags & HAWK_VAL_NULL) {
		hawk_buf_lit(out, "NULL");
		return;
	}
	if (v->flags & HAWK_VAL_UNREADABLE && !(var && v->len)) {
		hawk_buf_lit(out, "?");
		return;
	}
	switch (type) {
	case HAWK_T_STRV:
		put_arguments(t, v, out);
		break;
	case HAWK_T_STR:
	case HAWK_T_PATH:
		hawk_text_escape(out, v->bytes, v->len);
		break;
	case HAWK_T_TIME:
		hawk_stamp_put(&t->stamps, out, v->u + (uint64_t)t->boot_offset);
		break;
	case HAWK_T_WALLTIME:
		hawk_stamp_put(&t->stamps, out, v->u);
		break;
	default:
		hawk_buf_reset(&t->scratch);
		t->scratch.max = HAWK_FORMAT_VALUE_MAX;
		if (hawk_value_print(&t->scratch, type, v, t->boot_offset) < 0)
			hawk_buf_lit(out, "?");
		else
			hawk_text_escape(out, (const uint8_t *)t->scratch.data, t->scratch.len);
	}
	if (v->flags & (HAWK_VAL_TRUNCATED | HAWK_VAL_INCOMPLETE))
		hawk_buf_lit(out, "...");
	if (v->flags & HAWK_VAL_DELETED)
		hawk_buf_lit(out, " (deleted)");
}

const struct hawk_value *hawk_text_shown(const struct hawk_event *event, int i)
{
	if (i < 0 || !hawk_field_shown(&event->desc->fields[i]) || event->data[i].flags & HAWK_VAL_ABSENT)
		return NULL;
	return &event->data[i];
}

/* key=value; the value in quotes when it could be taken for more than one. */
static void put_pair(struct hawk_text *t, const struct hawk_event *event, int i, struct hawk_buf *out)
{
	const struct hawk_field_desc *field = &event->desc->fields[i];
	bool quote;

	hawk_buf_puts(out, field->name);
	hawk_buf_putc(out, '=');
	hawk_buf_reset(&t->cell);
	t->cell.max = HAWK_FORMAT_EVENT_MAX;
	hawk_text_value(t, field->type, &event->data[i], &t->cell);
	if (t->cell.error) {
		hawk_buf_putc(out, '?');
		return;
	}
	quote = !t->cell.len || memchr(t->cell.data, ' ', t->cell.len) ||
		memchr(t->cell.data, '"', t->cell.len);
	if (!quote) {
		hawk_buf_put(out, t->cell.data, t->cell.len);
		return;
	}
	hawk_buf_putc(out, '"');
	for (size_t k = 0; k < t->cell.len; k++) {
		if (t->cell.data[k] == '"')
			hawk_buf_putc(out, '\\');
		hawk_buf_putc(out, t->cell.data[k]);
	}
	hawk_buf_putc(out, '"');
}

void hawk_text_pairs(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out)
{
	bool first = true;

	for (int i = 0; i < event->desc->n_fields; i++) {
		if (!hawk_text_shown(event, i))
			continue;
		if (!first)
			hawk_buf_putc(out, ' ');
		first = false;
		put_pair(t, event, i, out);
	}
}

/* Ends a CSV cell that began at START: quotes it when it has to be, RFC 4180. */
static void csv_quote(struct hawk_buf *out, size_t start)
{
	size_t len = out->len - start, quotes = 0;
	char *cell;

	if (out->error)
		return;
	cell = out->data + start;
	for (size_t i = 0; i < len; i++)
		quotes += cell[i] == '"';
	if (!quotes && !memchr(cell, ',', len))
		return;
	if (!hawk_buf_room(out, quotes + 2))
		return;
	/* From the end, so that nothing is overwritten before it is moved. */
	cell = out->data + start;
	out->len += quotes + 2;
	for (size_t from = len, to = len + quotes; from--;) {
		cell[to--] = cell[from];
		if (cell[from] == '"')
			cell[to--] = '"';
	}
	cell[0] = cell[len + quotes + 1] = '"';
}

void hawk_text_column(struct hawk_text *t, enum hawk_column column, const struct hawk_event *event,
		      struct hawk_buf *out)
{
	const struct hawk_field *field = &t->column[column];
	struct hawk_value v;

	if (hawk_field_get(field, event, &v) == 0)
		hawk_text_value(t, hawk_field_type(field, event->desc), &v, out);
}

static const char *const column_names[HAWK_TEXT_COLUMNS] = {
	[HAWK_COLUMN_PPID] = "process.ppid",
	[HAWK_COLUMN_UID] = "process.uid",
	[HAWK_COLUMN_EXE] = "process.exe",
	[HAWK_COLUMN_UNIT] = "process.unit",
	[HAWK_COLUMN_CGROUP] = "process.cgroup.path",
};

int hawk_text_new(void **ret, size_t size)
{
	_cleanup_free_ struct hawk_text *t = calloc(1, size);
	int r = t ? 0 : -ENOMEM;

	for (size_t i = 0; i < HAWK_TEXT_COLUMNS && !r; i++)
		r = hawk_field_find(column_names[i], &t->column[i]);
	if (!r)
		*ret = TAKE_PTR(t);
	return r;
}

static int csv_open(void **ret, const struct hawk_format_wish *wish, char **ret_why)
{
	(void)wish;
	(void)ret_why;
	return hawk_text_new(ret, sizeof(struct hawk_text));
}

static void csv_close(void *state)
{
	hawk_text_done(state);
	free(state);
}

static void csv_head(void *state, struct hawk_buf *out)
{
	(void)state;
	hawk_buf_lit(out, "time,event,pid,tid,ppid,uid,comm,exe,data,policies\n");
}

static void csv_field(struct hawk_text *t, const struct hawk_event *event, enum hawk_column column,
		      struct hawk_buf *out)
{
	size_t start = out->len;

	hawk_text_column(t, column, event, out);
	csv_quote(out, start);
	hawk_buf_putc(out, ',');
}

void hawk_text_comm(const struct hawk_event *event, struct hawk_buf *out)
{
	hawk_text_escape(out, event->comm, strnlen((const char *)event->comm, HAWK_COMM_LEN));
}

void hawk_text_policies(const struct hawk_event *event, struct hawk_buf *out)
{
	const struct hawk_value *v = &event->policies;

	for (size_t i = 0; i < v->len;) {
		size_t len = strnlen((const char *)v->bytes + i, v->len - i);

		if (i)
			hawk_buf_putc(out, ',');
		hawk_text_escape(out, v->bytes + i, len);
		i += len + 1;
	}
}

static void csv_event(void *state, const struct hawk_event *event, struct hawk_buf *out)
{
	struct hawk_text *t = state;
	size_t start;

	t->boot_offset = (int64_t)(event->walltime - event->time);
	hawk_stamp_put(&t->stamps, out, event->walltime);
	hawk_buf_putc(out, ',');
	hawk_buf_puts(out, event->desc->name);
	hawk_buf_putc(out, ',');
	hawk_buf_u64(out, event->tgid);
	hawk_buf_putc(out, ',');
	hawk_buf_u64(out, event->tid);
	hawk_buf_putc(out, ',');
	csv_field(t, event, HAWK_COLUMN_PPID, out);
	csv_field(t, event, HAWK_COLUMN_UID, out);
	start = out->len;
	hawk_text_comm(event, out);
	csv_quote(out, start);
	hawk_buf_putc(out, ',');
	csv_field(t, event, HAWK_COLUMN_EXE, out);
	start = out->len;
	hawk_text_pairs(t, event, out);
	csv_quote(out, start);
	hawk_buf_putc(out, ',');
	start = out->len;
	hawk_text_policies(event, out);
	csv_quote(out, start);
	hawk_buf_putc(out, '\n');
}

const struct hawk_format_ops hawk_format_csv = {
	.open = csv_open,
	.close = csv_close,
	.head = csv_head,
	.event = csv_event,
};
