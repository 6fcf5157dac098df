/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SIG_HASH_H
#define HAWK_SIG_HASH_H
/* Hashes for the tables of this room: fast, with a seed that nobody outside knows. Private to it. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HAWK_SIG_ODD 0x9e3779b97f4a7c15ULL

/* The halves of the product of A and B, folded. */
static inline uint64_t hawk_sig_mix(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)(a ^ HAWK_SIG_ODD) * (b ^ 0xe7037ed1a0b428dbULL);

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint64_t hawk_sig_hash(uint64_t seed, const void *p, size_t len)
{
	const uint8_t *at = p;
	uint64_t word = 0, h = seed ^ len * HAWK_SIG_ODD;

	for (; len >= 8; at += 8, len -= 8) {
		memcpy(&word, at, 8);
		h = hawk_sig_mix(h ^ word, seed);
	}
	word = 0;
	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)at[i] << 8 * i;
	return hawk_sig_mix(h, word + seed);
}

/* A number that differs from run to run. */
uint64_t hawk_sig_seed(void);

#endif
