/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/yaml/place.h"

#include <stdint.h>
#include <string.h>

/* A line of the file, without what ends it; in scalars that are no blocks without white space at its end. */
struct line {
	const char *at;
	size_t len, indent;
};

/* The line behind the one at P, which ends at END; false: there is none. */
static bool next_line(const char **p, const char *end, const char *ends, struct line *ret)
{
	const char *nl;

	if (*p >= end)
		return false;
	nl = memchr(*p, '\n', (size_t)(end - *p));
	ret->at = *p;
	ret->len = (size_t)((nl ? nl : end) - *p);
	*p = nl ? nl + 1 : end;
	while (ret->len && strchr(ends, ret->at[ret->len - 1]))
		ret->len--;
	ret->indent = 0;
	while (ret->indent < ret->len && strchr(" \t", ret->at[ret->indent]))
		ret->indent++;
	return true;
}

static bool is_blank(const struct line *l)
{
	return l->indent == l->len;
}

/* What is left of OFFSET behind this line: one byte stands for the end of it. */
static bool behind(size_t *offset, size_t bytes)
{
	if (*offset <= bytes)
		return false;
	*offset -= bytes + 1;
	return true;
}

/* In a block each line begins at the column of the first one. Folding takes one line end away where others follow. */
static struct hawk_yaml_place in_block(const char *p, const char *end, const struct hawk_yaml_node *node,
				       size_t offset)
{
	struct hawk_yaml_place place = { node->line, node->column };
	size_t indent = SIZE_MAX;
	struct line l;
	bool folded;

	if (!next_line(&p, end, "\r", &l))
		return place;
	folded = !memchr(l.at, '|', l.len);
	for (unsigned int line = node->line + 1; next_line(&p, end, "\r", &l); line++) {
		size_t bytes;

		if (indent == SIZE_MAX && !is_blank(&l))
			indent = l.indent;
		if (is_blank(&l)) {
			offset -= !folded && offset ? 1 : 0;
			continue;
		}
		if (l.indent < indent)
			break;
		bytes = l.len - indent;
		place = (struct hawk_yaml_place){ line, (unsigned int)indent + 1 };
		if (!behind(&offset, bytes)) {
			place.column += (unsigned int)offset;
			break;
		}
	}
	return place;
}

/* Other scalars: lines are folded, white space at their ends is not of the text. */
static struct hawk_yaml_place in_lines(const char *p, const char *end, const struct hawk_yaml_node *node,
				       size_t offset)
{
	struct hawk_yaml_place place = { node->line, node->column };
	struct line l;
	size_t skip = node->column - 1 + !node->plain;

	for (unsigned int line = node->line; next_line(&p, end, " \t\r", &l); line++) {
		if (line > node->line) {
			if (is_blank(&l))
				continue;
			skip = l.indent;
		}
		if (skip > l.len)
			break;
		place = (struct hawk_yaml_place){ line, (unsigned int)skip + 1 };
		if (!behind(&offset, l.len - skip)) {
			place.column += (unsigned int)offset;
			break;
		}
	}
	return place;
}

struct hawk_yaml_place hawk_yaml_place(const char *text, size_t len, const struct hawk_yaml_node *node,
				       size_t offset)
{
	struct hawk_yaml_place place = { node->line, node->column };
	const char *p = text, *end = text + len;

	if (!offset || node->shared || node->kind != HAWK_YAML_SCALAR)
		return place;
	for (unsigned int line = 1; p && line < node->line; line++) {
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	if (p && p < end)
		return node->block ? in_block(p, end, node, offset) : in_lines(p, end, node, offset);
	if (!node->block)
		place.column += (unsigned int)offset + !node->plain;
	return place;
}
