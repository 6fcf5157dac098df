/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/format/format.h"

/* Input bytes handled with one check for room; a byte becomes at most six ("\udcff"). */
#define CHUNK 256
#define GROWTH 6
#define UTF8_LONGEST 4

#define EACH_BYTE(c) (0x0101010101010101ULL * (uint8_t)(c))

static const char hex[] = "0123456789abcdef";

static inline uint64_t zero_bytes(uint64_t w)
{
	return (w - EACH_BYTE(1)) & ~w & EACH_BYTE(0x80);
}

/* True when none of eight bytes needs a look: ASCII, no control character, no quote, no backslash. */
static inline bool plain(uint64_t w)
{
	uint64_t below_space = (w - EACH_BYTE(' ')) & ~w & EACH_BYTE(0x80);

	return !((w & EACH_BYTE(0x80)) | below_space | zero_bytes(w ^ EACH_BYTE('"')) |
		 zero_bytes(w ^ EACH_BYTE('\\')) | zero_bytes(w ^ EACH_BYTE(0x7f)));
}

static inline bool plain_byte(uint8_t c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

/*
 * Length of the valid UTF-8 sequence at P, of which N bytes are there, and its
 * character; 0 when it is not one (overlong forms and surrogates are not).
 */
static size_t utf8_decode(const uint8_t *p, size_t n, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t want = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t c = want == 1 ? p[0] : p[0] & (0x7fU >> want);

	/* 0x80 to 0xc1 begin nothing, nor does what is above 0xf4. */
	if ((want == 2 && p[0] < 0xc2) || p[0] > 0xf4 || want > n)
		return 0;
	for (size_t i = 1; i < want; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[want] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return want;
}

static bool control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Line separators and marks that reorder text: they let a name pretend to be another on a terminal. */
static bool deceiving(uint32_t c)
{
	return c == 0x2028 || c == 0x2029 || c == 0x061c || c == 0x200e || c == 0x200f || c == 0xfeff ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static char *put_u(char *to, uint32_t c)
{
	*to++ = '\\';
	*to++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*to++ = hex[c >> shift & 15];
	return to;
}

/* Writes the character at P in JSON to *TO; returns how many bytes of P it was. */
static size_t json_char(char **to, const uint8_t *p, size_t n)
{
	uint32_t c;
	size_t len;

	if (*p == '"' || *p == '\\') {
		*(*to)++ = '\\';
		*(*to)++ = (char)*p;
		return 1;
	}
	len = utf8_decode(p, n, &c);
	if (!len) {
		*to = put_u(*to, 0xdc00U | *p);
		return 1;
	}
	if (control(c) || deceiving(c)) {
		*to = put_u(*to, c);
		return len;
	}
	memcpy(*to, p, len);
	*to += len;
	return len;
}

void hawk_json_string(struct hawk_buf *out, const uint8_t *bytes, size_t len)
{
	hawk_buf_putc(out, '"');
	for (size_t i = 0; i < len;) {
		size_t end = len - i < CHUNK ? len : i + CHUNK;
		char *to = hawk_buf_room(out, (end - i + UTF8_LONGEST) * GROWTH);

		if (!to)
			return;
		while (i < end) {
			uint64_t w;

			if (end - i >= sizeof(w)) {
				memcpy(&w, bytes + i, sizeof(w));
				if (plain(w)) {
					memcpy(to, &w, sizeof(w));
					to += sizeof(w);
					i += sizeof(w);
					continue;
				}
			}
			if (plain_byte(bytes[i]))
				*to++ = (char)bytes[i++];
			else
				i += json_char(&to, bytes + i, len - i);
		}
		out->len = (size_t)(to - out->data);
	}
	hawk_buf_putc(out, '"');
}

/* Writes the character at P for people to *TO; returns how many bytes of P it was. */
static size_t text_char(char **to, const uint8_t *p, size_t n)
{
	uint32_t c;
	size_t len = utf8_decode(p, n, &c);

	if (len && !control(c) && !deceiving(c)) {
		if (c == '\\')
			*(*to)++ = '\\';
		memcpy(*to, p, len);
		*to += len;
		return len;
	}
	len = len ? len : 1;
	for (size_t i = 0; i < len; i++) {
		memcpy(*to, "\\x", 2);
		(*to)[2] = hex[p[i] >> 4];
		(*to)[3] = hex[p[i] & 15];
		*to += 4;
	}
	return len;
}

void hawk_text_escape(struct hawk_buf *out, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t end = len - i < CHUNK ? len : i + CHUNK;
		char *to = hawk_buf_room(out, (end - i + UTF8_LONGEST) * GROWTH);

		if (!to)
			return;
		while (i < end) {
			if (plain_byte(bytes[i]))
				*to++ = (char)bytes[i++];
			else
				i += text_char(&to, bytes + i, len - i);
		}
		out->len = (size_t)(to - out->data);
	}
}

size_t hawk_text_hidden(const uint8_t *p, size_t n, uint32_t *ret)
{
	uint32_t c;
	size_t len = utf8_decode(p, n, &c);

	if (!len || (!control(c) && !deceiving(c)))
		return 0;
	*ret = c;
	return len;
}
