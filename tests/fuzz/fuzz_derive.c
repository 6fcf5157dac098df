/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Packets through the whole stage, with the state that it keeps between them.
 * An input is packets, each after direction (1 byte), classes (2), socket
 * cookie (1) and length (2), little-endian.
 */
#include <stdlib.h>
#include <string.h>

#include "src/derive/derive.h"
#include "src/event/process.h"
#include "src/format/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 6

static struct hawk_format *format;
static struct hawk_buf out = { .max = 4 * 1024 * 1024 };

/* Every value is looked at, by writing the event. */
static void on_derived(void *ctx, struct hawk_event *event)
{
	(void)ctx;
	hawk_buf_reset(&out);
	if (hawk_format_event(format, event, &out) < 0)
		abort();
}

static void set(struct hawk_event *event, const char *field, uint64_t u)
{
	event->data[hawk_event_field(event->desc, field)] = (struct hawk_value){ .u = u };
}

static void play(struct hawk_derive *d, const uint8_t *head, const uint8_t *packet, uint32_t len, uint64_t time)
{
	static struct hawk_process nobody; /* the formatter keeps its text there */
	static struct hawk_event event;
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, packet, len);
	event.desc = hawk_event_by_id(HAWK_EV_NET_PACKET_BASE);
	event.process = &nobody;
	event.time = event.walltime = time;
	event.tgid = head[3] & 3;
	set(&event, "cookie", head[3]);
	set(&event, "packet_len", len);
	set(&event, "ifindex", 1);
	set(&event, "classes", head[1] | (uint64_t)head[2] << 8);
	set(&event, "direction", head[0] & 1);
	set(&event, "owner", HAWK_OWNER_SOCKET);
	event.data[hawk_event_field(event.desc, "data")] = (struct hawk_value){ .bytes = copy, .len = len, .full = len };
	hawk_derive_event(d, &event, on_derived, NULL);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hawk_derive *d;
	uint64_t time = 1;
	char *why = NULL;

	if (!format && hawk_format_new(&format, "json", false, &why) < 0)
		abort();
	if (hawk_derive_new(&d) < 0)
		abort();
	for (size_t at = 0; size - at >= HEAD; time += 1000000000) {
		uint32_t len = data[at + 4] | (uint32_t)data[at + 5] << 8;

		if (len > size - at - HEAD)
			len = (uint32_t)(size - at - HEAD);
		play(d, data + at, data + at + HEAD, len, time);
		at += HEAD + len;
	}
	hawk_derive_free(d);
	return 0;
}
