/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_SIGNAMES_H
#define HAWK_DAEMON_SIGNAMES_H
/* Which signatures there are, for policies that name them where no daemon runs: when they are checked, and in a replay. */
#include "src/daemon/sigargs.h"
#include "src/policy/policy.h"

/* The one of FILES with this name or id, or NULL. */
const struct hawk_sig *hawk_signames_find(const struct hawk_sig_files *files, const char *name);
/* Whether the I-th of FILES has the tag. */
bool hawk_signames_has_tag(const struct hawk_sig_files *files, size_t i, const char *tag);
/* Those of FILES, which it borrows: it has to stay where it is. */
struct hawk_policy_signatures hawk_signames_of(const struct hawk_sig_files *files);

/* Those that are installed, read when one is asked for. */
struct hawk_signames {
	bool read;
	struct hawk_sigargs args;
};

/* N, zeroed at first, stays where it is. */
struct hawk_policy_signatures hawk_signames_installed(struct hawk_signames *n);
void hawk_signames_done(struct hawk_signames *n);

#endif
