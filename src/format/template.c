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

struct hawk_template {
	size_t n;
	struct part part[PARTS_MAX];
};

struct hawk_template *hawk_template_free(struct hawk_template *t)
{
	for (size_t i = 0; t && i < t->n; i++)
		free(t->part[i].text);
	free(t);
	return NULL;
}
DEFINE_CLEANUP(struct hawk_template, hawk_template_free)

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

static struct part *add(struct hawk_template *t)
{
	return t->n < PARTS_MAX ? &t->part[t->n++] : NULL;
}

static int parse_field(struct hawk_template *t, struct cursor *c)
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

static int parse_text(struct hawk_template *t, struct cursor *c)
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

int hawk_template_new(struct hawk_template **ret, const char *text, char **ret_why)
{
	_cleanup_(hawk_template_freep) struct hawk_template *t = calloc(1, sizeof(*t));
	struct cursor c = { text, text, ret_why };
	int r = 0;

	if (!t)
		return -ENOMEM;
	if (!*text)
		return fail(&c, "it is empty; try template=%{time} %{event} %{process.exe}", "");
	while (*c.at && !r)
		r = strncmp(c.at, "%{", 2) == 0 ? parse_field(t, &c) : parse_text(t, &c);
	if (r)
		return r;
	*ret = TAKE_PTR(t);
	return 0;
}

void hawk_template_event(struct hawk_text *t, const struct hawk_template *template,
			 const struct hawk_event *event, struct hawk_buf *out)
{
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
