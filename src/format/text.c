/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values and lines for people: CSV and tables. */
#include <time.h>

#include "src/base/cleanup.h"
#include "src/event/names.h"
#include "src/format/redact.h"
#include "src/format/render.h"

#define VALUE_MAX ((size_t)1024 * 1024)

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

	t->redacted.max = VALUE_MAX;
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

void hawk_text_value(struct hawk_text *t, enum hawk_type type, const struct hawk_value *v, struct hawk_buf *out)
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
		t->scratch.max = VALUE_MAX;
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

/* Field I of the event, or NULL when there is nothing to show. */
static const struct hawk_value *shown(const struct hawk_event *event, int i)
{
	if (i < 0 || !hawk_field_shown(&event->desc->fields[i]) || event->data[i].flags & HAWK_VAL_ABSENT)
		return NULL;
	return &event->data[i];
}

static const struct hawk_value *by_name(const struct hawk_event *event, const char *name, enum hawk_type *ret_type)
{
	int i = hawk_event_field(event->desc, name);
	const struct hawk_value *v = shown(event, i);

	if (v)
		*ret_type = event->desc->fields[i].type;
	return v;
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
	quote = !t->cell.len || memchr(t->cell.data, ' ', t->cell.len) || memchr(t->cell.data, '"', t->cell.len);
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

static void put_pairs(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out)
{
	bool first = true;

	for (int i = 0; i < event->desc->n_fields; i++) {
		if (!shown(event, i))
			continue;
		if (!first)
			hawk_buf_putc(out, ' ');
		first = false;
		put_pair(t, event, i, out);
	}
}

/* Ends a CSV cell that began at START: quotes it when it has to be, RFC 4180. */
static void csv_close(struct hawk_buf *out, size_t start)
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
	for (size_t from = len, to = len + quotes + 1; from--;) {
		cell[to--] = cell[from];
		if (cell[from] == '"')
			cell[to--] = '"';
	}
	cell[0] = cell[len + quotes + 1] = '"';
}

/* Columns of CSV and of the wide table that are fields of field.h. */
static void put_field(struct hawk_text *t, const struct hawk_event *event, const struct hawk_field *field,
		      struct hawk_buf *out)
{
	struct hawk_value v;

	if (hawk_field_get(field, event, &v) == 0)
		hawk_text_value(t, hawk_field_type(field, event->desc), &v, out);
}

/* Fields that columns need; found once per formatter. */
static const char *const column_names[HAWK_COLUMNS] = {
	[HAWK_COLUMN_PPID] = "process.ppid",
	[HAWK_COLUMN_UID] = "process.uid",
	[HAWK_COLUMN_EXE] = "process.exe",
	[HAWK_COLUMN_UNIT] = "process.unit",
	[HAWK_COLUMN_CGROUP] = "process.cgroup.path",
};

int hawk_text_init(struct hawk_text *t)
{
	int r = 0;

	for (size_t i = 0; i < HAWK_COLUMNS && !r; i++)
		r = hawk_field_find(column_names[i], &t->column[i]);
	return r;
}

void hawk_csv_head(struct hawk_buf *out)
{
	hawk_buf_lit(out, "time,event,pid,tid,ppid,uid,comm,exe,data\n");
}

static void csv_field(struct hawk_text *t, const struct hawk_event *event, enum hawk_column column,
		      struct hawk_buf *out)
{
	size_t start = out->len;

	put_field(t, event, &t->column[column], out);
	csv_close(out, start);
	hawk_buf_putc(out, ',');
}

static void put_comm(const struct hawk_event *event, struct hawk_buf *out)
{
	hawk_text_escape(out, event->comm, strnlen((const char *)event->comm, HAWK_COMM_LEN));
}

void hawk_csv_event(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out)
{
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
	put_comm(event, out);
	csv_close(out, start);
	hawk_buf_putc(out, ',');
	csv_field(t, event, HAWK_COLUMN_EXE, out);
	start = out->len;
	put_pairs(t, event, out);
	csv_close(out, start);
	hawk_buf_putc(out, '\n');
}

/* Wall clock of the host, as people compare it with their own: 12:34:56.789. */
static void put_clock(struct hawk_text *t, uint64_t walltime, struct hawk_buf *out)
{
	uint64_t second = walltime / 1000000000;
	unsigned int ms = (unsigned int)(walltime / 1000000 % 1000);

	if (t->clock_next != second + 1) {
		time_t when = (time_t)second;
		struct tm tm;

		if (!localtime_r(&when, &tm) || !strftime(t->clock, sizeof(t->clock), "%H:%M:%S", &tm))
			memcpy(t->clock, "??:??:??", sizeof(t->clock));
		t->clock_next = second + 1;
	}
	hawk_buf_puts(out, t->clock);
	hawk_buf_putc(out, '.');
	hawk_buf_putc(out, (char)('0' + ms / 100));
	hawk_buf_putc(out, (char)('0' + ms / 10 % 10));
	hawk_buf_putc(out, (char)('0' + ms % 10));
}

/* Pads the cell that began at START to WIDTH characters and a blank. Counts characters, not bytes of UTF-8. */
static void pad(struct hawk_buf *out, size_t start, size_t width)
{
	size_t n = 0;

	if (out->error)
		return;
	for (size_t i = start; i < out->len; i++)
		n += (out->data[i] & 0xc0) != 0x80;
	do
		hawk_buf_putc(out, ' ');
	while (++n <= width);
}

/* Address and port. An IPv6 address is put in brackets, so that its end is seen. */
static bool put_endpoint(struct hawk_text *t, const struct hawk_event *event, const char *const name[static 2],
			 struct hawk_buf *out)
{
	enum hawk_type ip_type = HAWK_T_MAX, port_type = HAWK_T_MAX;
	const struct hawk_value *ip = by_name(event, name[0], &ip_type), *port = by_name(event, name[1], &port_type);
	size_t start = out->len;
	bool brackets;

