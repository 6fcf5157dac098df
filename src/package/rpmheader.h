/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PACKAGE_RPMHEADER_H
#define HAWK_PACKAGE_RPMHEADER_H
/*
 * The header of an installed package as rpm keeps it: a number of entries and a
 * number of bytes (big-endian), the entries (tag, type, offset, count), the
 * bytes. Pure; trusts no number.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/package/digest.h"

#define HAWK_RPM_FILES_MAX 500000

/* Valid as long as the bytes that it was made of. */
struct hawk_rpm_header {
	const uint8_t *index, *data;
	uint32_t entries, bytes;
	const char *name; /* of the package */
};

/* Returns 0, or -EBADMSG: it is no header, or has no name. */
int hawk_rpm_header_open(struct hawk_rpm_header *h, const uint8_t *data, size_t len);

struct hawk_rpm_file {
	const char *path; /* PATH_LEN bytes and a NUL; until FN returns */
	size_t path_len;
	enum hawk_digest_kind kind; /* NONE: it has none, or it may change: configuration, logs */
	const char *digest;         /* hexadecimal, not checked */
};

/*
 * Calls FN for each file that is there (no directories, none that was not
 * installed or belongs to another package) until it returns not 0, which is
 * returned. 0 at the end; -EBADMSG when the lists do not fit together; -ENOMEM.
 */
int hawk_rpm_header_files(const struct hawk_rpm_header *h, int (*fn)(void *ctx, const struct hawk_rpm_file *file),
			  void *ctx);

#endif
