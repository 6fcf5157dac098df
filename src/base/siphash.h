/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_SIPHASH_H
#define HAWK_BASE_SIPHASH_H
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a hash with a key, so that who
 * chooses the bytes cannot choose the hash. For tables of what comes from outside.
 */
#include <stddef.h>
#include <stdint.h>

struct hawk_siphash_key {
	uint64_t k[2];
};

/* Fills KEY with random bytes. */
void hawk_siphash_new_key(struct hawk_siphash_key *key);
uint64_t hawk_siphash(const struct hawk_siphash_key *key, const void *data, size_t len);

#endif
