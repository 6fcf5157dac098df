/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DERIVE_MADE_H
#define HAWK_DERIVE_MADE_H
/* Events made of system calls: the rows of bpf/abi/made.def with the indices of their fields. */
#include <stdatomic.h>

#include "src/event/made.h"

#define HAWK_MADE_ROWS_MAX 128

struct hawk_made_row {
	const struct hawk_made *made;
	const struct hawk_event_desc *event;
	uint8_t next;   /* row of the same call, plus 1; 0: the last */
	uint8_t retval; /* field of the call */
	uint8_t to[HAWK_MADE_ITEMS_MAX], from[HAWK_MADE_ITEMS_MAX];
};

struct hawk_made_table {
	struct hawk_made_row row[HAWK_MADE_ROWS_MAX];
	uint8_t first[HAWK_EVENT_ID_MAX]; /* by id of the call: row plus 1 */
};

void hawk_made_init(struct hawk_made_table *t);
/*
 * Calls FN for each event that is made of CALL and whose bit (by id) is set in
 * WANTED. It is built in OUT, has the time, process and header of CALL, and
 * borrows its values.
 */
void hawk_made_of(const struct hawk_made_table *t, const _Atomic uint64_t *wanted, const struct hawk_event *call,
		  struct hawk_event *out, void (*fn)(void *ctx, struct hawk_event *made), void *ctx);

#endif
