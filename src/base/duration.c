/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/duration.h"

#include <errno.h>
#include <string.h>

#include "src/base/cleanup.h"

int hawk_duration_parse(const char *text, size_t len, uint64_t *ret_ns)
{
	static const struct {
		const char *suffix;
		uint64_t ns;
	} units[] = {
		{ "", 1 }, { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
		{ "min", 60000000000 }, { "h", 3600000000000 }, { "d", 86400000000000 },
	};
	uint64_t v = 0;
	size_t i = 0;

	for (; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, text[i] - '0', &v))
			return -EINVAL;
	for (size_t k = 0; i && k < ARRAY_SIZE(units); k++)
		if (strlen(units[k].suffix) == len - i && memcmp(text + i, units[k].suffix, len - i) == 0)
			return __builtin_mul_overflow(v, units[k].ns, ret_ns) ? -EINVAL : 0;
	return -EINVAL;
}
