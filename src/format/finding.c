/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/format/finding.h"

#include <string.h>

#include "src/event/process.h"
#include "src/format/format.h"

const struct hawk_value *hawk_found_value(const struct hawk_event *event, const char *field)
{
	int i = hawk_event_field(event->desc, field);

	return i < 0 || event->data[i].flags & HAWK_VAL_ABSENT ? NULL : &event->data[i];
}

bool hawk_found_output(const struct hawk_event *event, size_t *at, struct hawk_found_output *ret)
{
	const struct hawk_value *list = hawk_found_value(event, "output");
	const char *part, *equals;
	size_t len;

	if (!list || *at >= list->len)
		return false;
	part = (const char *)list->bytes + *at;
	len = strnlen(part, list->len - *at);
	equals = memchr(part, '=', len);
	ret->name = part;
	ret->name_len = equals ? (size_t)(equals - part) : len;
	ret->value = equals ? equals + 1 : part + len;
	ret->value_len = (size_t)(part + len - ret->value);
	*at += len + 1;
	return true;
}

static void put_process(struct hawk_buf *out, const struct hawk_process *p)
{
	if (p->exe.len)
		hawk_text_escape(out, p->exe.data, p->exe.len);
	else
		hawk_text_escape(out, p->comm, strnlen((const char *)p->comm, sizeof(p->comm)));
	hawk_buf_printf(out, "[%d]", p->task.pid);
}

void hawk_found_ancestors(struct hawk_buf *out, const struct hawk_event *event)
{
	if (!event->parent)
		return;
	put_process(out, event->parent);
	for (size_t i = 0; i < event->n_ancestors; i++) {
		hawk_buf_putc(out, ' ');
		put_process(out, event->ancestors[i]);
	}
}

/* A string of the language of signatures, in quotes. */
static void put_quoted(struct hawk_buf *out, const uint8_t *bytes, size_t len)
{
	hawk_buf_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '"' || bytes[i] == '\\')
			hawk_buf_putc(out, '\\');
		/* the line is in single quotes */
		if (bytes[i] < ' ' || bytes[i] >= 0x7f || bytes[i] == '\'')
			hawk_buf_printf(out, "\\x%02x", bytes[i]);
		else
			hawk_buf_putc(out, (char)bytes[i]);
	}
	hawk_buf_putc(out, '"');
}

static void put_condition(struct hawk_buf *out, const struct hawk_process *p)
{
	const struct hawk_bytes *of = NULL;
	const char *field = "process.comm";

	if (p && p->exe.len) {
		of = &p->exe;
		field = "process.exe";
	} else if (p && p->unit.len) {
		of = &p->unit;
		field = "process.unit";
	}
	hawk_buf_printf(out, "%s == ", field);
	if (of)
		put_quoted(out, of->data, of->len);
	else
		put_quoted(out, p ? p->comm : (const uint8_t *)"", p ? strnlen((const char *)p->comm, sizeof(p->comm)) : 0);
}

void hawk_found_except(struct hawk_buf *out, const struct hawk_event *event)
{
	const struct hawk_value *name = hawk_found_value(event, "signature");

	hawk_buf_lit(out, "{kind: exceptions, signature: ");
	if (name)
		hawk_text_escape(out, name->bytes, name->len);
	hawk_buf_lit(out, ", exceptions: [{name: NAME, where: '");
	put_condition(out, event->process);
	hawk_buf_lit(out, "'}]}");
}
