/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the processes of a story did in the seconds before. Only what was collected anyway can be told: events that
 * nobody wanted are not there, and a busy host leaves less than the seconds asked for. Both are said.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/finding/internal.h"

#define NS_PER_S 1000000000ULL
#define COST (NS_PER_S / HAWK_CONTEXT_PER_SECOND)

int hawk_context_init(struct hawk_context *c, const struct hawk_findings_limits *limits)
{
	int r = hawk_context_ring_init(&c->ring, limits->context_bytes);

	pthread_mutex_init(&c->lock, NULL);
	c->ns = limits->context_ns;
	c->level = COST * HAWK_CONTEXT_BURST;
	c->events.max = 2 * 1024 * 1024;
	if (r == 0)
		r = hawk_decoder_new(&c->decoder, 0);
	if (r == 0)
		r = hawk_format_new(&c->json, "json", false, NULL);
	return r;
}

void hawk_context_done(struct hawk_context *c)
{
	pthread_mutex_destroy(&c->lock);
	hawk_context_ring_done(&c->ring);
	hawk_decoder_free(c->decoder);
	hawk_format_free(c->json);
	hawk_buf_done(&c->event);
	hawk_buf_done(&c->events);
}

/* By the time of the events, so that a replay looks as often. */
static bool may_look(struct hawk_context *c, uint64_t time)
{
	if (time > c->last) {
		uint64_t gained = time - c->last, room = COST * HAWK_CONTEXT_BURST - c->level;

		c->level += gained < room ? gained : room;
		c->last = time;
	}
	if (c->level < COST)
		return false;
	c->level -= COST;
	return true;
}

static bool has(struct hawk_context *c, const struct hawk_story_tree *tree, const struct hawk_model *model,
		const struct hawk_abi_rec *rec)
{
	size_t slot = (size_t)((rec->start ^ rec->tgid * 0x9e3779b97f4a7c15ULL) >> 7) % ARRAY_SIZE(c->members);
	struct hawk_context_member *m = &c->members[slot];

	if (m->look != c->look || m->pid != rec->tgid || m->start != rec->start)
		*m = (struct hawk_context_member){
			.pid = rec->tgid, .look = c->look, .start = rec->start,
			.in = hawk_story_has(tree, model, rec->tgid, rec->start),
		};
	return m->in;
}

/* Where the records of the tree are, at most the last HAWK_CONTEXT_RECORDS. Returns how many there were. */
static size_t find_records(struct hawk_context *c, const struct hawk_story_tree *tree,
			   const struct hawk_model *model, uint64_t since, uint64_t time)
{
	const struct hawk_abi_rec *rec;
	uint64_t at = c->ring.tail, next = at;
	size_t n = 0, len;

	c->look++;
	for (; (rec = hawk_context_ring_next(&c->ring, &next, &len)); at = next)
		if (rec->time >= since && rec->time <= time && has(c, tree, model, rec))
			c->at[n++ % HAWK_CONTEXT_RECORDS] = at;
	return n;
}

/* Appends what RECORD is, when it is an event. Returns false when it is not. */
static bool put_record(struct hawk_context *c, const struct hawk_abi_rec *rec, size_t len, uint64_t time,
		       struct hawk_buf *out)
{
	struct hawk_event event = { .seq = 0 };
	const char *data;
	size_t data_len;

	if (hawk_decode(c->decoder, rec, len, &event) != 0 || event.desc->internal)
		return false;
	hawk_buf_reset(&c->event);
	if (hawk_format_event(c->json, &event, &c->event) < 0)
		return false;
	hawk_buf_printf(out, ",{\"before_us\":%" PRIu64 ",\"pid\":%u,\"comm\":", (time - event.time) / 1000, event.tgid);
	hawk_json_string(out, event.comm, strnlen((const char *)event.comm, sizeof(event.comm)));
	hawk_buf_printf(out, ",\"event\":\"%s\"", event.desc->name);
	if (hawk_finding_member(c->event.data, c->event.len, "data", &data, &data_len) &&
	    data_len <= HAWK_CONTEXT_EVENT_TEXT) {
		hawk_buf_lit(out, ",\"data\":");
		hawk_buf_put(out, data, data_len);
	}
	hawk_buf_putc(out, '}');
	return true;
}

