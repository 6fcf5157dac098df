/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_CLEANUP_H
#define HAWK_BASE_CLEANUP_H
/*
 * Ownership by scope: an owning local is tagged, and ownership leaves only
 * through TAKE_PTR or TAKE_FD.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

#define TAKE_PTR(p) ({ __typeof__(p) _taken = (p); (p) = NULL; _taken; })
#define TAKE_FD(fd) ({ int _taken = (fd); (fd) = -1; _taken; })

/* Defines free_THINGp for use with _cleanup_: calls FREE on a non-null pointer. */
#define DEFINE_CLEANUP(type, free) \
	static inline void free##p(type **p) \
	{ \
		if (*p) \
			free(*p); \
	}

static inline void hawk_freep(void *p)
{
	free(*(void **)p);
}
static inline void hawk_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
static inline void hawk_fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}
#define _cleanup_free_ _cleanup_(hawk_freep)
#define _cleanup_close_ _cleanup_(hawk_closep)
#define _cleanup_fclose_ _cleanup_(hawk_fclosep)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
