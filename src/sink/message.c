/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/sink/message.h"

#include <pthread.h>
#include <stdlib.h>
#include <syslog.h>

#include "src/base/cleanup.h"
#include "src/format/finding.h"
#include "src/format/format.h"
#include "src/format/redact.h"

#define TEXT_MAX 1024  /* of a message: the fields have the rest */
#define VALUE_MAX 256  /* of one value in it */

static const struct {
	const char *name, *field;
} rows[] = {
#define FIELD(name, field) { #name, field },
#include "src/sink/message.def"
};

static const struct {
	const char *name, *field;
} finding_rows[] = {
#define FINDING(name, field) { #name, field },
#include "src/sink/message.def"
};

static struct hawk_field fields[ARRAY_SIZE(rows)];

static void find_fields(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (hawk_field_find(rows[i].field, &fields[i]) < 0)
			abort(); /* message.def names a field that does not exist */
}

/* The data of a finding have names of their own. */
static bool next_of_finding(const struct hawk_event *event, size_t *at, struct hawk_message_field *ret)
{
	for (; *at < ARRAY_SIZE(rows) + ARRAY_SIZE(finding_rows); ++*at) {
		size_t row = *at - ARRAY_SIZE(rows);
		int i = hawk_event_field(event->desc, finding_rows[row].field);

		if (i < 0 || event->data[i].flags & HAWK_VAL_ABSENT)
			continue;
		*ret = (struct hawk_message_field){
			.prefix = "", .name = finding_rows[row].name, .type = event->desc->fields[i].type,
			.each = event->desc->fields[i].type == HAWK_T_STRV, .value = event->data[i],
		};
		++*at;
		return true;
	}
	return false;
}

const char *hawk_message_extra(const struct hawk_event *event, size_t i, struct hawk_buf *out)
{
	if (event->desc->id != HAWK_EV_FINDING || i > 1)
		return NULL;
	if (i == 0)
		hawk_found_ancestors(out, event);
	else
		hawk_found_except(out, event);
	return i == 0 ? "ANCESTORS" : "EXCEPT_HINT";
}

bool hawk_message_next(const struct hawk_event *event, size_t *at, struct hawk_message_field *ret)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find_fields);
	for (; *at < ARRAY_SIZE(rows); ++*at)
		if (hawk_field_get(&fields[*at], event, &ret->value) == 0 &&
		    !(ret->value.flags & HAWK_VAL_ABSENT)) {
			ret->prefix = "";
			ret->name = rows[*at].name;
			ret->type = fields[*at].type;
			ret->each = false;
			++*at;
			return true;
		}
	if (event->desc->id == HAWK_EV_FINDING)
		return next_of_finding(event, at, ret);
	for (; *at < ARRAY_SIZE(rows) + event->desc->n_fields; ++*at) {
		size_t i = *at - ARRAY_SIZE(rows);

		if (event->data[i].flags & (HAWK_VAL_ABSENT | HAWK_VAL_NULL | HAWK_VAL_UNREADABLE) ||
		    event->desc->fields[i].type == HAWK_T_TASK)
			continue;
		ret->prefix = "DATA_";
		ret->name = event->desc->fields[i].name;
		ret->type = event->desc->fields[i].type;
		ret->value = event->data[i];
		ret->each = false;
		++*at;
		return true;
	}
	return false;
}

int hawk_message_value(struct hawk_buf *out, struct hawk_buf *redacted, const struct hawk_event *event,
		       const struct hawk_message_field *field)
{
	struct hawk_value v = field->value;

	if (field->type == HAWK_T_STRV) {
		int r;

		hawk_buf_reset(redacted);
		r = hawk_redact_strv(redacted, v.bytes, v.len);
		if (r < 0)
			return r;
		if (r > 0) {
			v.bytes = (const uint8_t *)redacted->data;
			v.len = (uint32_t)redacted->len;
		}
	}
	return hawk_value_print(out, field->type, &v, (int64_t)(event->walltime - event->time));
}