/* Fills c->events with the last events that fit. Returns how many were left out of those that were looked at. */
static size_t put_events(struct hawk_context *c, size_t found, uint64_t time, struct hawk_buf *out)
{
	size_t first = found > HAWK_CONTEXT_RECORDS ? found - HAWK_CONTEXT_RECORDS : 0, n = 0, kept;

	hawk_buf_reset(&c->events);
	for (size_t i = first; i < found; i++) {
		uint64_t at = c->at[i % HAWK_CONTEXT_RECORDS];
		size_t len;
		const struct hawk_abi_rec *rec = hawk_context_ring_next(&c->ring, &at, &len);

		c->begin[n] = c->events.len;
		n += put_record(c, rec, len, time, &c->events);
	}
	if (c->events.error)
		return found;
	c->begin[n] = c->events.len;
	for (kept = 0; kept < n && c->events.len - c->begin[n - kept - 1] <= HAWK_CONTEXT_TEXT;)
		kept++;
	if (kept) /* without the comma of the first */
		hawk_buf_put(out, c->events.data + c->begin[n - kept] + 1, c->events.len - c->begin[n - kept] - 1);
	return n - kept + first;
}

/* The events of BITS as a list. */
static void put_names(struct hawk_buf *out, const char *key, const uint64_t *bits, const uint64_t *whole, bool is_whole)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	const char *comma = "";

	hawk_buf_printf(out, ",\"%s\":[", key);
	for (size_t i = 0; i < n; i++) {
		uint64_t bit = 1ULL << i % 64;

		if (!(bits[i / 64] & bit) || !(whole[i / 64] & bit) == is_whole || descs[i]->internal ||
		    descs[i]->id == HAWK_EV_FINDING)
			continue;
		hawk_buf_printf(out, "%s\"%s\"", comma, descs[i]->name);
		comma = ",";
	}
	hawk_buf_putc(out, ']');
}

void hawk_context_put_events(const struct hawk_context_events *e, struct hawk_buf *out)
{
	put_names(out, "events", e->collected, e->whole, true);
	put_names(out, "events_partly", e->collected, e->whole, false);
}

void hawk_context_events(struct hawk_context *c, struct hawk_context_events *ret)
{
	pthread_mutex_lock(&c->lock);
	*ret = c->events_seen;
	pthread_mutex_unlock(&c->lock);
}

static void put_coverage(struct hawk_context *c, uint64_t time, size_t left_out, bool looked, struct hawk_buf *out)
{
	uint64_t from = time > c->ns ? time - c->ns : 0, since;
	const char *limit = "time";

	if (c->ring.begun > from || !c->ring.begun) {
		from = c->ring.begun ? c->ring.begun : time;
		limit = "start";
	}
	if (c->ring.gone > from) {
		from = c->ring.gone;
		limit = "room";
	}
	if (!looked)
		limit = "skipped";
	hawk_buf_printf(out, ",\"coverage\":{\"from_us\":%" PRIu64 ",\"limit\":\"%s\",\"left_out\":%zu",
			time > from && looked ? (time - from) / 1000 : 0, limit, left_out);
	pthread_mutex_lock(&c->lock);
	since = c->events_seen.since;
	pthread_mutex_unlock(&c->lock);
	if (since > from && time > since)
		hawk_buf_printf(out, ",\"events_changed_us\":%" PRIu64, (time - since) / 1000);
}

void hawk_context_put(struct hawk_context *c, const struct hawk_story_tree *tree, const struct hawk_model *model,
		      uint64_t time, int64_t boot_offset, struct hawk_buf *out)
{
	bool look = may_look(c, time);
	size_t left_out = 0;

	c->skipped += !look;
	hawk_decoder_set_boot_offset(c->decoder, boot_offset);
	hawk_buf_lit(out, ",\"context\":[");
	if (look)
		left_out = put_events(c, find_records(c, tree, model, time > c->ns ? time - c->ns : 0, time), time, out);
	hawk_buf_putc(out, ']');
	put_coverage(c, time, left_out, look, out);
}
