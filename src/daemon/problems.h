/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DAEMON_PROBLEMS_H
#define HAWK_DAEMON_PROBLEMS_H
/* Files of policies or signatures that are not loaded, and why. Control thread. */
#include <jansson.h>
#include <stddef.h>

#include "src/base/diag.h"

/* A file that is not loaded, and why: a line for each fault. */
struct hawk_problem {
	char *path, *text;
};

struct hawk_problems {
	const char *what; /* constant: "policies" */
	struct hawk_problem *v;
	size_t n;
};

/* Adds one, told in the log at once; TEXT is taken over. Without memory it is in the log only. */
void hawk_problems_add(struct hawk_problems *p, const char *path, char *text);
/* What is wrong with a file that hawk_textfile_read() gave ERROR for (malloc'ed), or NULL without memory. */
char *hawk_problems_unread(const char *path, int error);
/* Faults or warnings as lines (malloc'ed); NULL: there are none, or no memory. */
char *hawk_problems_text(const struct hawk_diags *diags);
/* One line about them (malloc'ed) with the COMMAND that shows them; NULL: there are none, or no memory. */
char *hawk_problems_summary(const struct hawk_problems *p, const char *command);
/* A list of STRUCT(FILE_PROBLEM) of proto/verbs.def, new. */
json_t *hawk_problems_json(const struct hawk_problems *p);
/* Frees them; the list can be used again. */
void hawk_problems_done(struct hawk_problems *p);
/* Each line of TEXT to the log. */
void hawk_problems_log(int level, const char *what, const char *text);

#endif
