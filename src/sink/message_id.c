/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "src/sink/sink.h"

#define BLOCK 64

/* Our name space of RFC 9562, 6.6. It never changes: the ids are in people's queries and in the catalog. */
static const uint8_t space[16] = { 0x05, 0xc5, 0x61, 0xcd, 0x40, 0x1a, 0x44, 0xf6,
				   0xbb, 0x13, 0xdb, 0x5e, 0xda, 0xb7, 0x35, 0xe2 };

static uint32_t rol(uint32_t v, int n)
{
	return v << n | v >> (32 - n);
}

/* One block of SHA-1, FIPS 180-4, 6.1.2. A name for a UUID, not a protection. */
static void sha1_block(uint32_t h[static 5], const uint8_t *block)
{
	static const uint32_t k[] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
	uint32_t w[80], v[5];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		       (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (int i = 16; i < 80; i++)
		w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	memcpy(v, h, sizeof(v));
	for (int i = 0; i < 80; i++) {
		uint32_t b = v[1], c = v[2], d = v[3];
		uint32_t ch = (b & c) | (~b & d), parity = b ^ c ^ d, maj = (b & c) | (b & d) | (c & d);
		uint32_t f = i < 20 ? ch : i < 40 || i >= 60 ? parity : maj;
		uint32_t t = rol(v[0], 5) + f + v[4] + k[i / 20] + w[i];

		memmove(v + 1, v, 4 * sizeof(*v));
		v[2] = rol(v[2], 30);
		v[0] = t;
	}
	for (int i = 0; i < 5; i++)
		h[i] += v[i];
}

/* SHA-1 of the name space and NAME, the first 16 bytes of it. */
static void digest(const char *name, uint8_t ret[static 16])
{
	uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	size_t len = strlen(name), at = sizeof(space);
	uint64_t bits = 8 * (at + len);
	uint8_t block[BLOCK];

	memcpy(block, space, at);
	for (size_t i = 0; i < len; i++) {
		block[at++] = (uint8_t)name[i];
		if (at == BLOCK) {
			sha1_block(h, block);
			at = 0;
		}
	}
	block[at++] = 0x80;
	if (at > BLOCK - sizeof(bits)) {
		memset(block + at, 0, BLOCK - at);
		sha1_block(h, block);
		at = 0;
	}
	memset(block + at, 0, BLOCK - at);
	for (int i = 0; i < 8; i++)
		block[BLOCK - 1 - i] = (uint8_t)(bits >> 8 * i);
	sha1_block(h, block);
	for (int i = 0; i < 16; i++)
		ret[i] = (uint8_t)(h[i / 4] >> (24 - i % 4 * 8));
}

void hawk_sink_message_id(const char *name, char id[static 33])
{
	uint8_t u[16];

	digest(name, u);
	u[6] = (u[6] & 0x0f) | 0x50; /* version 5 */
	u[8] = (u[8] & 0x3f) | 0x80; /* variant of RFC 9562 */
	for (int i = 0; i < 16; i++) {
		id[2 * i] = "0123456789abcdef"[u[i] >> 4];
		id[2 * i + 1] = "0123456789abcdef"[u[i] & 15];
	}
	id[32] = '\0';
}
