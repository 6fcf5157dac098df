/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Findings: an input is as that of fuzz_decode, a byte of options and then
 * records, each after its length in four bytes, little-endian. They come before
 * a finding whose names, texts and evidence are the bytes of the input, too.
 * What is kept must be JSON at any time.
 */
#include <stdlib.h>
#include <string.h>

#include "src/finding/internal.h"
#include "tests/unit/format/json_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RECORD_MAX ((size_t)64 * 1024)

static struct hawk_buf out = { .max = 4 * 1024 * 1024 };
static uint64_t record[RECORD_MAX / sizeof(uint64_t)];
static struct hawk_process process;
static struct hawk_buf json; /* of an event among the evidence */

static struct hawk_bytes bytes_of(const uint8_t *data, size_t size, size_t at, size_t len)
{
	at = at < size ? at : size;
	len = len < size - at ? len : size - at;
	return (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)data + at, .len = (uint32_t)len };
}

static const struct hawk_process *parent_of(void *ctx, const struct hawk_process *p)
{
	(void)ctx;
	(void)p;
	return &process; /* a circle */
}

static const struct hawk_process *find(void *ctx, uint32_t pid, uint64_t start)
{
	(void)ctx;
	(void)start;
	return pid % 2 ? &process : NULL;
}

static const struct hawk_model model = { .env = { .parent = parent_of }, .process = find };

static void check(void)
{
	if (out.error || !json_check(out.data, out.len))
		abort();
	hawk_buf_reset(&out);
}

/* A finding that EVENT completed, about a process that is called as the input likes. */
static void add(struct hawk_findings *f, struct hawk_event *event, const uint8_t *data, size_t size)
{
	struct hawk_sig_field fields[2] = { { .name = "a" }, { .name = "b", .optional = true } };
	const struct hawk_cel_value output[2] = {
		{ .type = HAWK_CEL_STRING, .bytes = data, .len = (uint32_t)(size < 3000 ? size : 3000) },
	};
	const struct hawk_sig_evidence evidence[2] = {
		{ .event = "file_open", .time = event->time / 2, .json = json.data, .len = size * 7 % (json.len + 1) },
		{ .step = "x", .event = "file_open", .time = event->time, .json = "{\"data\":{}}\n", .len = size % 13 },
	};
	struct hawk_sig sig = {
		.id = "T", .name = "t", .title = "T", .version = "1", .output = fields, .n_output = 2,
		.severity = (enum hawk_severity)(size % 5),
	};
	const struct hawk_sig_found found = {
		.sig = &sig, .event = event, .time = event->time, .evidence = evidence,
		.n_evidence = 2, .message = (const char *)data, .message_len = size, .output = output,
	};
	struct hawk_event told;

	process.exe = bytes_of(data, size, 4, 200);
	process.argv = bytes_of(data, size, 20, 3000);
	process.unit = bytes_of(data, size, 30, 30);
	process.cwd = bytes_of(data, size, 40, 100);
	memcpy(process.comm, data, size < sizeof(process.comm) ? size : sizeof(process.comm));
	event->process = size % 3 ? &process : NULL;
	hawk_findings_add(f, &found, &model, &told);
}

/* An event without data at the time of the last record. */
static void add_after(struct hawk_findings *f, const struct hawk_abi_rec *last, const uint8_t *data, size_t size)
{
	struct hawk_event event = {
		.desc = hawk_event_by_id(HAWK_EV_FILE_OPEN), .time = last->time, .walltime = last->time, .start = last->start,
		.tgid = last->tgid, .tid = last->tid,
	};

	hawk_buf_reset(&json);
	hawk_buf_lit(&json, "{\"event\":\"file_open\",\"process\":{\"exe\":");
	hawk_json_string(&json, data, size < 500 ? size : 500);
	hawk_buf_lit(&json, "},\"data\":{\"pathname\":");
	hawk_json_string(&json, data, size < 500 ? size : 500);
	hawk_buf_lit(&json, "}}\n");
	add(f, &event, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct hawk_findings_limits limits = { .bytes = 65536, .context_bytes = 65536 };
	const struct hawk_findings_query all = { .max = 0 };
	struct hawk_findings *f;
	struct hawk_abi_rec last = { .time = 1000 };
	uint32_t len;

	if (hawk_findings_new(&f, &limits) < 0)
		return 0;
	for (size_t at = 1; at + sizeof(len) <= size; at += len) {
		memcpy(&len, data + at, sizeof(len));
		at += sizeof(len);
		len = len < size - at ? len : (uint32_t)(size - at);
		len = len < RECORD_MAX ? len : (uint32_t)RECORD_MAX;
		memcpy(record, data + at, len);
		if (data[0] & 1 && len >= sizeof(last))
			memcpy((uint8_t *)record + offsetof(struct hawk_abi_rec, size), &len, sizeof(len));
		if (len >= sizeof(last))
			memcpy(&last, record, sizeof(last));
		hawk_findings_record(f, record, len);
	}
	add_after(f, &last, data, size);
	hawk_findings_list(f, &all, &out);
	check();
	if (hawk_findings_show(f, "0-1", &out))
		check();
	hawk_findings_free(f);
	return 0;
}
