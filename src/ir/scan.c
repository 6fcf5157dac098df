/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One value of the text form: quotes, escapes and patterns. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/ir/value.h"

/* The value is read as a glob, which it may turn out not to be. */
struct scan {
	const char *text;
	size_t at;
	bool plain;
	struct hawk_buf *out;
	size_t wild;     /* stars, question marks and sets */
	bool after_star; /* the last thing in OUT is a star */
	struct hawk_ir_fault *fault;
};

static int refuse(struct scan *s, size_t at, const char *message)
{
	s->fault->at = at;
	return hawk_ir_refuse(s->fault, "%s", message);
}

static void put_literal(struct scan *s, char c)
{
	if (c && strchr("*?[\\", c))
		hawk_buf_putc(s->out, '\\');
	hawk_buf_putc(s->out, c);
	s->after_star = false;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* The character behind a backslash in double quotes. */
static int scan_escape(struct scan *s)
{
	const char *text = s->text + s->at;
	int high, low;

	if (*text == '"' || *text == '\\') {
		put_literal(s, *text);
		s->at++;
	} else if (*text == 'n' || *text == 't') {
		put_literal(s, *text == 'n' ? '\n' : '\t');
		s->at++;
	} else if (*text == 'x' && (high = hex_digit(text[1])) >= 0 && (low = hex_digit(text[2])) >= 0) {
		put_literal(s, (char)(high << 4 | low));
		s->at += 3;
	} else {
		return refuse(s, s->at, "expected one of \\\" \\\\ \\n \\t \\xNN");
	}
	return 0;
}

static int scan_quoted(struct scan *s)
{
	size_t start = s->at;
	char quote = s->text[s->at++];

	for (;;) {
		char c = s->text[s->at];
		int r = 0;

		if (!c)
			return refuse(s, start, quote == '"' ? "the quoted value has no end: expected \"" :
							       "the quoted value has no end: expected '");
		s->at++;
		if (c == quote)
			return 0;
		if (c == '\\' && quote == '"')
			r = scan_escape(s);
		else
			put_literal(s, c);
		if (r < 0)
			return r;
	}
}

size_t hawk_ir_glob_set(const char *text, size_t len)
{
	size_t i = 1;

	if (i < len && (text[i] == '!' || text[i] == '^'))
		i++;
	if (i < len)
		i++; /* a ] in the first place is one of the set */
	while (i < len && text[i] != ']')
		i++;
	return i < len ? i + 1 : 0;
}

/* "[a-z]", as it stands. */
static int scan_set(struct scan *s)
{
	const char *text = s->text + s->at;
	size_t len = hawk_ir_glob_set(text, strcspn(text, "\n"));

	if (!len)
		return refuse(s, s->at, "the set has no end: expected ]; quote a [ that is meant");
	for (size_t i = 1; i + 1 < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return refuse(s, s->at + i, "expected ASCII characters between [ and ]");
	for (size_t i = text[1] == '!' || text[1] == '^' ? 2 : 1; i + 3 < len; i++) {
		if (text[i + 1] != '-')
			continue;
		if (text[i] > text[i + 2])
			return refuse(s, s->at + i, "the range of characters is empty: the first is behind the last");
		i += 2;
	}
	hawk_buf_put(s->out, text, len);
	s->at += len;
	s->wild++;
	s->after_star = false;
	return 0;
}

/* * ? or [ outside of quotes. */
static int scan_wild(struct scan *s, char c)
{
	if (c == '[')
		return scan_set(s);
	s->at++;
	if (c == '*' && s->after_star)
		return 0;
	hawk_buf_putc(s->out, c);
	s->wild++;
	s->after_star = c == '*';
	return 0;
}

/* Without stars at its ends, and with one byte for each that means itself. */
static void strip(struct hawk_buf *out, bool front, bool back)
{
	size_t to = 0;

	for (size_t i = front; i < out->len - back; i++) {
		if (out->data[i] == '\\')
			i++;
		out->data[to++] = out->data[i];
	}
	out->len = to;
}

/* Most globs are something simpler. */
static enum hawk_ir_pattern classify(const struct scan *s)
{
	bool front = s->wild && s->out->data[0] == '*', back = s->after_star;

	if (s->wild == 1 && s->out->len == 1 && front) {
		s->out->len = 0;
		return HAWK_IR_ANY;
	}
	if (s->wild > (size_t)front + back)
		return HAWK_IR_GLOB;
	strip(s->out, front, back);
	if (front)
		return back ? HAWK_IR_CONTAINS : HAWK_IR_SUFFIX;
	return back ? HAWK_IR_PREFIX : HAWK_IR_EXACT;
}

int hawk_ir_scan(const char *text, size_t *at, bool plain, struct hawk_buf *out, enum hawk_ir_pattern *ret,
		 struct hawk_ir_fault *fault)
{
	struct scan s = { .text = text, .at = *at, .plain = plain, .out = out, .fault = fault };

	for (char c; (c = text[s.at]) && !strchr(" \t\n\r,()|", c);) {
		int r = 0;

		if (c == '"' || c == '\'') {
			r = scan_quoted(&s);
		} else if (!plain && strchr("*?[", c)) {
			r = scan_wild(&s, c);
		} else {
			put_literal(&s, c);
			s.at++;
		}
		if (r < 0)
			return r;
	}
	if (s.at == *at)
		return refuse(&s, s.at, "expected a value; \"\" is the empty one");
	*at = s.at;
	*ret = out->error ? HAWK_IR_EXACT : classify(&s);
	return 0;
}
