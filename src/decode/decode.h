/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DECODE_DECODE_H
#define HAWK_DECODE_DECODE_H
/*
 * Raw record (bpf/abi/abi.h) to struct hawk_event. Pure: no I/O, no clock.
 * Records are hostile: every length is checked against the record.
 */
#include "src/event/event.h"

/* Joins continuation records and holds the memory that values point into. */
struct hawk_decoder;

/* BOOT_OFFSET: CLOCK_REALTIME minus CLOCK_BOOTTIME in ns, for hawk_event.walltime. Returns 0 or -ENOMEM. */
int hawk_decoder_new(struct hawk_decoder **ret, int64_t boot_offset);
struct hawk_decoder *hawk_decoder_free(struct hawk_decoder *d);
/* The same for the events to come: somebody set the clock. */
void hawk_decoder_set_boot_offset(struct hawk_decoder *d, int64_t boot_offset);

/*
 * Decodes one record of LEN bytes at RECORD (8-byte aligned). EVENT borrows
 * from RECORD and from D until the next call.
 * Returns 0; 1 for a continuation record, which D keeps and EVENT is not set;
 * -EBADMSG for a record that breaks the format (nothing is kept of it, EVENT
 * is undefined).
 *
 * Paths come out from the root ("/usr/bin/ls"). Of a truncated one (flag
 * HAWK_VAL_TRUNCATED) components near the root are missing: it begins with a
 * slash nevertheless, nothing else marks it, and .full is unknown (the length).
 * Every string of a list ends in NUL, also the last one of a list that was cut.
 */
int hawk_decode(struct hawk_decoder *d, const void *record, size_t len, struct hawk_event *event);

struct hawk_decoder_stats {
	uint64_t rejected;         /* -EBADMSG */
	uint64_t chains_joined;
	uint64_t chains_incomplete; /* a link was missing; the field is marked */
	uint64_t chains_dropped;   /* continuation without its record, or too many at once */
};
struct hawk_decoder_stats hawk_decoder_stats(const struct hawk_decoder *d);

#endif
