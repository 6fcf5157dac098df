/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines of enabled_functions: every text ends within its place. */
#include <stdlib.h>
#include <string.h>

#include "src/integrity/internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ENDS(text) (memchr((text), '\0', sizeof(text)) != NULL)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hawk_ftrace_hook h = { .count = 0 };
	const char *line = (const char *)data, *end = line + size;

	while (line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((stop ? stop : end) - line);
		int r = hawk_ftrace_parse(&h, line, len);

		if (r == 0 && !h.symbol[0])
			abort();
		if (r >= 0 && !(ENDS(h.symbol) && ENDS(h.trampoline) && ENDS(h.callback) && ENDS(h.owner) && ENDS(h.flags)))
			abort();
		line += len + 1;
	}
	return 0;
}
