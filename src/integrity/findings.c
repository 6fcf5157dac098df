/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/integrity/findings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX ((size_t)1024 * 1024)

void hawk_anomalies_done(struct hawk_anomalies *f)
{
	free(f->v);
	hawk_buf_done(&f->bytes);
	*f = (struct hawk_anomalies){ .n = 0 };
}

struct hawk_anomaly *hawk_anomaly_add(struct hawk_anomalies *f, uint16_t event)
{
	if (f->n == f->room && f->room < HAWK_ANOMALIES_MAX) {
		size_t room = f->room ? 2 * f->room : 16;
		struct hawk_anomaly *v = realloc(f->v, room * sizeof(*v));

		if (v) {
			f->v = v;
			f->room = room;
		}
	}
	if (f->n == f->room || f->bytes.error) {
		f->dropped++;
		return NULL;
	}
	f->bytes.max = BYTES_MAX;
	f->v[f->n] = (struct hawk_anomaly){ .event = event };
	return &f->v[f->n++];
}

void hawk_anomaly_number(struct hawk_anomaly *g, uint64_t number)
{
	if (!g)
		return;
	assert(g->n_numbers < HAWK_ANOMALY_NUMBERS);
	g->number[g->n_numbers++] = number;
}

void hawk_anomaly_bytes(struct hawk_anomalies *f, struct hawk_anomaly *g, const void *bytes, size_t len)
{
	size_t at = f->bytes.len;

	if (!g)
		return;
	assert(g->n_texts < HAWK_ANOMALY_TEXTS);
	hawk_buf_put(&f->bytes, bytes, len);
	g->text[g->n_texts].at = (uint32_t)at;
	g->text[g->n_texts].len = (uint32_t)(f->bytes.len - at);
	g->text[g->n_texts++].full = (uint32_t)len;
}

void hawk_anomaly_text(struct hawk_anomalies *f, struct hawk_anomaly *g, const char *text)
{
	hawk_anomaly_bytes(f, g, text, strlen(text));
}

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ ((const uint8_t *)p)[i]) * 0x100000001b3ULL; /* FNV-1a */
	return h;
}

uint64_t hawk_anomaly_hash(const struct hawk_anomalies *f, const struct hawk_anomaly *g)
{
	uint64_t h = mix(0xcbf29ce484222325ULL, &g->event, sizeof(g->event));

	h = mix(h, g->number, g->n_numbers * sizeof(g->number[0]));
	for (size_t i = 0; i < g->n_texts; i++) {
		h = mix(h, &g->text[i].len, sizeof(g->text[i].len));
		h = mix(h, f->bytes.data + g->text[i].at, g->text[i].len);
	}
	return h;
}

void hawk_anomalies_keep(struct hawk_anomalies *f, const struct hawk_anomalies *other)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		uint64_t hash = hawk_anomaly_hash(f, &f->v[i]);
		bool kept = false;

		for (size_t k = 0; k < other->n && !kept; k++)
			kept = hawk_anomaly_hash(other, &other->v[k]) == hash;
		if (kept)
			f->v[n++] = f->v[i];
	}
	f->n = n;
}

void hawk_anomaly_event(const struct hawk_anomalies *f, const struct hawk_anomaly *g, struct hawk_event *ret)
{
	const struct hawk_event_desc *desc = hawk_event_by_id(g->event);
	size_t numbers = 0, texts = 0;

	*ret = (struct hawk_event){ .desc = desc };
	for (size_t i = 0; i < desc->n_fields; i++) {
		struct hawk_value *v = &ret->data[i];

		if (!hawk_type_desc(desc->fields[i].type)->var) {
			v->u = numbers < g->n_numbers ? g->number[numbers] : 0;
			numbers++;
			continue;
		}
		v->bytes = (const uint8_t *)"";
		if (texts < g->n_texts && g->text[texts].len) {
			v->bytes = (const uint8_t *)f->bytes.data + g->text[texts].at;
			v->len = g->text[texts].len;
		}
		v->full = texts < g->n_texts ? g->text[texts].full : 0;
		if (v->full > v->len)
			v->flags = HAWK_VAL_TRUNCATED;
		texts++;
	}
}
