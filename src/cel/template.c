/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text with expressions in braces. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/cel/cel.h"

#define PIECES_MAX 128

/* Text, and the expression behind it; NULL: none. */
struct piece {
	char *text;
	size_t len;
	struct hawk_cel *cel;
};

struct hawk_cel_template {
	struct piece *pieces;
	size_t n;
};

struct reader {
	const char *text;
	size_t len, at;
	const struct hawk_cel_scope *scope;
	struct hawk_cel_error *error;
	struct hawk_cel_template *t;
};

DEFINE_CLEANUP(struct hawk_cel_template, hawk_cel_template_free)

struct hawk_cel_template *hawk_cel_template_free(struct hawk_cel_template *t)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < t->n; i++) {
		free(t->pieces[i].text);
		hawk_cel_free(t->pieces[i].cel);
	}
	free(t->pieces);
	free(t);
	return NULL;
}

/* The place of AT, from 1. */
static void place(const struct reader *r, size_t at, unsigned int *ret_line, unsigned int *ret_column)
{
	*ret_line = *ret_column = 1;
	for (size_t i = 0; i < at; i++) {
		++*ret_column;
		if (r->text[i] == '\n') {
			++*ret_line;
			*ret_column = 1;
		}
	}
}

static int refuse(struct reader *r, size_t at, const char *message)
{
	place(r, at, &r->error->line, &r->error->column);
	snprintf(r->error->message, sizeof(r->error->message), "%s", message);
	return -EINVAL;
}

/* Where the expression that begins at START ends: at its }, which is not one in quotes. */
static size_t find_end(const struct reader *r, size_t start)
{
	char quote = 0;

	for (size_t i = start; i < r->len; i++) {
		char c = r->text[i];

		if (quote && c == '\\')
			i++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '}')
			return i;
	}
	return r->len;
}

static int read_expression(struct reader *r, struct piece *p)
{
	size_t start = r->at + 1, end = find_end(r, start);
	unsigned int line, column;
	int code;

	if (end == r->len)
		return refuse(r, r->at, "the { has no end: expected }; a brace that is meant is written {{");
	code = hawk_cel_compile(&p->cel, r->text + start, end - start, r->scope, r->error);
	if (code == -EINVAL) {
		place(r, start, &line, &column);
		if (r->error->line == 1)
			r->error->column += column - 1;
		r->error->line += line - 1;
	}
	r->at = end + 1;
	return code;
}

/* Text up to the next expression, and that. */
static int read_piece(struct reader *r)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_cel_template *t = r->t;
	struct piece *pieces = realloc(t->pieces, (t->n + 1) * sizeof(*pieces)), *p;

	if (!pieces)
		return -ENOMEM;
	t->pieces = pieces;
	p = &pieces[t->n++];
	*p = (struct piece){ .text = NULL };
	for (; r->at < r->len; r->at++) {
		char c = r->text[r->at];
		bool twice = r->at + 1 < r->len && r->text[r->at + 1] == c;

		if (c == '{' && !twice)
			break;
		if (c == '}' && !twice)
			return refuse(r, r->at, "there is no { before this }; one that is meant is written }}");
		r->at += c == '{' || c == '}';
		hawk_buf_putc(&text, c);
	}
	if (text.error)
		return -ENOMEM;
	p->len = text.len;
	p->text = TAKE_PTR(text.data);
	return r->at < r->len ? read_expression(r, p) : 0;
}

int hawk_cel_template_compile(struct hawk_cel_template **ret, const char *text, size_t len,
			      const struct hawk_cel_scope *scope, struct hawk_cel_error *error)
{
	_cleanup_(hawk_cel_template_freep) struct hawk_cel_template *t = calloc(1, sizeof(*t));
	struct reader r = { .text = text, .len = len, .scope = scope, .error = error, .t = t };
	int code = 0;

	if (!t)
		return -ENOMEM;
	if (len > HAWK_CEL_TEXT_MAX)
		return refuse(&r, 0, "the text is too long");
	while (code == 0 && r.at < len)
		code = t->n < PIECES_MAX ? read_piece(&r) : refuse(&r, r.at, "too many expressions in one text");
	if (code < 0)
		return code;
	*ret = TAKE_PTR(t);
	return 0;
}

void hawk_cel_template_print(const struct hawk_cel_template *t, const struct hawk_cel_input *in, struct hawk_buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const size_t used = in->arena ? in->arena->used : 0;
		struct hawk_cel_value v;

		hawk_buf_put(out, t->pieces[i].text, t->pieces[i].len);
		if (!t->pieces[i].cel)
			continue;
		hawk_cel_eval(t->pieces[i].cel, in, &v);
		hawk_cel_print_value(&v, out);
		if (in->arena)
			in->arena->used = used;
	}
}
