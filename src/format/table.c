/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines for people, in columns. */
#include <time.h>

#include "src/base/cleanup.h"
#include "src/format/render.h"

#define BOLD "\033[1m"
#define PLAIN "\033[0m"

static const struct hawk_value *by_name(const struct hawk_event *event, const char *name,
					enum hawk_type *ret_type)
{
	int i = hawk_event_field(event->desc, name);
	const struct hawk_value *v = hawk_text_shown(event, i);

	if (v)
		*ret_type = event->desc->fields[i].type;
	return v;
}

/* The thousandths of a second of NS: ".789". */
static void put_ms(struct hawk_buf *out, uint64_t ns)
{
	unsigned int ms = (unsigned int)(ns / 1000000 % 1000);

	hawk_buf_putc(out, '.');
	hawk_buf_putc(out, (char)('0' + ms / 100));
	hawk_buf_putc(out, (char)('0' + ms / 10 % 10));
	hawk_buf_putc(out, (char)('0' + ms % 10));
}

/* Wall clock of the host, as people compare it with their own: 12:34:56.789. */
static void put_clock(struct hawk_text *t, uint64_t walltime, struct hawk_buf *out)
{
	uint64_t second = walltime / 1000000000;

	if (t->clock_next != second + 1) {
		time_t when = (time_t)second;
		struct tm tm;

		if (!localtime_r(&when, &tm) || !strftime(t->clock, sizeof(t->clock), "%H:%M:%S", &tm))
			memcpy(t->clock, "??:??:??", sizeof(t->clock));
		t->clock_next = second + 1;
	}
	hawk_buf_puts(out, t->clock);
	put_ms(out, walltime);
}

/* Pads the cell that began at START to WIDTH characters, not bytes of UTF-8, and a blank. */
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
static bool put_endpoint(struct hawk_text *t, const struct hawk_event *event,
			 const char *const name[static 2], struct hawk_buf *out)
{
	enum hawk_type ip_type = HAWK_T_MAX, port_type = HAWK_T_MAX;
	const struct hawk_value *ip = by_name(event, name[0], &ip_type);
	const struct hawk_value *port = by_name(event, name[1], &port_type);
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

/* "exit 1 after 0.250s", "SIGKILL after 12.000s" */
static bool put_end(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out)
{
	enum hawk_type code_type, signal_type, time_type;
	const struct hawk_value *code = by_name(event, "exit_code", &code_type);
	const struct hawk_value *signal = by_name(event, "signal", &signal_type);
	const struct hawk_value *time = by_name(event, "run_time", &time_type);

	if (!code || !signal || !time)
		return false;
	if (!signal->s)
		hawk_buf_lit(out, "exit ");
	hawk_text_value(t, signal->s ? signal_type : code_type, signal->s ? signal : code, out);
	hawk_buf_lit(out, " after ");
	hawk_buf_u64(out, time->u / 1000000000);
	put_ms(out, time->u);
	hawk_buf_putc(out, 's');
	return true;
}

/* "high reverse_shell: what was found" */
static bool put_finding(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out)
{
	enum hawk_type severity_type, name_type, message_type;
	const struct hawk_value *severity = by_name(event, "severity", &severity_type);
	const struct hawk_value *name = by_name(event, "signature", &name_type);
	const struct hawk_value *message = by_name(event, "message", &message_type);

	if (!severity || !name || !message)
		return false;
	hawk_text_value(t, severity_type, severity, out);
	hawk_buf_putc(out, ' ');
	hawk_text_value(t, name_type, name, out);
	hawk_buf_lit(out, ": ");
	hawk_text_value(t, message_type, message, out);
	return true;
}

static void put_summary(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out)
{
	bool done = put_connection(t, event, out) || put_end(t, event, out) || put_finding(t, event, out);

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
		hawk_text_pairs(t, event, out);
}

enum { AT_TIME, AT_EVENT, AT_PID, AT_PPID, AT_UID, AT_COMM, AT_UNIT, AT_EXE, AT_DATA };

static const struct {
	const char *title;
	uint8_t width;
	bool wide; /* in the wide table only */
} columns[] = {
	[AT_TIME] = { "TIME", 12, false },
	[AT_EVENT] = { "EVENT", 18, false },
	[AT_PID] = { "PID", 7, false },
	[AT_PPID] = { "PPID", 7, true },
	[AT_UID] = { "UID", 5, false },
	[AT_COMM] = { "COMM", 15, false },
	[AT_UNIT] = { "UNIT", 24, true },
	[AT_EXE] = { "EXE", 24, true },
	[AT_DATA] = { "DATA", 0, false },
};

struct table {
	struct hawk_text text;
	bool wide;
	bool terminal; /* with colour */
};

static void head(void *state, struct hawk_buf *out)
{
	const struct table *table = state;

	if (table->terminal)
		hawk_buf_lit(out, BOLD);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		size_t start = out->len;

		if (columns[i].wide && !table->wide)
			continue;
		hawk_buf_puts(out, columns[i].title);
		if (columns[i].width)
			pad(out, start, columns[i].width);
	}
	hawk_buf_puts(out, table->terminal ? PLAIN "\n" : "\n");
}

