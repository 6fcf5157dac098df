/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_BASE_NEAREST_H
#define HAWK_BASE_NEAREST_H
/* "Did you mean …": the known name nearest to a misspelt one. */
#include <stddef.h>

#define HAWK_NEAREST_MAX 64 /* longer names are never near */

struct hawk_nearest {
	const char *word; /* the misspelt name, borrowed */
	const char *best; /* the nearest so far, borrowed; NULL: none is near enough */
	size_t distance;  /* of best */
};

/* Starts a search for WORD. */
struct hawk_nearest hawk_nearest_start(const char *word);
/* Offers a known name; kept when it is nearer than the best so far and not wholly different. */
void hawk_nearest_offer(struct hawk_nearest *n, const char *name);
/* Number of single-character insertions, deletions, changes and swaps of neighbours between A and B. */
size_t hawk_edit_distance(const char *a, const char *b);

#endif
