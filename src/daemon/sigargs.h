/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_SIGARGS_H
#define HAWK_DAEMON_SIGARGS_H
/* Files with signatures that are named on the command line: no daemon, no configuration. */
#include "src/sig/signature.h"

struct hawk_sigargs {
	struct hawk_sig_source *sources; /* texts and paths are owned */
	struct hawk_diags *diags;        /* one each, then those of files that cannot be read */
	size_t n;
	size_t n_asked; /* the first so many were asked for; the others are lists that they may name */
	size_t n_unread;
	struct hawk_sig_files held;      /* what the sources hold */
};

/*
 * Reads the N files and directories at PATHS, in which *.yaml, *.yml, *.json and *.list are read. Of a file the lists
 * (*.list) beside it are read, too, and those that come with sechawk. Returns 0 or -ENOMEM; what is wrong is in
 * the diags.
 */
int hawk_sigargs_read(struct hawk_sigargs *a, char *const *paths, size_t n);
/* The number of files that are wrong, of those that were asked for. */
size_t hawk_sigargs_bad(const struct hawk_sigargs *a);
void hawk_sigargs_done(struct hawk_sigargs *a);

#endif
