/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words, literals and signs. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/cel/node.h"

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void skip_space(struct hawk_cel_compiler *c)
{
	const char *text = c->cel->text;

	for (;;) {
		c->at += strspn(text + c->at, " \t\r\n\f");
		if (strncmp(text + c->at, "//", 2) != 0)
			return;
		c->at += strcspn(text + c->at, "\n");
	}
}

/* N hexadecimal (BASE 16) or octal digits. */
static int digits(struct hawk_cel_compiler *c, size_t n, int base, uint32_t *ret)
{
	char copy[9], *end;

	snprintf(copy, sizeof(copy), "%.*s", (int)n, c->cel->text + c->at);
	*ret = (uint32_t)strtoul(copy, &end, base);
	if (strlen(copy) != n || *end || !isxdigit((unsigned char)copy[0]))
		return hawk_cel_refuse(c, c->at, "expected %zu %s digits", n, base == 16 ? "hexadecimal" : "octal");
	c->at += n;
	return 0;
}

/* A code point in UTF-8. */
static void put_rune(struct hawk_buf *out, uint32_t u)
{
	if (u < 0x80) {
		hawk_buf_putc(out, (char)u);
		return;
	}
	if (u < 0x800) {
		hawk_buf_putc(out, (char)(0xc0 | u >> 6));
	} else {
		if (u < 0x10000) {
			hawk_buf_putc(out, (char)(0xe0 | u >> 12));
		} else {
			hawk_buf_putc(out, (char)(0xf0 | u >> 18));
			hawk_buf_putc(out, (char)(0x80 | (u >> 12 & 0x3f)));
		}
		hawk_buf_putc(out, (char)(0x80 | (u >> 6 & 0x3f)));
	}
	hawk_buf_putc(out, (char)(0x80 | (u & 0x3f)));
}

/* What stands behind a backslash. In bytes a number is a byte, in text a code point. */
static int escape(struct hawk_cel_compiler *c, bool bytes, struct hawk_buf *out)
{
	static const char from[] = "abfnrtv\\'\"`?", to[] = "\a\b\f\n\r\t\v\\'\"`?";
	char e = c->cel->text[c->at];
	const char *found = e ? strchr(from, e) : NULL;
	uint32_t u;
	int r;

	if (found) {
		hawk_buf_putc(out, to[found - from]);
		c->at++;
		return 0;
	}
	if (e >= '0' && e <= '3') {
		r = digits(c, 3, 8, &u);
	} else if (e == 'x' || e == 'X' || (!bytes && (e == 'u' || e == 'U'))) {
		c->at++;
		r = digits(c, e == 'u' ? 4 : e == 'U' ? 8 : 2, 16, &u);
	} else {
		return hawk_cel_refuse(c, c->at, "expected an escape such as \\n \\\\ \\\" \\x41 or \\u00e9; "
						 "in r\"…\" a backslash is itself");
	}
	if (r == 0 && (u > 0x10ffff || (u & 0xfffff800) == 0xd800))
		return hawk_cel_refuse(c, c->at, "expected a code point of Unicode");
	if (r < 0)
		return r;
	if (bytes)
		hawk_buf_putc(out, (char)u);
	else
		put_rune(out, u);
	return 0;
}

/* Text in quotes, the first of which is at c->at. */
static int quoted(struct hawk_cel_compiler *c, bool raw, bool bytes)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	const char *text = c->cel->text;
	size_t start = c->at, n = 1;
	char quote[4] = { text[start] }, *copy;
	int r = 0;

	if (text[start + 1] == quote[0] && text[start + 2] == quote[0]) {
		memset(quote, quote[0], 3);
		n = 3;
	}
	c->at += n;
	while (r == 0 && strncmp(text + c->at, quote, n) != 0) {
		char one = text[c->at];

		if (c->at >= c->cel->len || (one == '\n' && n == 1))
			return hawk_cel_refuse(c, start, "the text has no end: expected %s", quote);
		c->at++;
		if (one == '\\' && !raw)
			r = escape(c, bytes, &out);
		else
			hawk_buf_putc(&out, one);
	}
	if (r < 0)
		return r;
	c->at += n;
	copy = out.error ? NULL : hawk_cel_own_text(c->cel, out.data, out.len);
	if (!copy)
		return -ENOMEM;
	c->token.value = (struct hawk_cel_value){ .type = HAWK_CEL_STRING, .named = HAWK_T_MAX,
						  .len = (uint32_t)out.len, .bytes = (uint8_t *)copy };
	return 0;
}

