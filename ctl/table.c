/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/table.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ctl/text.h"
#include "src/base/buf.h"
#include "src/base/cleanup.h"

struct cell {
	char *text;
	size_t width;
	enum hawk_style style;
};

struct hawk_table {
	size_t columns;
	bool right[HAWK_TABLE_COLUMNS];
	struct cell *cells; /* row by row, the head first */
	size_t n, cap;
	bool failed;
};

struct hawk_table *hawk_table_free(struct hawk_table *t)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t);
	return NULL;
}

struct hawk_table *hawk_table_new(const char *heads)
{
	struct hawk_table *t = calloc(1, sizeof(*t));
	const char *next;

	if (!t)
		return NULL;
	for (const char *p = heads; p; p = next ? next + 1 : NULL) {
		next = strchr(p, ',');
		if (t->columns == HAWK_TABLE_COLUMNS)
			return hawk_table_free(t);
		t->right[t->columns++] = *p == '>';
		p += *p == '>';
		hawk_table_put_len(t, p, next ? (size_t)(next - p) : strlen(p));
		hawk_table_style(t, HAWK_BOLD);
	}
	return t->failed ? hawk_table_free(t) : t;
}

/* Decodes the character at P; the step is at least one byte, so that broken text ends too. */
static size_t char_width(const char *p, size_t *ret_bytes)
{
	mbstate_t state = { 0 };
	wchar_t c;
	size_t n = mbrtowc(&c, p, strlen(p), &state);
	int width;

	if (n == 0 || n > MB_LEN_MAX) {
		*ret_bytes = 1;
		return 1;
	}
	*ret_bytes = n;
	width = wcwidth(c);
	return width < 0 ? 1 : (size_t)width;
}

size_t hawk_text_width(const char *text)
{
	size_t width = 0, step;

	for (; *text; text += step)
		width += char_width(text, &step);
	return width;
}

void hawk_table_put_len(struct hawk_table *t, const char *text, size_t len)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	struct cell *cell;

	if (!text || !len) {
		text = "-";
		len = 1;
	}
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		struct cell *cells = reallocarray(t->cells, cap, sizeof(*cells));

		if (!cells) {
			t->failed = true;
			return;
		}
		t->cells = cells;
		t->cap = cap;
	}
	hawk_text_safe(&out, text, len);
	if (!hawk_buf_str(&out)) {
		t->failed = true;
		return;
	}
	cell = &t->cells[t->n++];
	*cell = (struct cell){ .width = hawk_text_width(out.data) };
	cell->text = TAKE_PTR(out.data);
}

void hawk_table_put(struct hawk_table *t, const char *text)
{
	hawk_table_put_len(t, text, text ? strlen(text) : 0);
}

void hawk_table_put_u64(struct hawk_table *t, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	hawk_table_put(t, text);
}

void hawk_table_style(struct hawk_table *t, enum hawk_style style)
{
	if (t->n)
		t->cells[t->n - 1].style = style;
}

/* Writes as much of TEXT as fits in WIDTH columns, an ellipsis at the cut. */
static void print_cut(FILE *to, const char *text, size_t width)
{
	size_t used = 0, step;

	for (const char *p = text; *p; p += step) {
		size_t w = char_width(p, &step);

		if (used + w + 1 > width && hawk_text_width(p) > width - used) {
			fputs("…", to);
			return;
		}
		fwrite(p, 1, step, to);
		used += w;
	}
}

static void print_cell(const struct cell *cell, FILE *to, size_t width)
{
	if (cell->style)
		fputs(hawk_term_style(cell->style), to);
	if (width && cell->width > width)
		print_cut(to, cell->text, width);
	else
		fputs(cell->text, to);
	if (cell->style)
		fputs(hawk_term_style(HAWK_PLAIN), to);
}

static void print_row(const struct hawk_table *t, const struct cell *row, const size_t *widths, FILE *to,
		      size_t width)
{
	size_t used = 0;

	for (size_t i = 0; i < t->columns; i++) {
		bool last = i + 1 == t->columns;
		int pad = (int)(widths[i] - row[i].width);

		if (t->right[i])
			fprintf(to, "%*s", pad, "");
		/* A cut to less than ten columns would hide more than it tidies. */
		print_cell(&row[i], to, last && width > used + 10 ? width - used : 0);
		if (!last)
			fprintf(to, "%*s", (t->right[i] ? 0 : pad) + 2, "");
		used += widths[i] + 2;
	}
	putc('\n', to);
}

int hawk_table_print(struct hawk_table *t, FILE *to, size_t width)
{
	size_t widths[HAWK_TABLE_COLUMNS] = { 0 };

	for (size_t i = 0; i < t->n; i++)
		if (t->cells[i].width > widths[i % t->columns])
			widths[i % t->columns] = t->cells[i].width;
	for (size_t i = 0; i + t->columns <= t->n; i += t->columns)
		print_row(t, &t->cells[i], widths, to, width);
	return t->failed ? -ENOMEM : 0;
}
