/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/base64.h"

#include <errno.h>
#include <stdint.h>

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int hawk_base64_decode(struct hawk_buf *out, const char *text, size_t len)
{
	size_t start = out->len, pad = 0;

	if (len % 4)
		return -EINVAL;
	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < len; i += 4) {
		size_t digits = i + 4 == len ? 4 - pad : 4;
		uint32_t word = 0;

		for (size_t j = 0; j < 4; j++) {
			int d = j < digits ? digit(text[i + j]) : 0;

			if (d < 0) {
				out->len = start;
				return -EINVAL;
			}
			word = word << 6 | (uint32_t)d;
		}
		for (size_t j = 0; j + 1 < digits; j++)
			hawk_buf_putc(out, (char)(word >> (16 - 8 * j)));
	}
	return out->error;
}