static void put_cell(struct hawk_text *t, enum hawk_column column, const struct hawk_event *event,
		     struct hawk_buf *out)
{
	size_t start = out->len;

	hawk_text_column(t, column, event, out);
	if (!out->error && out->len == start)
		hawk_buf_putc(out, '-');
}

static void put_unit(struct hawk_text *t, const struct hawk_event *event, struct hawk_buf *out)
{
	size_t start = out->len;

	hawk_text_column(t, HAWK_COLUMN_UNIT, event, out);
	if (!out->error && out->len == start)
		put_cell(t, HAWK_COLUMN_CGROUP, event, out);
}

static void put_column(struct hawk_text *t, const struct hawk_event *event, size_t column,
		       struct hawk_buf *out)
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
		put_cell(t, HAWK_COLUMN_PPID, event, out);
		break;
	case AT_UID:
		put_cell(t, HAWK_COLUMN_UID, event, out);
		break;
	case AT_COMM:
		hawk_text_comm(event, out);
		break;
	case AT_UNIT:
		put_unit(t, event, out);
		break;
	case AT_EXE:
		put_cell(t, HAWK_COLUMN_EXE, event, out);
		break;
	}
}

static void put_event(void *state, const struct hawk_event *event, struct hawk_buf *out)
{
	const struct table *table = state;
	struct hawk_text *t = state;

	t->boot_offset = (int64_t)(event->walltime - event->time);
	for (size_t i = 0; i < AT_DATA; i++) {
		bool bold = table->terminal && i == AT_EVENT;
		size_t start;

		if (columns[i].wide && !table->wide)
			continue;
		if (bold)
			hawk_buf_lit(out, BOLD);
		start = out->len;
		put_column(t, event, i, out);
		pad(out, start, columns[i].width);
		if (bold)
			hawk_buf_lit(out, PLAIN);
	}
	put_summary(t, event, out);
	if (event->policies.len) {
		hawk_buf_lit(out, " [");
		hawk_text_policies(event, out);
		if (event->alike)
			hawk_buf_printf(out, ", %u alike before", event->alike);
		hawk_buf_putc(out, ']');
	}
	hawk_buf_putc(out, '\n');
}

static int open_table(void **ret, const struct hawk_format_wish *wish, char **ret_why)
{
	int r = hawk_text_new(ret, sizeof(struct table));

	(void)ret_why;
	if (r < 0)
		return r;
	((struct table *)*ret)->terminal = wish->terminal;
	return 0;
}

static int open_wide(void **ret, const struct hawk_format_wish *wish, char **ret_why)
{
	int r = open_table(ret, wish, ret_why);

	if (r < 0)
		return r;
	((struct table *)*ret)->wide = true;
	return 0;
}

static void close_table(void *state)
{
	hawk_text_done(state);
	free(state);
}

const struct hawk_format_ops hawk_format_table = {
	.open = open_table,
	.close = close_table,
	.head = head,
	.event = put_event,
};

const struct hawk_format_ops hawk_format_wide = {
	.open = open_wide,
	.close = close_table,
	.head = head,
	.event = put_event,
};
