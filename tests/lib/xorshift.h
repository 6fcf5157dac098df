/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_XORSHIFT_H
#define HAWK_TEST_XORSHIFT_H
/* Numbers that look random and come again with the seed (xorshift64: Marsaglia, "Xorshift RNGs", 2003). */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The next number of *STATE, which is not 0. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/*
 * The seed of a run: HAWK_SEED, "time" for one that was never before, else always the same: what a test says hangs on
 * the code alone. It is printed.
 */
static inline uint64_t random_seed(void)
{
	const char *given = getenv("HAWK_SEED");
	uint64_t seed = 1;

	if (given)
		seed = strcmp(given, "time") == 0 ? (uint64_t)time(NULL) : strtoull(given, NULL, 0);
	printf("HAWK_SEED=%" PRIu64 "\n", seed);
	fflush(stdout);
	return seed;
}

#endif
