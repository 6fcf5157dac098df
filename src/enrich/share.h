/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_ENRICH_SHARE_H
#define HAWK_ENRICH_SHARE_H
/*
 * The bytes of struct hawk_bytes in the process table. A fork shares the
 * strings of its parent, so they are counted by reference and written never
 * again. CHARGE is the account of the table: every block is in it once,
 * however many processes hold it. Only for bytes made here; one thread.
 */
#include "src/event/process.h"

/*
 * Makes B a copy of V; its flags and full length come along. A value that is
 * absent or empty leaves B empty with the flags. Equal bytes stay where they
 * are. Returns 0, or -ENOMEM with B as it was.
 */
int hawk_share_set(struct hawk_bytes *b, const struct hawk_value *v, size_t *charge);
/* Drops what TO holds and makes it hold what FROM holds. Cannot fail. */
void hawk_share_copy(struct hawk_bytes *to, const struct hawk_bytes *from, size_t *charge);
/* Drops what B holds and makes it empty without flags. */
void hawk_share_drop(struct hawk_bytes *b, size_t *charge);

#endif
