/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_POLICYDIR_H
#define HAWK_DAEMON_POLICYDIR_H
/*
 * The files of policies in a list of directories: *.yaml, *.yml and *.json, in the order of their
 * names. A name in a later directory overrides the same one in an earlier, a link to /dev/null
 * masks it.
 */
#include <stdbool.h>
#include <stddef.h>

/* More files than this in a directory are not looked at. */
#define HAWK_POLICYDIR_MAX 4096

struct hawk_policydir_file {
	char *name; /* without the directory */
	char *path;
	bool masked;
};

struct hawk_policydir {
	struct hawk_policydir_file *v; /* by name */
	size_t n;
	char *problem; /* a directory that could not be read, and why; NULL: none */
};

/* Lists DIRS (N of them); one that does not exist is empty. Returns 0 or -ENOMEM. */
int hawk_policydir_list(struct hawk_policydir *d, char *const *dirs, size_t n);
void hawk_policydir_done(struct hawk_policydir *d);
/*
 * Reads a regular file of at most MAX bytes into *ret (malloc'ed, with a NUL
 * behind). Returns 0, -E2BIG for a longer one, -EINVAL when it is none, or
 * -errno.
 */
int hawk_policydir_read(const char *path, size_t max, char **ret, size_t *ret_len);

#endif
