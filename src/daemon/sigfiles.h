/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_SIGFILES_H
#define HAWK_DAEMON_SIGFILES_H
/* The texts of signatures and lists, and what they hold together. Control thread and replay. */
#include "src/daemon/problems.h"
#include "src/sig/signature.h"

/* A text; of a file of a directory, or loaded by somebody. */
struct hawk_sigtext {
	char *path, *text; /* owned */
	size_t len;
	bool by_hand;
	bool fresh;        /* its text is not what was there before: what looks wrong in it is told */
};

struct hawk_sigfiles {
	struct hawk_sigtext *v; /* those loaded by hand first: a file does not push them out */
	size_t n;
	struct hawk_sig_files held; /* what they hold, of which it borrows */
};

/* Adds a copy of TEXT. Returns 0 or -ENOMEM. */
int hawk_sigfiles_add(struct hawk_sigfiles *f, const struct hawk_sig_source *source, bool by_hand, bool fresh);
/* The text with this path, loaded by hand or not, or NULL. */
struct hawk_sigtext *hawk_sigfiles_find(const struct hawk_sigfiles *f, const char *path, bool by_hand);
/* Takes it out. */
void hawk_sigfiles_remove(struct hawk_sigfiles *f, struct hawk_sigtext *text);
/* Adds copies of what OLD has loaded by hand. Returns 0 or -ENOMEM. */
int hawk_sigfiles_keep(struct hawk_sigfiles *f, const struct hawk_sigfiles *old);
/*
 * Adds the files of DIRS (N of them); what cannot be read is a problem, and as it was in OLD. Returns 0 or
 * -ENOMEM.
 */
int hawk_sigfiles_list(struct hawk_sigfiles *f, char *const *dirs, size_t n, const struct hawk_sigfiles *old,
		       struct hawk_problems *problems);
/*
 * Reads what the texts hold. One that is wrong is a problem; what OLD has in its place stays, else it is left
 * out. Returns 0 or -ENOMEM.
 */
int hawk_sigfiles_parse(struct hawk_sigfiles *f, const struct hawk_sigfiles *old, struct hawk_problems *problems);
/* Frees all; it is empty then. */
void hawk_sigfiles_done(struct hawk_sigfiles *f);

#endif
