/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Recordings, through reader, decoder and process table as in a replay. Each
 * input runs twice: as it is, and with header and record sizes set right, so
 * that a change gets behind the first checks. What is in the table after it
 * must go into a recording again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/collect/recording.h"
#include "src/decode/decode.h"
#include "src/enrich/proctab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

/* Small, so that eviction takes part. */
#define ENTRIES 8
#define BYTES 16384

/* The table's bounds, and that every look-up agrees with the others. */
static void check_event(const struct hawk_proctab *t, const struct hawk_event *event)
{
	const struct hawk_process *p = event->process;
	struct hawk_proctab_stats s = hawk_proctab_stats(t);

	REQUIRE(p);
	REQUIRE(s.entries <= ENTRIES && s.exited <= s.entries);
	REQUIRE(s.entries || !s.bytes);
	REQUIRE(!p->argv.len || !p->argv.data[p->argv.len - 1]);
	REQUIRE(hawk_proctab_in_tree(t, p, (uint32_t)p->task.pid));
	(void)hawk_proctab_in_tree(t, p, UINT32_MAX); /* ends */
	if (!hawk_proctab_find(t, (uint32_t)p->task.pid, p->task.start))
		REQUIRE(p->source == HAWK_FROM_HEADER && !p->task.pid);
	else
		REQUIRE(hawk_proctab_by_pid(t, (uint32_t)p->task.pid)->task.start >= p->task.start);
	REQUIRE(!event->parent || event->parent->task.start <= p->task.start);
}

static int record_again(const struct hawk_process *p, void *out)
{
	return hawk_recording_put_seed(out, p);
}

static void check_seeds(const struct hawk_proctab *t)
{
	static struct hawk_buf out = { .max = 8 * 1024 * 1024 };
	struct hawk_event event;
	struct hawk_decoder *d;
	size_t at = 0;

	hawk_buf_reset(&out);
	REQUIRE(hawk_decoder_new(&d, 0) == 0);
	REQUIRE(hawk_proctab_each(t, record_again, &out) == 0);
	while (at < out.len) {
		uint32_t len;

		memcpy(&len, out.data + at, sizeof(len));
		REQUIRE(hawk_decode(d, out.data + at + sizeof(len), len, &event) >= 0);
		at += sizeof(len) + len;
	}
	hawk_decoder_free(d);
	hawk_buf_done(&out);
}

static void replay(struct hawk_recording *r)
{
	const struct hawk_proctab_options o = { .max_entries = ENTRIES, .max_bytes = BYTES, .proc_fd = -1 };
	static struct hawk_event event;
	struct hawk_decoder *d;
	struct hawk_proctab *t;
	const void *record;
	long len;

	REQUIRE(hawk_decoder_new(&d, 0) == 0);
	REQUIRE(hawk_proctab_new(&t, &o) == 0);
	while ((len = hawk_recording_next(r, &record)) > 0) {
		REQUIRE(len <= HAWK_RECORD_MAX);
		if (hawk_decode(d, record, (size_t)len, &event) != 0)
			continue;
		REQUIRE(hawk_proctab_apply(t, &event) == 0);
		check_event(t, &event);
	}
	REQUIRE(len == 0 || len == -EBADMSG);
	check_seeds(t);
	hawk_decoder_free(d);
	hawk_proctab_free(t);
}

static void run(void *data, size_t size)
{
	struct hawk_recording *r = NULL;
	FILE *f = fmemopen(data, size, "r");
	char *why = NULL;
	int e;

	if (!f) /* not for nothing at all */
		return;
	e = hawk_recording_open_stream(&r, f, &why);
	REQUIRE((e == 0) == (r != NULL));
	REQUIRE(e == 0 || why);
	if (r)
		replay(r);
	hawk_recording_free(r);
	free(why);
}

/* Sets right what the reader checks first. */
static void repair(uint8_t *data, size_t size)
{
	struct hawk_recording_header h;
	size_t at = sizeof(h);

	if (size < sizeof(h))
		return;
	hawk_recording_header_fill(&h);
	memcpy(data, &h, sizeof(h));
	while (size - at >= sizeof(uint32_t) + sizeof(struct hawk_abi_rec)) {
		uint32_t len;

		memcpy(&len, data + at, sizeof(len));
		if (len < sizeof(struct hawk_abi_rec))
			len = sizeof(struct hawk_abi_rec);
		if (len > size - at - sizeof(len))
			len = (uint32_t)(size - at - sizeof(len));
		memcpy(data + at, &len, sizeof(len));
		at += sizeof(len);
		memcpy(data + at + offsetof(struct hawk_abi_rec, size), &len, sizeof(len));
		at += len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ uint8_t *copy = malloc(size + !size);

	REQUIRE(copy);
	memcpy(copy, data, size);
	run(copy, size);
	repair(copy, size);
	run(copy, size);
	return 0;
}
