/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PACKAGE_DPKG_H
#define HAWK_PACKAGE_DPKG_H
/* Files of /var/lib/dpkg. They are read to their end; lines that are too long or make no sense are left out. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "src/package/digest.h"

#define HAWK_DIVERSIONS_MAX 4096

/* A file of other packages than BY that is not where they say. */
struct hawk_diversion {
	char *from, *to;
	char *by; /* name of a package; ":": the administrator */
	uint64_t from_hash; /* the table's */
};

struct hawk_diversions {
	struct hawk_diversion *v;
	size_t n;
};

/* /var/lib/dpkg/diversions: three lines each. Returns 0, or -ENOMEM with what was read until then. */
int hawk_dpkg_diversions(struct hawk_diversions *d, FILE *f);
void hawk_diversions_done(struct hawk_diversions *d);

/* info/NAME.list: calls FN for each path but directories that are not empty; PATH has a NUL behind it. */
void hawk_dpkg_list(FILE *f, void (*fn)(void *ctx, const char *path, size_t len), void *ctx);
/*
 * info/NAME.md5sums: calls FN for each file (PATH as in the list: absolute) until
 * it returns not 0, which is returned; 0 at the end.
 */
int hawk_dpkg_md5sums(FILE *f, int (*fn)(void *ctx, const char *path, size_t len, const uint8_t *digest), void *ctx);

#endif
