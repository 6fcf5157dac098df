/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_TEXTFILE_H
#define HAWK_BASE_TEXTFILE_H
/* Files that people name: read whole, and never waited for. */
#include <stddef.h>

/*
 * Reads the regular file PATH of at most MAX bytes; *ret, malloc'ed, has a NUL behind its *ret_len bytes. Returns 0, -E2BIG
 * when it is longer, -EINVAL when it is no regular file (a FIFO or a device would keep us), -ENOMEM or another -errno.
 */
int hawk_textfile_read(const char *path, size_t max, char **ret, size_t *ret_len);
/* What ERROR of that means, for people; constant or of strerror(3). */
const char *hawk_textfile_why(int error);

#endif
