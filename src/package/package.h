/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PACKAGE_PACKAGE_H
#define HAWK_PACKAGE_PACKAGE_H
/*
 * Which package of this host a file came from, and whether it still is what the
 * package brought: the databases of dpkg (dpkg(1), /var/lib/dpkg/info) and rpm
 * (its sqlite database). Read and remembered by a thread of its own, so that
 * asking never waits; read anew when the databases change. Bounded.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hawk_packages;

enum hawk_package_state {
	HAWK_PACKAGE_NONE,    /* no package owns it */
	HAWK_PACKAGE_INTACT,  /* it has the checksum that the package says, or the package says none */
	HAWK_PACKAGE_CHANGED, /* it has another one, or is not there */
};

struct hawk_package {
	char name[128];
	enum hawk_package_state state;
};

/* ROOT_FD: the directory below which the databases and files are (borrowed). Starts the thread. Returns 0 or -errno. */
int hawk_packages_new(struct hawk_packages **ret, int root_fd);
struct hawk_packages *hawk_packages_free(struct hawk_packages *p);
/* What is known of the file at PATH (absolute). Returns false when that is still being looked at: ask again. */
bool hawk_packages_ask(struct hawk_packages *p, const uint8_t *path, size_t len, struct hawk_package *ret);
/* Becomes readable when answers came. */
int hawk_packages_fd(const struct hawk_packages *p);

struct hawk_packages_stats {
	uint64_t files, packages, bytes; /* of the databases, and what they take here */
	uint64_t asked, waiting, dropped; /* questions; those without an answer yet; those for which there was no room */
	int error; /* errno of reading the databases, 0: none */
};
struct hawk_packages_stats hawk_packages_stats(struct hawk_packages *p);

#endif
