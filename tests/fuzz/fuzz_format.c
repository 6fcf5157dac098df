/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes from outside in every format. An input is the value of each field of
 * variable size: text, arguments with secrets, socket address, struct open_how.
 */
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/event/event.h"
#include "src/event/process.h"
#include "src/format/format.h"
#include "tests/unit/format/json_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

static const char *const descriptions[] = {
	"json", "tracee", "tetragon", "csv", "wide", "template=%{process.argv} %{data.addr} %{data.how}",
};
static struct hawk_format *formats[ARRAY_SIZE(descriptions)];
static struct hawk_buf out = { .max = HAWK_FORMAT_EVENT_MAX }, back;

static void prepare(void)
{
	char *why;

	for (size_t i = 0; i < ARRAY_SIZE(formats) && !formats[i]; i++)
		REQUIRE(hawk_format_new(&formats[i], descriptions[i], false, &why) == 0);
}

static void check_line(const struct hawk_format *f)
{
	REQUIRE(out.len && out.data[out.len - 1] == '\n');
	for (size_t i = 0; i + 1 < out.len; i++) {
		uint8_t c = (uint8_t)out.data[i];

		REQUIRE(c >= ' ' && c != 0x7f);
		REQUIRE(c != 0xc2 || (uint8_t)out.data[i + 1] >= 0xa0);
	}
	if (hawk_format_is_json(f))
		REQUIRE(json_check(out.data, out.len));
}

static void check_event(const struct hawk_event_desc *desc, const uint8_t *data, uint32_t size)
{
	struct hawk_process process = { .argv = { .data = (uint8_t *)(uintptr_t)data, .len = size } };
	struct hawk_event event = { .desc = desc, .tgid = 1, .process = &process };

	for (size_t i = 0; i < desc->n_fields; i++) {
		event.data[i].flags = HAWK_VAL_ABSENT;
		if (!hawk_type_desc(desc->fields[i].type)->var)
			continue;
		event.data[i] = (struct hawk_value){ .bytes = data, .len = size };
	}
	memcpy(event.comm, data, size < sizeof(event.comm) ? size : sizeof(event.comm));
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		hawk_buf_reset(&out);
		REQUIRE(hawk_format_event(formats[i], &event, &out) == 0);
		check_line(formats[i]);
	}
	free(process.json.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t events[] = { HAWK_EV_SCHED_PROCESS_EXEC, HAWK_EV_SYS_connect, HAWK_EV_SYS_openat2 };

	prepare();
	/* Longer values do not come out of the decoder. */
	if (size > HAWK_PATH_BYTES)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		check_event(hawk_event_by_id(events[i]), data, (uint32_t)size);
	hawk_buf_reset(&out);
	hawk_buf_reset(&back);
	hawk_json_string(&out, data, size);
	REQUIRE(json_unescape(out.data, out.len, &back) && back.len == size);
	REQUIRE(!size || memcmp(back.data, data, size) == 0);
	return 0;
}
