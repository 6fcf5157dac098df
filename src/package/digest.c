/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/package/digest.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The fractions of abs(sin(i + 1)). */
static const uint32_t sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
	0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
	0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
	0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

/* Those of the cube roots of the first primes. */
static const uint32_t cube_roots[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotl(uint32_t v, unsigned int n)
{
	return v << n | v >> (32 - n);
}

static uint32_t rotr(uint32_t v, unsigned int n)
{
	return v >> n | v << (32 - n);
}

static void md5_block(uint32_t state[8], const uint8_t *block)
{
	static const uint8_t shifts[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
	static const uint8_t step[4] = { 1, 5, 3, 7 }, from[4] = { 0, 1, 5, 0 };
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], m[16];

	memcpy(m, block, sizeof(m));
	for (unsigned int i = 0; i < 64; i++) {
		unsigned int round = i / 16;
		uint32_t f = round == 0 ? (b & c) | (~b & d) :
			     round == 1 ? (b & d) | (c & ~d) :
			     round == 2 ? b ^ c ^ d :
					  c ^ (b | ~d);
		uint32_t sum = a + f + sines[i] + le32toh(m[(i * step[round] + from[round]) % 16]);

		a = d;
		d = c;
		c = b;
		b += rotl(sum, shifts[round][i % 4]);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

static void sha256_block(uint32_t state[8], const uint8_t *block)
{
	uint32_t w[64], v[8];

	memcpy(w, block, 64);
	for (unsigned int i = 0; i < 16; i++)
		w[i] = be32toh(w[i]);
	for (unsigned int i = 16; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] + (rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3) +
		       (rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10);
	memcpy(v, state, sizeof(v));
	for (unsigned int i = 0; i < 64; i++) {
		uint32_t one = v[7] + (rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25)) +
			       ((v[4] & v[5]) ^ (~v[4] & v[6])) + cube_roots[i] + w[i];
		uint32_t two = (rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22)) +
			       ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += one;
		v[0] = one + two;
	}
	for (unsigned int i = 0; i < 8; i++)
		state[i] += v[i];
}

static void take_block(struct hawk_digest *d, const uint8_t *block)
{
	if (d->kind == HAWK_DIGEST_MD5)
		md5_block(d->state, block);
	else
		sha256_block(d->state, block);
}

size_t hawk_digest_size(enum hawk_digest_kind kind)
{
	return kind == HAWK_DIGEST_MD5 ? 16 : kind == HAWK_DIGEST_SHA256 ? 32 : 0;
}

void hawk_digest_begin(struct hawk_digest *d, enum hawk_digest_kind kind)
{
	static const uint32_t md5[8] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	static const uint32_t sha256[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	d->kind = kind;
	d->total = 0;
	memcpy(d->state, kind == HAWK_DIGEST_MD5 ? md5 : sha256, sizeof(d->state));
}

void hawk_digest_add(struct hawk_digest *d, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t have = d->total % 64;

	d->total += len;
	if (have) {
		size_t part = len < 64 - have ? len : 64 - have;

		memcpy(d->block + have, p, part);
		if (have + part < 64)
			return;
		take_block(d, d->block);
		p += part;
		len -= part;
	}
	for (; len >= 64; len -= 64, p += 64)
		take_block(d, p);
	if (len)
		memcpy(d->block, p, len);
}

void hawk_digest_end(struct hawk_digest *d, uint8_t ret[HAWK_DIGEST_MAX])
{
	static const uint8_t padding[64] = { 0x80 };
	bool md5 = d->kind == HAWK_DIGEST_MD5;
	uint64_t bits = md5 ? htole64(d->total * 8) : htobe64(d->total * 8);
	size_t have = d->total % 64;

	hawk_digest_add(d, padding, have < 56 ? 56 - have : 120 - have);
	hawk_digest_add(d, &bits, sizeof(bits));
	for (size_t i = 0; i < hawk_digest_size(d->kind) / 4; i++) {
		uint32_t v = md5 ? htole32(d->state[i]) : htobe32(d->state[i]);

		memcpy(ret + 4 * i, &v, 4);
	}
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (c | 32) - 'a' + 10;
	return -1;
}

int hawk_digest_parse(enum hawk_digest_kind kind, const char *hex, size_t len, uint8_t ret[HAWK_DIGEST_MAX])
{
	if (kind == HAWK_DIGEST_NONE || len != 2 * hawk_digest_size(kind))
		return -EBADMSG;
	for (size_t i = 0; i < len; i += 2) {
		int high = nibble(hex[i]), low = nibble(hex[i + 1]);

		if (high < 0 || low < 0)
			return -EBADMSG;
		ret[i / 2] = (uint8_t)(high << 4 | low);
	}
	return 0;
}
