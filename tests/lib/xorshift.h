/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_XORSHIFT_H
#define HAWK_TEST_XORSHIFT_H
/* Numbers that look random and come again with the seed (xorshift64: Marsaglia, "Xorshift RNGs", 2003). */
#include <stddef.h>
#include <stdint.h>

/* The next number of *STATE, which is not 0. */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
