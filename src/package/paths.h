/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_PACKAGE_PATHS_H
#define HAWK_PACKAGE_PATHS_H
/*
 * One name for each file: what packages call /bin/sh is /usr/bin/sh where /bin
 * is a link (a kernel's path never goes through it).
 */
#include <stddef.h>

#define HAWK_PATHS_MAX 4096 /* bytes of a path; longer ones are nobody's */

/* Directories that are links to others, of those where packages have files. */
struct hawk_paths {
	struct hawk_paths_link {
		char from[32], to[96]; /* without a slash at the end */
	} links[16];
	size_t n;
};

/* Looks below ROOT_FD (borrowed). */
void hawk_paths_read(struct hawk_paths *p, int root_fd);
/* Adds that FROM is a link that says TO, when it can be used. For tests. */
void hawk_paths_add(struct hawk_paths *p, const char *from, const char *to);
/* Writes the name of PATH (LEN bytes) and a NUL. Returns its length, or 0: it is not absolute, or too long. */
size_t hawk_paths_name(const struct hawk_paths *p, const char *path, size_t len, char ret[HAWK_PATHS_MAX]);

#endif