/* True at the beginning of text; *ret_head: letters before its quote. */
static bool at_quote(const char *p, size_t *ret_head, bool *ret_raw, bool *ret_bytes)
{
	size_t i = 0;

	*ret_raw = *ret_bytes = false;
	for (; i < 2 && p[i] && strchr("rRbB", p[i]); i++) {
		bool raw = p[i] == 'r' || p[i] == 'R', *which = raw ? ret_raw : ret_bytes;

		if (*which)
			return false;
		*which = true;
	}
	*ret_head = i;
	return p[i] == '"' || p[i] == '\'';
}

static int number(struct hawk_cel_compiler *c)
{
	const char *p = c->cel->text + c->at;
	struct hawk_cel_value *v = &c->token.value;
	bool hex = p[0] == '0' && (p[1] == 'x' || p[1] == 'X');
	size_t n = strspn(p, "0123456789");
	char *end;

	*v = (struct hawk_cel_value){ .named = HAWK_T_MAX };
	errno = 0;
	if (!hex && ((p[n] == '.' && isdigit((unsigned char)p[n + 1])) || p[n] == 'e' || p[n] == 'E')) {
		v->type = HAWK_CEL_DOUBLE;
		v->d = strtod(p, &end);
	} else {
		v->u = strtoull(p, &end, hex ? 16 : 10);
		v->type = *end == 'u' || *end == 'U' ? HAWK_CEL_UINT : HAWK_CEL_INT;
		end += v->type == HAWK_CEL_UINT;
		/* one more is left for the minus in front of the least of them */
		if (v->type == HAWK_CEL_INT && v->u > 1ULL << 63)
			errno = ERANGE;
	}
	if (errno)
		return hawk_cel_refuse(c, c->at, "the number is too large; one above 9223372036854775807 ends in u");
	if (is_word(*end))
		return hawk_cel_refuse(c, c->at, "expected a number; durations are written duration(\"5s\")");
	c->at += (size_t)(end - p);
	return 0;
}

static int sign(struct hawk_cel_compiler *c)
{
	static const char *const pairs[] = { "<=", ">=", "==", "!=", "&&", "||" };
	const char *p = c->cel->text + c->at;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (strncmp(p, pairs[i], 2) == 0) {
			c->token.sign = (unsigned int)p[0] | (unsigned int)p[1] << 8;
			c->at += 2;
			return 0;
		}
	if (*p == '=')
		return hawk_cel_refuse(c, c->at, "expected ==");
	if (*p == '&' || *p == '|')
		return hawk_cel_refuse(c, c->at, "expected && or ||; flags are looked at with .has(\"O_CREAT\") and .any(…)");
	if (*p == '{')
		return hawk_cel_refuse(c, c->at, "maps and messages are no part of this language");
	if (!strchr("+-*/%<>!?:.,()[]", *p))
		return hawk_cel_refuse(c, c->at, "unexpected character");
	c->token.sign = (unsigned char)*p;
	c->at++;
	return 0;
}

int hawk_cel_lex(struct hawk_cel_compiler *c)
{
	size_t head;
	bool raw, bytes;
	const char *p;
	int r = 0;

	skip_space(c);
	p = c->cel->text + c->at;
	c->token = (struct hawk_cel_token){ .at = c->at };
	if (c->at >= c->cel->len)
		return 0;
	if (at_quote(p, &head, &raw, &bytes)) {
		c->at += head;
		c->token.kind = HAWK_CEL_LITERAL;
		r = quoted(c, raw, bytes);
	} else if (isdigit((unsigned char)*p)) {
		c->token.kind = HAWK_CEL_LITERAL;
		r = number(c);
	} else if (is_word(*p)) {
		c->token.kind = HAWK_CEL_WORD;
		while (is_word(c->cel->text[c->at]))
			c->at++;
	} else {
		c->token.kind = HAWK_CEL_SIGN;
		r = sign(c);
	}
	c->token.len = c->at - c->token.at;
	return r;
}
