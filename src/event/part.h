/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_EVENT_PART_H
#define HAWK_EVENT_PART_H
/*
 * What is inside of a value, by the name that JSON gives it: "sun_path" of an
 * address, "flags" of a struct clone_args, "name.sin_port" of a message; and "type" and "permissions" of a mode. A
 * value that is a number or a list behind a pointer (SIGSET, FDPAIR) has one
 * part without a name.
 */
#include <sys/un.h>

#include "src/event/structs.h"

struct hawk_part {
	const char *name; /* constant */
	uint8_t owner;    /* enum hawk_type: of the value that it is in */
	uint8_t type;     /* enum hawk_type: its own */
	uint8_t place;
};

/* Where a part is put that is not in the value as it is asked for. */
struct hawk_part_store {
	struct hawk_socket socket;
	uint8_t ip[16];
	uint8_t path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

/* The I-th part of values of OWNER. Returns 0, or -ENOENT when there are fewer. */
int hawk_part_nth(enum hawk_type owner, size_t i, struct hawk_part *ret);
/* Finds a part by NAME. Returns 0, or -ENOENT. */
int hawk_part_find(enum hawk_type owner, const char *name, struct hawk_part *ret);
/*
 * Reads the I-th value of PART in V: lists have several, others one. *ret
 * borrows from V and STORE. A path of a Unix socket begins with @ for the NUL of
 * an abstract one. Returns 0, or -ENODATA.
 */
int hawk_part_get(const struct hawk_part *part, const struct hawk_value *v, size_t i, struct hawk_part_store *store,
		  struct hawk_value *ret);

#endif