	if (!ip || !port || ip_type != HAWK_T_IP)
		return false;
	hawk_text_value(t, ip_type, ip, out);
	brackets = !out->error && memchr(out->data + start, ':', out->len - start);
	if (brackets) {
		hawk_buf_putc(out, ']');
		if (hawk_buf_room(out, 1)) {
			memmove(out->data + start + 1, out->data + start, out->len - start);
			out->data[start] = '[';
			out->len++;
		}
	}
	hawk_buf_putc(out, ':');
	hawk_text_value(t, port_type, port, out);
	return true;
}

static bool put_connection(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out)
{
	static const char *const src[] = { "src", "src_port" }, *const dst[] = { "dst", "dst_port" };
	size_t start = out->len;

	if (put_endpoint(t, event, src, out)) {
		hawk_buf_lit(out, " -> ");
		if (put_endpoint(t, event, dst, out))
			return true;
	}
	if (!out->error)
		out->len = start;
	return false;
}

/* What the summary shows of an event: the first of these fields that it has; without any, all fields. */
static const char *const telling[] = { "argv", "pathname", "child_pid" };

static void put_error(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out)
{
	enum hawk_type type = HAWK_T_MAX;
	const struct hawk_value *v = by_name(event, "retval", &type);

	if (!v || v->flags || v->s >= 0 || v->s < -4095)
		return;
	hawk_buf_lit(out, " = ");
	type = HAWK_T_ERRNO;
	hawk_text_value(t, type, v, out);
}

static void put_summary(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out)
{
	bool done = put_connection(t, event, out);

	for (size_t i = 0; i < ARRAY_SIZE(telling) && !done; i++) {
		enum hawk_type type = HAWK_T_MAX;
		const struct hawk_value *v = by_name(event, telling[i], &type);

		/* A string vector that was not collected says less than the path. */
		if (!v || (v->flags & HAWK_VAL_UNREADABLE && !v->len))
			continue;
		if (hawk_type_desc(type)->vclass == HAWK_V_SINT) {
			hawk_buf_puts(out, telling[i]);
			hawk_buf_putc(out, '=');
		}
		hawk_text_value(t, type, v, out);
		done = true;
	}
	if (done)
		put_error(t, event, out);
	else
		put_pairs(t, event, out);
}

static const struct hawk_width {
	const char *title;
	uint8_t width;
	bool wide; /* in the wide table only */
} widths[] = {
	{ "TIME", 12, false }, { "EVENT", 18, false }, { "PID", 7, false }, { "PPID", 7, true }, { "UID", 5, false },
	{ "COMM", 15, false }, { "UNIT", 24, true },   { "EXE", 24, true }, { "DATA", 0, false },
};
enum { AT_TIME, AT_EVENT, AT_PID, AT_PPID, AT_UID, AT_COMM, AT_UNIT, AT_EXE };

#define BOLD "\033[1m"
#define PLAIN "\033[0m"

void hawk_table_head(struct hawk_buf *out, const struct hawk_table *table)
{
	if (table->terminal)
		hawk_buf_lit(out, BOLD);
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		size_t start = out->len;

		if (widths[i].wide && !table->wide)
			continue;
		hawk_buf_puts(out, widths[i].title);
		if (widths[i].width)
			pad(out, start, widths[i].width);
	}
	hawk_buf_puts(out, table->terminal ? PLAIN "\n" : "\n");
}

static void put_cell(struct hawk_text *t, const struct hawk_event *event, const struct hawk_field *field,
		     struct hawk_buf *out)
{
	size_t start = out->len;

	put_field(t, event, field, out);
	if (!out->error && out->len == start)
		hawk_buf_putc(out, '-');
}

static void put_unit(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out)
{
	struct hawk_value v;
	bool unit = hawk_field_get(&t->column[HAWK_COLUMN_UNIT], event, &v) == 0;

	put_cell(t, event, &t->column[unit ? HAWK_COLUMN_UNIT : HAWK_COLUMN_CGROUP], out);
}

static void put_column(struct hawk_text *t, const struct hawk_event *event, size_t column, struct hawk_buf *out)
{
	switch (column) {
	case AT_TIME:
		put_clock(t, event->walltime, out);
		break;
	case AT_EVENT:
		hawk_buf_puts(out, event->desc->name);
		break;
	case AT_PID:
		hawk_buf_u64(out, event->tgid);
		break;
	case AT_PPID:
		put_cell(t, event, &t->column[HAWK_COLUMN_PPID], out);
		break;
	case AT_UID:
		put_cell(t, event, &t->column[HAWK_COLUMN_UID], out);
		break;
	case AT_COMM:
		put_comm(event, out);
		break;
	case AT_UNIT:
		put_unit(t, event, out);
		break;
	case AT_EXE:
		put_cell(t, event, &t->column[HAWK_COLUMN_EXE], out);
		break;
	}
}

void hawk_table_event(struct hawk_text *t, const struct hawk_table *table, const struct hawk_event *event,
		      struct hawk_buf *out)
{
	t->boot_offset = (int64_t)(event->walltime - event->time);
	for (size_t i = 0; i < ARRAY_SIZE(widths) && widths[i].width; i++) {
		bool bold = table->terminal && i == AT_EVENT;
		size_t start;

		if (widths[i].wide && !table->wide)
			continue;
		if (bold)
			hawk_buf_lit(out, BOLD);
		start = out->len;
		put_column(t, event, i, out);
		pad(out, start, widths[i].width);
		if (bold)
			hawk_buf_lit(out, PLAIN);
	}
	put_summary(t, event, out);
	hawk_buf_putc(out, '\n');
}
