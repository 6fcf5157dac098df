/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PACKAGE_DIGEST_H
#define HAWK_PACKAGE_DIGEST_H
/* The checksums that packages have of their files: MD5 (RFC 1321) and SHA-256 (FIPS 180-4). */
#include <stddef.h>
#include <stdint.h>

#define HAWK_DIGEST_MAX 32

enum hawk_digest_kind {
	HAWK_DIGEST_NONE,
	HAWK_DIGEST_MD5,
	HAWK_DIGEST_SHA256,
};

struct hawk_digest {
	enum hawk_digest_kind kind;
	uint32_t state[8];
	uint64_t total; /* bytes so far */
	uint8_t block[64];
};

/* Bytes of the result. */
size_t hawk_digest_size(enum hawk_digest_kind kind);
void hawk_digest_begin(struct hawk_digest *d, enum hawk_digest_kind kind);
void hawk_digest_add(struct hawk_digest *d, const void *data, size_t len);
void hawk_digest_end(struct hawk_digest *d, uint8_t ret[HAWK_DIGEST_MAX]);
/* Reads lower or upper case hexadecimal of exactly the size of KIND. Returns 0 or -EBADMSG. */
int hawk_digest_parse(enum hawk_digest_kind kind, const char *hex, size_t len, uint8_t ret[HAWK_DIGEST_MAX]);

#endif
