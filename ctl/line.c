/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/line.h"

#include <string.h>

static const char begin[] = "{\"parameters\":{\"line\":\"";
static const char end[] = "\"},\"continues\":true}";

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The ASCII character of \uXXXX, or -1: any other is left to the parser. */
static int unicode_escape(const char *p, size_t len)
{
	int v = 0;

	if (len < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return -1;
		v = v * 16 + digit;
	}
	return v > 0 && v < 0x80 ? v : -1;
}

/* Reads the escape after a backslash; returns its length, 0 when it is for the parser. */
static size_t escape(const char *p, size_t len, char *ret)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name;
	int v;

	if (!len)
		return 0;
	name = memchr(names, *p, sizeof(names) - 1);
	if (name) {
		*ret = values[name - names];
		return 1;
	}
	v = *p == 'u' ? unicode_escape(p + 1, len - 1) : -1;
	*ret = (char)v;
	return v < 0 ? 0 : 5;
}

bool hawk_line_take(struct hawk_buf *out, const char *text, size_t len)
{
	size_t at = sizeof(begin) - 1, stop;
	char *to;

	if (len < sizeof(begin) + sizeof(end) - 2 || memcmp(text, begin, at))
		return false;
	stop = len - (sizeof(end) - 1);
	if (memcmp(text + stop, end, sizeof(end) - 1))
		return false;
	hawk_buf_reset(out);
	/* A string never gets longer by taking escapes away; one more, so that there is room for none. */
	to = hawk_buf_room(out, stop - at + 1);
	if (!to)
		return false;
	while (at < stop) {
		unsigned char c = text[at++];
		size_t n;

		if (c == '"' || c < 0x20 || c >= 0x80)
			return false;
		*to = (char)c;
		if (c == '\\') {
			n = escape(text + at, stop - at, to);
			if (!n)
				return false;
			at += n;
		}
		to++;
	}
	out->len = (size_t)(to - out->data);
	return true;
}
