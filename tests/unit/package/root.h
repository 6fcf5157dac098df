/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_TEST_PACKAGE_ROOT_H
#define HAWK_TEST_PACKAGE_ROOT_H
/* A made-up root directory, and what is known of its files. Whatever fails ends the test. */
#include "src/package/package.h"

/* Makes an empty one; returns its descriptor. */
int root_make(void);
void root_remove(void);
/* Writes a file, with the directories above it. Paths begin with a slash. */
void root_write(const char *path, const char *text);
void root_link(const char *to, const char *path);
/* Replaces a file as package managers do, by renaming another one. */
void root_replace(const char *path, const char *text);
/* The path outside of it, until the next call. */
const char *root_path(const char *path);

/* Asks until the answer is not one of waiting: NAME and STATE are wanted, within a minute. */
void root_want(struct hawk_packages *p, const char *path, const char *name, enum hawk_packaged state);
/* Waits until the databases are read, or reading failed with ERROR. */
void root_wait_read(struct hawk_packages *p, int error);

#endif
