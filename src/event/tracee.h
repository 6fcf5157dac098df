/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_EVENT_TRACEE_H
#define HAWK_EVENT_TRACEE_H
/* What Tracee calls events and their arguments: for those who write as it does, and those who read what is written for it. */
#include "src/event/event.h"

struct hawk_tracee_event {
	const char *name;
	uint32_t id;
	const char *args; /* "argument:type …", without its returnValue */
};

/* The row of an event in its tables, or NULL. Constant time after the first call; any thread. */
const struct hawk_tracee_event *hawk_tracee_event(const struct hawk_event_desc *desc);

/*
 * The data field of DESC for the argument of LEN bytes at NAME, -1: none. It has the same name, or one that
 * tracee_args.def says; of system calls with as many arguments the same place.
 */
int hawk_tracee_field(const struct hawk_event_desc *desc, const char *name, size_t len);

/* A member of a structure of Tracee, which is a data field here: a row of tracee_args.def. */
struct hawk_tracee_part {
	const char *type, *member, *field;
};

/* All of them; *ret_n is their number. */
const struct hawk_tracee_part *hawk_tracee_parts(size_t *ret_n);
/* The data field of DESC for PART of the argument of LEN bytes at NAME, -1: none. */
int hawk_tracee_part_field(const struct hawk_event_desc *desc, const struct hawk_tracee_part *part, const char *name,
			   size_t len);

#endif
