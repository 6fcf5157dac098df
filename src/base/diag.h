/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_DIAG_H
#define HAWK_BASE_DIAG_H
/* What is wrong with the files that people write, for them to read. */
#include <stdbool.h>
#include <stddef.h>

struct hawk_buf;

#define HAWK_DIAGS_MAX 64

/* What is wrong, or looks so, in a text. */
struct hawk_diag {
	unsigned int line, column; /* from 1; 0: the file as a whole */
	bool warning;
	char message[256]; /* one line; what was expected */
};

/* A list of them about one file. */
struct hawk_diags {
	const char *path;  /* borrowed: what people call the file */
	struct hawk_diag *v;
	size_t n;          /* at most HAWK_DIAGS_MAX are kept */
	size_t errors, warnings; /* all of them are counted */
};

#define HAWK_DIAGS_INIT { .path = NULL }

/* Adds one that is not there yet. Without memory it is counted only. */
void hawk_diags_add(struct hawk_diags *d, const struct hawk_diag *diag);
/* Appends "FILE:LINE:COLUMN: error: MESSAGE" and a new line for each, and how many were left out. */
void hawk_diags_print(const struct hawk_diags *d, struct hawk_buf *out);
/* Frees the list; it can be used again. */
void hawk_diags_done(struct hawk_diags *d);

#endif
