/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_INTEGRITY_FINDINGS_H
#define HAWK_INTEGRITY_FINDINGS_H
/* What checks found. A finding becomes an event: its values in the order of the event's fields. */
#include "src/base/buf.h"
#include "src/event/event.h"

#define HAWK_FINDINGS_MAX 1024
#define HAWK_FINDING_NUMBERS 2
#define HAWK_FINDING_TEXTS 5

struct hawk_finding {
	uint16_t event;
	uint8_t n_numbers, n_texts;
	uint64_t number[HAWK_FINDING_NUMBERS];
	struct {
		uint32_t at, len, full; /* in the bytes; full: of which it is the beginning */
	} text[HAWK_FINDING_TEXTS];
};

struct hawk_findings {
	struct hawk_finding *v;
	size_t n, room;
	size_t dropped; /* beyond HAWK_FINDINGS_MAX, or for want of memory */
	struct hawk_buf bytes;
};

/* Frees what it holds; it can be used again. */
void hawk_findings_done(struct hawk_findings *f);
/* Begins a finding; NULL when there is no room, which is counted. */
struct hawk_finding *hawk_finding_add(struct hawk_findings *f, uint16_t event);
/* Its next number, its next text. G may be NULL. */
void hawk_finding_number(struct hawk_finding *g, uint64_t number);
void hawk_finding_bytes(struct hawk_findings *f, struct hawk_finding *g, const void *bytes, size_t len);
void hawk_finding_text(struct hawk_findings *f, struct hawk_finding *g, const char *text);
/* Depends on all that is told of the finding, on nothing else. */
uint64_t hawk_finding_hash(const struct hawk_findings *f, const struct hawk_finding *g);
/* Leaves those in F that OTHER has, too. */
void hawk_findings_keep(struct hawk_findings *f, const struct hawk_findings *other);
/* Sets what the event is and its data, which live as long as the findings. */
void hawk_finding_event(const struct hawk_findings *f, const struct hawk_finding *g, struct hawk_event *ret);

#endif