void hawk_message_short(struct hawk_buf *out, const void *bytes, size_t len, size_t max)
{
	const uint8_t *p = bytes;
	size_t n = len < max ? len : max;

	for (int i = 0; n < len && i < 3 && n && (p[n] & 0xc0) == 0x80; i++)
		n--; /* not in the middle of a character */
	hawk_text_escape(out, p, n);
	if (n < len)
		hawk_buf_lit(out, "…");
}

static void put_process(struct hawk_buf *out, const struct hawk_event *event)
{
	const struct hawk_process *p = event->process;

	if (!p || event->desc->internal)
		return;
	hawk_buf_lit(out, " by ");
	if (p->exe.len)
		hawk_message_short(out, p->exe.data, p->exe.len, VALUE_MAX);
	else
		hawk_message_short(out, p->comm, strnlen((const char *)p->comm, sizeof(p->comm)), VALUE_MAX);
	hawk_buf_lit(out, " (pid ");
	hawk_buf_s64(out, p->task.pid);
	hawk_buf_lit(out, ", uid ");
	hawk_buf_u64(out, p->task.uid);
	if (p->unit.len) {
		hawk_buf_lit(out, ", unit ");
		hawk_message_short(out, p->unit.data, p->unit.len, VALUE_MAX);
	}
	hawk_buf_putc(out, ')');
}

static void put_datum(struct hawk_buf *out, const struct hawk_event *event, const char *field, size_t max)
{
	const struct hawk_value *v = hawk_found_value(event, field);

	if (v)
		hawk_message_short(out, v->bytes, v->len, max);
}

/* What its author says, then what to ask for. */
static int put_finding(struct hawk_buf *out, const struct hawk_event *event)
{
	const struct hawk_value *severity = hawk_found_value(event, "severity"), *count = hawk_found_value(event, "count");

	put_datum(out, event, "message", TEXT_MAX - VALUE_MAX);
	hawk_buf_lit(out, " [");
	if (severity)
		hawk_value_print(out, HAWK_T_SEVERITY, severity, 0);
	hawk_buf_putc(out, ' ');
	put_datum(out, event, "signature", VALUE_MAX);
	if (hawk_found_value(event, "technique")) {
		hawk_buf_putc(out, ' ');
		put_datum(out, event, "technique", VALUE_MAX);
	}
	hawk_buf_lit(out, ", finding ");
	put_datum(out, event, "id", VALUE_MAX);
	if (count && count->u)
		hawk_buf_printf(out, ", %u alike suppressed before", (unsigned int)count->u);
	hawk_buf_putc(out, ']');
	return out->error;
}

int hawk_message_text(struct hawk_buf *out, struct hawk_buf *value, struct hawk_buf *redacted,
		      const struct hawk_event *event)
{
	struct hawk_message_field field;
	size_t at = ARRAY_SIZE(rows), start = out->len;
	bool first = true;

	if (event->desc->id == HAWK_EV_FINDING)
		return put_finding(out, event);
	hawk_buf_puts(out, event->desc->name);
	put_process(out, event);
	while (hawk_message_next(event, &at, &field)) {
		if (out->len - start > TEXT_MAX - VALUE_MAX) {
			hawk_buf_lit(out, " …");
			break;
		}
		hawk_buf_puts(out, first ? ": " : ", ");
		hawk_buf_puts(out, field.name);
		hawk_buf_putc(out, '=');
		hawk_buf_reset(value);
		hawk_message_value(value, redacted, event, &field);
		hawk_message_short(out, value->data, value->len, VALUE_MAX);
		first = false;
	}
	return out->error;
}

int hawk_message_priority(const struct hawk_event *event)
{
	static const int of_severity[] = { LOG_INFO, LOG_NOTICE, LOG_WARNING, LOG_ERR, LOG_CRIT };
	const struct hawk_value *severity;

	if (event->desc->id == HAWK_EV_FINDING) {
		severity = hawk_found_value(event, "severity");
		return severity && severity->u < ARRAY_SIZE(of_severity) ? of_severity[severity->u] : LOG_NOTICE;
	}
	return event->desc->id == HAWK_EV_LOST ? LOG_WARNING : LOG_NOTICE;
}
