/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/base/nearest.h"

#include <string.h>

static size_t min_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t hawk_edit_distance(const char *a, const char *b)
{
	size_t la = strnlen(a, HAWK_NEAREST_MAX + 1), lb = strnlen(b, HAWK_NEAREST_MAX + 1);
	size_t rows[3][HAWK_NEAREST_MAX + 1], *before = rows[0], *last = rows[1], *now = rows[2];

	if (la > HAWK_NEAREST_MAX || lb > HAWK_NEAREST_MAX)
		return HAWK_NEAREST_MAX;
	for (size_t j = 0; j <= lb; j++)
		last[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			now[j] =
				min_of(min_of(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min_of(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[lb];
}

struct hawk_nearest hawk_nearest_start(const char *word)
{
	/* A third of the letters may be wrong; short words must nearly agree. */
	return (struct hawk_nearest){ .word = word, .distance = strnlen(word, HAWK_NEAREST_MAX) / 3 + 2 };
}

void hawk_nearest_offer(struct hawk_nearest *n, const char *name)
{
	size_t word = strlen(n->word), len = strlen(name), distance;

	/* It takes as many changes as one is longer, and those who search offer hundreds of names. */
	if ((len < word ? word - len : len - word) >= n->distance)
		return;
	distance = hawk_edit_distance(n->word, name);
	if (distance < n->distance && distance < len) {
		n->distance = distance;
		n->best = name;
	}
}
