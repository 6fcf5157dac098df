/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/finding/finding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/finding/internal.h"

#define BYTES_DEFAULT ((size_t)16 * 1024 * 1024)
#define CONTEXT_BYTES_DEFAULT ((size_t)4 * 1024 * 1024)
#define CONTEXT_NS_DEFAULT (10ULL * 1000 * 1000 * 1000)
#define ALLOC_OVERHEAD 16

int hawk_findings_new(struct hawk_findings **ret, const struct hawk_findings_limits *limits)
{
	struct hawk_findings *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return -ENOMEM;
	f->limits = *limits;
	f->limits.bytes = limits->bytes ? limits->bytes : BYTES_DEFAULT;
	f->limits.context_bytes = limits->context_bytes ? limits->context_bytes : CONTEXT_BYTES_DEFAULT;
	f->limits.context_ns = limits->context_ns ? limits->context_ns : CONTEXT_NS_DEFAULT;
	snprintf(f->prefix, sizeof(f->prefix), "%s", limits->prefix ? limits->prefix : "0");
	f->limits.prefix = NULL; /* the caller's */
	f->story.max = HAWK_FINDING_STORY_MAX;
	r = hawk_context_init(&f->context, &f->limits);
	if (r < 0) {
		hawk_findings_free(f);
		return r;
	}
	*ret = f;
	return 0;
}

static void forget_oldest(struct hawk_findings *f)
{
	struct hawk_finding_kept *k = f->oldest;

	f->oldest = k->next;
	if (!f->oldest)
		f->newest = NULL;
	f->stats.bytes -= sizeof(*k) + k->len + ALLOC_OVERHEAD;
	f->stats.kept--;
	f->stats.forgotten++;
	free(k);
}

struct hawk_findings *hawk_findings_free(struct hawk_findings *f)
{
	if (!f)
		return NULL;
	while (f->oldest)
		forget_oldest(f);
	for (size_t i = 0; i < ARRAY_SIZE(f->told); i++) {
		hawk_buf_done(&f->told[i].message);
		hawk_buf_done(&f->told[i].output);
		hawk_buf_done(&f->told[i].evidence);
		hawk_buf_done(&f->told[i].tags);
	}
	hawk_buf_done(&f->scratch);
	hawk_buf_done(&f->story);
	hawk_context_done(&f->context);
	free(f);
	return NULL;
}

void hawk_findings_prefix(const char *boot_id, uint64_t start, char ret[static HAWK_FINDING_PREFIX_MAX + 1])
{
	uint64_t h = 0xcbf29ce484222325ULL; /* FNV-1a */

	for (const char *p = boot_id; *p && *p != '\n'; p++)
		h = (h ^ (uint8_t)*p) * 0x100000001b3ULL;
	for (int i = 0; i < 8; i++)
		h = (h ^ (uint8_t)(start >> 8 * i)) * 0x100000001b3ULL;
	snprintf(ret, HAWK_FINDING_PREFIX_MAX + 1, "%08" PRIx32, (uint32_t)(h ^ h >> 32));
}

/* Internal records are not told, but for the continuations of those that are. */
static bool is_told(uint16_t event)
{
	return event < 900 ? event != HAWK_EV_NET_PACKET_BASE : event == HAWK_EV_CHAIN || event >= 1000;
}

void hawk_findings_record(struct hawk_findings *f, const void *record, size_t len)
{
	uint16_t event;

	if (len < sizeof(struct hawk_abi_rec))
		return;
	memcpy(&event, (const uint8_t *)record + offsetof(struct hawk_abi_rec, event), sizeof(event));
	if (is_told(event))
		hawk_context_ring_put(&f->context.ring, record, len);
}

void hawk_findings_collected(struct hawk_findings *f, const uint64_t *events, const uint64_t *whole, uint64_t time)
{
	size_t n;

	hawk_event_descs(&n);
	pthread_mutex_lock(&f->context.lock);
	memcpy(f->context.events_seen.collected, events, (n + 63) / 64 * sizeof(*events));
	memcpy(f->context.events_seen.whole, whole, (n + 63) / 64 * sizeof(*whole));
	f->context.events_seen.since = time;
	pthread_mutex_unlock(&f->context.lock);
}

