/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SIG_SEEN_H
#define HAWK_SIG_SEEN_H
/* Hashes of what was seen before; a bounded number, the first ones go first. Private to this room. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hawk_sig_seen {
	uint64_t *hashes; /* a ring in the order they came */
	uint32_t *slots;  /* place in the ring + 1; 0: free */
	size_t size, n_slots;
	uint64_t total, mark; /* hashes that ever came; before the event at hand */
};

int hawk_sig_seen_init(struct hawk_sig_seen *s, size_t size);
void hawk_sig_seen_done(struct hawk_sig_seen *s);
/* What comes from now on is new until this is called again, however often it is asked for. */
void hawk_sig_seen_mark(struct hawk_sig_seen *s);
/* Whether HASH is new; it is not any more. */
bool hawk_sig_seen_new(struct hawk_sig_seen *s, uint64_t hash);

#endif
