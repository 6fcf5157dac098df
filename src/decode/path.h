/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DECODE_PATH_H
#define HAWK_DECODE_PATH_H
/* Paths and what stands in place of one. Private to this room. */
#include "src/event/event.h"

/*
 * Memory for what is not as it was on the wire. No record of the programs fills
 * it: a path is at most one byte longer than there, what a pipe is called 32,
 * and two paths of HAWK_PATH_BYTES are joined to a directory of as many, which
 * is decoded for each, in two views.
 */
struct hawk_space {
	size_t used;
	uint8_t bytes[3 * HAWK_RECORD_MAX];
};

/* Room for N bytes, or NULL when a record of somebody else is too clever. */
uint8_t *hawk_space_take(struct hawk_space *space, size_t n);

/*
 * A PATH field as it travels, with its HAWK_PATH_* bits, to a path from the root. Of a socket nothing comes: absent.
 * RET_OTHER, which may be NULL, becomes the same as the other view shows it, and absent when there is none.
 * Returns 0 or -EBADMSG.
 */
int hawk_path_decode(struct hawk_space *space, const struct hawk_value *wire, uint32_t info,
		     struct hawk_value *ret, struct hawk_value *ret_other);

/* The socket in the same place; absent when it is a file. Returns 0 or -EBADMSG. */
int hawk_socket_decode(const struct hawk_value *wire, uint32_t info, struct hawk_value *ret);

/*
 * PATH, as somebody gave it, from the root: below BASE unless it is absolute, without ".", ".." and "//", as text.
 * Absent when BASE is needed and is no directory that is known. Marks of both are kept. Returns 0 or -EBADMSG.
 */
int hawk_path_join(struct hawk_space *space, const struct hawk_value *base, const struct hawk_value *path,
		   struct hawk_value *ret);

#endif
