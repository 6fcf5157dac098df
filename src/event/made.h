/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_EVENT_MADE_H
#define HAWK_EVENT_MADE_H
/* bpf/abi/made.def: the events that are made of system calls where the kernel cannot be hooked. */
#include "src/event/event.h"

enum hawk_made_how {
	HAWK_MADE_END, /* ends the items of a row */
	HAWK_MADE_TAKE,
	HAWK_MADE_BITS,
	HAWK_MADE_NUMBER,
	HAWK_MADE_TEXT,
	HAWK_MADE_CONST,
	HAWK_MADE_ONLY_WITH,
	HAWK_MADE_ONLY_WITHOUT,
	HAWK_MADE_ONLY_IS,
};

/* One TAKE, BITS, NUMBER, TEXT, CONST or ONLY_* row; what it does not have is NULL or 0. */
struct hawk_made_item {
	enum hawk_made_how how;
	const char *field;  /* of the event */
	const char *source; /* a field of the system call */
	uint64_t value;     /* constant, bits, or the byte that a part begins at */
	uint32_t size;      /* of a part, in bytes */
};

#define HAWK_MADE_ITEMS_MAX 7

struct hawk_made {
	uint16_t event, call; /* ids */
	bool asked;           /* also when the call failed */
	struct hawk_made_item items[HAWK_MADE_ITEMS_MAX + 1];
};

/* All rows; *ret_n is their number. */
const struct hawk_made *hawk_made_rows(size_t *ret_n);
/* True when ALT is the alternative of such an event that makes it of system calls. */
bool hawk_made_alt(const struct hawk_alt_desc *alt);

#endif
