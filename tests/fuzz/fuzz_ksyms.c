/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of /proc/kallsyms: what is taken is whole and printable. */
#include <stdlib.h>
#include <string.h>

#include "src/integrity/ksyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *line, size_t len, const char *text, size_t n)
{
	if (text < line || text + n > line + len || !n)
		abort();
	for (size_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data, *end = line + size;

	while (line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((stop ? stop : end) - line);
		struct hawk_ksym_line s;

		if (hawk_ksym_parse(&s, line, len) == 0) {
			check(line, len, s.name, s.name_len);
			if (s.owner_len)
				check(line, len, s.owner, s.owner_len);
		}
		line += len + 1;
	}
	return 0;
}
