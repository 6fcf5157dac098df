/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>

#include "src/base/cleanup.h"
#include "src/format/render.h"

#define PARTS_MAX 256
#define NAME_MAX_LEN 128

/* A piece of text or, when it is a reference, a field. */
struct part {
	bool is_field;
	struct hawk_field field;
	char *text;
	size_t len;
};

struct template {
	struct hawk_text out; /* first: hawk_text_new */
	size_t n;
	struct part part[PARTS_MAX];
};

static void close_template(void *state)
{
	struct template *t = state;

	for (size_t i = 0; i < t->n; i++)
		free(t->part[i].text);
	hawk_text_done(&t->out);
	free(t);
}
DEFINE_CLEANUP(struct template, close_template)

/* Text of the template and where we are in it. */
struct cursor {
	const char *text;
	const char *at;
	char **ret_why;
};

static int fail(const struct cursor *c, const char *problem, const char *subject)
{
	if (asprintf(c->ret_why, "template, column %zu: %s%s%s", (size_t)(c->at - c->text) + 1, problem,
		     *subject ? " " : "", subject) < 0) {
		*c->ret_why = NULL;
		return -ENOMEM;
	}
	return -EINVAL;
}

static struct part *add(struct template *t)
{
	return t->n < PARTS_MAX ? &t->part[t->n++] : NULL;
}

static int parse_field(struct template *t, struct cursor *c)
{
	const char *from = c->at + 2, *brace = strchr(from, '}');
	char name[NAME_MAX_LEN];
	struct part *p;

	if (!brace)
		return fail(c, "%{ without }", "");
	if (brace == from)
		return fail(c, "no name between %{ and }", "");
	if ((size_t)(brace - from) >= sizeof(name))
		return fail(c, "no field has so long a name", "");
	memcpy(name, from, (size_t)(brace - from));
	name[brace - from] = '\0';
	p = add(t);
	if (!p)
		return fail(c, "too many fields", "");
	p->is_field = true;
	if (hawk_field_find(name, &p->field) < 0)
		return fail(c, "no event has a field called", name);
	c->at = brace + 1;
	return 0;
}

/* The character that the escape at C stands for, or -1. */
static int escape(const struct cursor *c)
{
	if (c->at[0] == '%')
		return c->at[1] == '%' ? '%' : -1;
	switch (c->at[1]) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '\\':
		return '\\';
	}
	return -1;
}

static int parse_text(struct template *t, struct cursor *c)
{
	struct hawk_buf text = HAWK_BUF_INIT;
	struct part *p;

	while (*c->at && strncmp(c->at, "%{", 2) != 0) {
		int ch = *c->at;

		if (ch == '%' || ch == '\\') {
			ch = escape(c);
			if (ch < 0) {
				hawk_buf_done(&text);
				return *c->at == '%' ? fail(c, "% is followed by neither { nor %", "") :
						       fail(c, "\\ is followed by none of n, t and \\", "");
			}
			c->at++;
		}
		hawk_buf_putc(&text, (char)ch);
		c->at++;
	}
	p = text.error ? NULL : add(t);
	if (!p) {
		int r = text.error == -ENOMEM ? -ENOMEM : fail(c, "the template is too long", "");

		hawk_buf_done(&text);
		return r;
	}
	p->text = text.data;
	p->len = text.len;
	return 0;
}

static int open_template(void **ret, const struct hawk_format_wish *wish, char **ret_why)
{
	_cleanup_(close_templatep) struct template *t = NULL;
	struct cursor c = { wish->text, wish->text, ret_why };
	void *state;
	int r = hawk_text_new(&state, sizeof(*t));

	if (r < 0)
		return r;
	t = state;
	if (!*wish->text)
		return fail(&c, "it is empty; try template=%{time} %{event} %{process.exe}", "");
	while (*c.at && !r)
		r = strncmp(c.at, "%{", 2) == 0 ? parse_field(t, &c) : parse_text(t, &c);
	if (r)
		return r;
	*ret = TAKE_PTR(t);
	return 0;
}

static void put_event(void *state, const struct hawk_event *event, struct hawk_buf *out)
{
	struct template *template = state;
	struct hawk_text *t = &template->out;

	t->boot_offset = (int64_t)(event->walltime - event->time);
	for (size_t i = 0; i < template->n; i++) {
		const struct part *p = &template->part[i];
		struct hawk_value v;

		if (!p->is_field)
			hawk_buf_put(out, p->text, p->len);
		else if (hawk_field_get(&p->field, event, &v) == 0)
			hawk_text_value(t, hawk_field_type(&p->field, event->desc), &v, out);
		else
			hawk_buf_putc(out, '-');
	}
	hawk_buf_putc(out, '\n');
}

const struct hawk_format_ops hawk_format_template = {
	.open = open_template,
	.close = close_template,
	.event = put_event,
};
