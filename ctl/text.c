/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"

/* The byte that the character at P stands for (U+EF80 to U+EFFF), or -1. */
static int wire_byte(const char *p, size_t len)
{
	const unsigned char *c = (const unsigned char *)p;

	if (len < 3 || c[0] != 0xee || (c[1] != 0xbe && c[1] != 0xbf) || (c[2] & 0xc0) != 0x80)
		return -1;
	return 0x80 + (c[1] - 0xbe) * 0x40 + (c[2] & 0x3f);
}

void hawk_text_safe(struct hawk_buf *out, const char *text, size_t len)
{
	_cleanup_(hawk_buf_done) struct hawk_buf raw = { .max = 64 * 1024 * 1024 };

	for (size_t i = 0; i < len; i++) {
		int byte = wire_byte(text + i, len - i);

		hawk_buf_putc(&raw, byte < 0 ? text[i] : (char)byte);
		i += byte < 0 ? 0 : 2;
	}
	if (!raw.error)
		hawk_text_escape(out, (const uint8_t *)raw.data, raw.len);
	else if (!out->error)
		out->error = raw.error;
}

void hawk_text_write(FILE *to, const char *text, size_t len)
{
	_cleanup_(hawk_buf_done) struct hawk_buf line = { .max = 64 * 1024 * 1024 };

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		hawk_buf_reset(&line);
		if (n)
			hawk_text_safe(&line, text, n);
		hawk_buf_putc(&line, '\n');
		if (!line.error)
			fwrite(line.data, 1, line.len, to);
		text += n + !!end;
		len -= n + !!end;
	}
}

/* Length of a colour sequence (ESC [ digits ; m) at P, or 0. */
static size_t colour_length(const char *p, size_t len)
{
	size_t i = 2;

	if (len < 3 || p[0] != '\033' || p[1] != '[')
		return 0;
	while (i < len && (isdigit((unsigned char)p[i]) || p[i] == ';'))
		i++;
	return i < len && p[i] == 'm' ? i + 1 : 0;
}

static bool is_control(const char *p, size_t len)
{
	const unsigned char *c = (const unsigned char *)p;

	return c[0] < 0x20 || c[0] == 0x7f || (c[0] == 0xc2 && len > 1 && c[1] < 0xa0);
}

void hawk_text_write_line(FILE *to, const char *text, size_t len, bool terminal)
{
	if (len && text[len - 1] == '\n')
		len--;
	if (!terminal) {
		fwrite(text, 1, len, to);
		putc('\n', to);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		size_t colour = colour_length(text + i, len - i);

		if (colour) {
			fwrite(text + i, 1, colour, to);
			i += colour - 1;
		} else if (text[i] != '\t' && text[i] != '\n' && is_control(text + i, len - i)) {
			fprintf(to, "\\x%02x", (unsigned char)text[i]);
			/* The second byte of a two-byte control character is no text of its own. */
			if ((unsigned char)text[i] == 0xc2)
				fprintf(to, "\\x%02x", (unsigned char)text[++i]);
		} else {
			putc(text[i], to);
		}
	}
	putc('\n', to);
}

int hawk_text_write_json(FILE *to, const json_t *json, bool pretty)
{
	_cleanup_free_ char *text =
		json_dumps(json, JSON_ENCODE_ANY | (pretty ? JSON_INDENT(2) : JSON_COMPACT));
	size_t len;

	if (!text)
		return -ENOMEM;
	len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		int byte = wire_byte(text + i, len - i);
		uint32_t c;
		/* Line feeds are between the values; those within are escaped. */
		size_t hidden = text[i] == '\n' ? 0 : hawk_text_hidden((uint8_t *)text + i, len - i, &c);

		if (byte >= 0)
			fprintf(to, "\\udc%02x", (unsigned int)byte);
		else if (hidden)
			fprintf(to, "\\u%04x", (unsigned int)c);
		else
			putc(text[i], to);
		i += byte >= 0 ? 2 : hidden ? hidden - 1 : 0;
	}
	putc('\n', to);
	return 0;
}

void hawk_text_duration(struct hawk_buf *out, uint64_t ms)
{
	uint64_t s = ms / 1000;

	if (s >= 2 * 86400)
		hawk_buf_printf(out, "%llu days %llu h", (unsigned long long)(s / 86400),
				(unsigned long long)(s % 86400 / 3600));
	else if (s >= 3600)
		hawk_buf_printf(out, "%llu h %llu min", (unsigned long long)(s / 3600),
				(unsigned long long)(s % 3600 / 60));
	else if (s >= 60)
		hawk_buf_printf(out, "%llu min %llu s", (unsigned long long)(s / 60),
				(unsigned long long)(s % 60));
	else if (s >= 1)
		hawk_buf_printf(out, "%llu s", (unsigned long long)s);
	else
		hawk_buf_printf(out, "%llu ms", (unsigned long long)ms);
}

void hawk_text_bytes(struct hawk_buf *out, uint64_t n)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double v = (double)n;
	size_t i = 0;

	for (; v >= 1024 && i + 1 < ARRAY_SIZE(units); i++)
		v /= 1024;
	hawk_buf_printf(out, i ? "%.1f %s" : "%.0f %s", v, units[i]);
}