static void keep(struct hawk_findings *f, const struct hawk_sig_found *found, const struct hawk_event *event,
		 const struct hawk_story_tree *tree, const char *id, size_t head)
{
	size_t len = f->story.len, bytes = sizeof(struct hawk_finding_kept) + len + ALLOC_OVERHEAD;
	const struct hawk_process *root = tree->n ? tree->chain[tree->root] : NULL;
	struct hawk_finding_kept *k;

	if (f->story.error || bytes > f->limits.bytes) {
		f->stats.forgotten++;
		return;
	}
	while (f->stats.bytes + bytes > f->limits.bytes)
		forget_oldest(f);
	k = malloc(sizeof(*k) + len);
	if (!k) {
		f->stats.forgotten++;
		return;
	}
	*k = (struct hawk_finding_kept){
		.time = found->time, .severity = found->sig->severity, .pid = event->tgid, .start = event->start,
		.root_pid = root ? (uint32_t)root->task.pid : event->tgid,
		.root_start = root ? root->task.start : event->start, .len = len, .head = head,
	};
	memcpy(k->id, id, sizeof(k->id));
	hawk_context_events(&f->context, &k->events);
	memcpy(k->text, f->story.data, len);
	*(f->newest ? &f->newest->next : &f->oldest) = k;
	f->newest = k;
	f->stats.kept++;
	f->stats.bytes += bytes;
}

void hawk_findings_add(struct hawk_findings *f, const struct hawk_sig_found *found, const struct hawk_model *model,
		       struct hawk_event *ret)
{
	unsigned int depth = found->depth <= HAWK_SIG_DEPTH_MAX ? found->depth : HAWK_SIG_DEPTH_MAX;
	struct hawk_finding_told *t = &f->told[depth];
	struct hawk_story_tree tree;
	size_t head;

	snprintf(t->id, sizeof(t->id), "%s-%" PRIu64, f->prefix, ++f->stats.found);
	hawk_finding_tell(t, &f->scratch, found, model, ret);
	hawk_story_tree(&tree, ret, model);
	head = hawk_story_put(f, found, ret, &tree, model);
	keep(f, found, ret, &tree, t->id, head);
}

/* Whether the member KEY of K is the string S. */
static bool is(const struct hawk_finding_kept *k, const char *key, const char *s, struct hawk_buf *scratch)
{
	const char *text;
	size_t len;

	if (!hawk_finding_member(k->text, k->head, key, &text, &len))
		return false;
	hawk_buf_reset(scratch);
	hawk_json_string(scratch, (const uint8_t *)s, strlen(s));
	return !scratch->error && scratch->len == len && memcmp(scratch->data, text, len) == 0;
}

static bool fits(const struct hawk_finding_kept *k, const struct hawk_findings_query *q, struct hawk_buf *scratch)
{
	if (k->severity < q->severity || k->time < q->since)
		return false;
	if (q->signature && !is(k, "signature", q->signature, scratch) && !is(k, "signature_id", q->signature, scratch))
		return false;
	return !q->unit || is(k, "unit", q->unit, scratch) || is(k, "user_unit", q->unit, scratch);
}

size_t hawk_findings_list(const struct hawk_findings *f, const struct hawk_findings_query *q, struct hawk_buf *out)
{
	_cleanup_(hawk_buf_done) struct hawk_buf scratch = HAWK_BUF_INIT;
	size_t n = 0, skip;
	const char *comma = "";

	for (const struct hawk_finding_kept *k = f->oldest; k; k = k->next)
		n += fits(k, q, &scratch);
	skip = q->max && n > q->max ? n - q->max : 0;
	n = 0;
	hawk_buf_putc(out, '[');
	for (const struct hawk_finding_kept *k = f->oldest; k; k = k->next) {
		if (!fits(k, q, &scratch) || n++ < skip)
			continue;
		hawk_buf_puts(out, comma);
		hawk_buf_put(out, k->text, k->head);
		hawk_buf_putc(out, '}');
		comma = ",";
	}
	hawk_buf_putc(out, ']');
	return skip;
}

bool hawk_findings_show(const struct hawk_findings *f, const char *id, struct hawk_buf *out)
{
	for (const struct hawk_finding_kept *k = f->oldest; k; k = k->next)
		if (strcmp(k->id, id) == 0) {
			hawk_buf_lit(out, "{\"finding\":");
			hawk_buf_put(out, k->text, k->head);
			hawk_buf_lit(out, "},\"story\":{");
			hawk_buf_put(out, k->text + k->head + 1, k->len - k->head - 1); /* without the comma between them */
			hawk_context_put_events(&k->events, out);
			hawk_buf_lit(out, "}}}"); /* of the coverage, the story and all */
			return true;
		}
	return false;
}

struct hawk_findings_stats hawk_findings_stats(const struct hawk_findings *f)
{
	struct hawk_findings_stats s = f->stats;

	s.without_context = f->context.skipped;
	s.records = f->context.ring.n;
	s.record_bytes = f->context.ring.head - f->context.ring.tail;
	return s;
}
