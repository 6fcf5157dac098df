/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/format/json_check.h"

#include <stdint.h>

#define DEPTH_MAX 32

struct reader {
	const char *at, *end;
	struct hawk_buf *string; /* where the bytes of strings go; NULL: nowhere */
};

static bool take(struct reader *r, char c)
{
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static void put(struct reader *r, uint32_t c)
{
	char b[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (!r->string)
		return;
	b[0] = (char)(n == 1 ? c : (0xf00U >> n & 0xf0) | c >> 6 * (n - 1));
	for (size_t i = 1; i < n; i++)
		b[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
	hawk_buf_put(r->string, b, n);
}

static bool hex4(struct reader *r, uint32_t *ret)
{
	*ret = 0;
	for (int i = 0; i < 4; i++) {
		char c = r->at < r->end ? *r->at++ : 0;

		if (c >= '0' && c <= '9')
			*ret = *ret << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*ret = *ret << 4 | (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	return true;
}

static bool read_escape(struct reader *r)
{
	uint32_t c;

	if (take(r, '"') || take(r, '\\')) {
		put(r, (uint8_t)r->at[-1]);
		return true;
	}
	if (!take(r, 'u') || !hex4(r, &c))
		return false;
	if (c >= 0xdc80 && c <= 0xdcff) {
		if (r->string)
			hawk_buf_putc(r->string, (char)(c & 0xff));
		return true;
	}
	put(r, c);
	return c < 0xd800 || c > 0xdfff;
}

/* One character that is not ASCII. The bounds of the second byte are those of RFC 3629, section 4. */
static bool read_utf8(struct reader *r)
{
	const uint8_t *p = (const uint8_t *)r->at;
	size_t left = (size_t)(r->end - r->at), n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint8_t low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
	uint8_t high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;

	if (p[0] < 0xc2 || p[0] > 0xf4 || left < n || p[1] < low || p[1] > high)
		return false;
	/* C1 control characters must have been escaped. */
	if (p[0] == 0xc2 && p[1] < 0xa0)
		return false;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return false;
	if (r->string)
		hawk_buf_put(r->string, p, n);
	r->at += n;
	return true;
}

static bool read_string(struct reader *r)
{
	if (!take(r, '"'))
		return false;
	while (r->at < r->end) {
		uint8_t c = (uint8_t)*r->at;

		if (take(r, '"'))
			return true;
		if (take(r, '\\')) {
			if (!read_escape(r))
				return false;
		} else if (c >= 0x80) {
			if (!read_utf8(r))
				return false;
		} else if (c < ' ' || c == 0x7f) {
			return false;
		} else {
			put(r, c);
			r->at++;
		}
	}
	return false;
}

static bool read_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
		return false;
	r->at += n;
	return true;
}

/* Takes digits; returns how many there were. */
static size_t read_digits(struct reader *r)
{
	const char *from = r->at;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
		r->at++;
	return (size_t)(r->at - from);
}

/* The formats write no exponents. */
static bool read_number(struct reader *r)
{
	const char *from;
	size_t n;

	take(r, '-');
	from = r->at;
	n = read_digits(r);
	if (!n || (*from == '0' && n > 1))
		return false;
	return !take(r, '.') || read_digits(r) > 0;
}

static bool read_value(struct reader *r, int depth);

static bool read_members(struct reader *r, char close, int depth)
{
	if (take(r, close))
		return true;
	do {
		if (close == '}' && (!read_string(r) || !take(r, ':')))
			return false;
		if (!read_value(r, depth))
			return false;
	} while (take(r, ','));
	return take(r, close);
}

static bool read_value(struct reader *r, int depth)
{
	if (depth == DEPTH_MAX || r->at == r->end)
		return false;
	if (take(r, '{'))
		return read_members(r, '}', depth + 1);
	if (take(r, '['))
		return read_members(r, ']', depth + 1);
	if (*r->at == '"')
		return read_string(r);
	return read_word(r, "true") || read_word(r, "false") || read_word(r, "null") || read_number(r);
}

bool json_check(const char *text, size_t len)
{
	struct reader r = { text, text + len, NULL };

	if (!read_value(&r, 0))
		return false;
	take(&r, '\n');
	return r.at == r.end;
}

bool json_unescape(const char *text, size_t len, struct hawk_buf *out)
{
	struct reader r = { text, text + len, out };

	return read_string(&r) && r.at == r.end;
}
