/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_INTEGRITY_FINDINGS_H
#define HAWK_INTEGRITY_FINDINGS_H
/* What checks found: anomalies. Each becomes an event: its values in the order of the event's fields. */
#include "src/base/buf.h"
#include "src/event/event.h"

#define HAWK_ANOMALIES_MAX 1024
#define HAWK_ANOMALY_NUMBERS 2
#define HAWK_ANOMALY_TEXTS 5

struct hawk_anomaly {
	uint16_t event;
	uint8_t n_numbers, n_texts;
	uint64_t number[HAWK_ANOMALY_NUMBERS];
	struct {
		uint32_t at, len, full; /* in the bytes; full: of which it is the beginning */
	} text[HAWK_ANOMALY_TEXTS];
};

struct hawk_anomalies {
	struct hawk_anomaly *v;
	size_t n, room;
	size_t dropped; /* beyond HAWK_ANOMALIES_MAX, or for want of memory */
	struct hawk_buf bytes;
};

/* Frees what it holds; it can be used again. */
void hawk_anomalies_done(struct hawk_anomalies *f);
/* Begins a finding; NULL when there is no room, which is counted. */
struct hawk_anomaly *hawk_anomaly_add(struct hawk_anomalies *f, uint16_t event);
/* Its next number, its next text. G may be NULL. */
void hawk_anomaly_number(struct hawk_anomaly *g, uint64_t number);
void hawk_anomaly_bytes(struct hawk_anomalies *f, struct hawk_anomaly *g, const void *bytes, size_t len);
void hawk_anomaly_text(struct hawk_anomalies *f, struct hawk_anomaly *g, const char *text);
/* Depends on all that is told of the finding, on nothing else. */
uint64_t hawk_anomaly_hash(const struct hawk_anomalies *f, const struct hawk_anomaly *g);
/* Leaves those in F that OTHER has, too. */
void hawk_anomalies_keep(struct hawk_anomalies *f, const struct hawk_anomalies *other);
/* Sets what the event is and its data, which live as long as the findings. */
void hawk_anomaly_event(const struct hawk_anomalies *f, const struct hawk_anomaly *g, struct hawk_event *ret);

#endif
