/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_FILEDIR_H
#define HAWK_DAEMON_FILEDIR_H
/*
 * The files of a kind in a list of directories, in the order of their names. A name in a later
 * directory overrides the same one in an earlier, a link to /dev/null masks it.
 */
#include <stdbool.h>
#include <stddef.h>

/* More files than this in a directory are not looked at. */
#define HAWK_FILEDIR_MAX 4096

struct hawk_filedir_file {
	char *name; /* without the directory */
	char *path;
	bool masked;
};

struct hawk_filedir {
	struct hawk_filedir_file *v; /* by name */
	size_t n;
	char *problem; /* a directory that could not be read, and why; NULL: none */
};

/*
 * Lists the files of DIRS (N of them) whose names end with one of ENDINGS (up to a NULL) and begin with
 * something else than a dot; a directory that does not exist is empty. Returns 0 or -ENOMEM.
 */
int hawk_filedir_list(struct hawk_filedir *d, char *const *dirs, size_t n, const char *const *endings);
void hawk_filedir_done(struct hawk_filedir *d);

#endif
