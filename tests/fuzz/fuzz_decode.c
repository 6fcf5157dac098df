/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Raw records, and the events that are made of system calls. An input is a byte of options and then records, each after its
 * length in four bytes, little-endian. Options bit 0: the size in the header is
 * set right, so that a change of length gets behind the first check.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/decode/decode.h"
#include "src/derive/made.h"
#include "src/event/field.h"
#include "src/event/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(what) \
	do { \
		if (!(what)) \
			abort(); \
	} while (0)

static struct hawk_buf out = { .max = 4 * 1024 * 1024 };

/* What readers rely on; and every byte is looked at, by printing it. */
static void check_value(enum hawk_type type, const struct hawk_value *v)
{
	enum hawk_vclass class = hawk_type_desc(type)->vclass;

	if (v->flags & HAWK_VAL_ABSENT)
		return;
	if (class == HAWK_V_STRV && v->len)
		REQUIRE(v->bytes[v->len - 1] == '\0');
	if (class == HAWK_V_BYTES || class == HAWK_V_STRV)
		REQUIRE(v->len <= HAWK_LONG_BYTES + 1);
	if (v->flags & HAWK_VAL_TRUNCATED && class == HAWK_V_BYTES && type != HAWK_T_PATH && type != HAWK_T_ABSPATH)
		REQUIRE(v->full > v->len);
	if (type == HAWK_T_BOOL)
		REQUIRE(v->u <= 1);
	hawk_buf_reset(&out);
	REQUIRE(hawk_value_print(&out, type, v, 0) == 0);
}

static void check_event(const struct hawk_event *event)
{
	struct hawk_field field;
	struct hawk_value v;

	for (size_t i = 0; i < event->desc->n_fields; i++) {
		const struct hawk_field_desc *f = &event->desc->fields[i];

		check_value(f->type, &event->data[i]);
		if (f->type == HAWK_T_TASK)
			REQUIRE(event->task);
	}
	REQUIRE(hawk_field_find("event", &field) == 0 && hawk_field_get(&field, event, &v) == 0);
	REQUIRE(hawk_field_find("data.pathname", &field) == 0);
	if (hawk_field_get(&field, event, &v) == 0)
		check_value(hawk_field_type(&field, event->desc), &v);
}

static void check_made(void *ctx, struct hawk_event *made)
{
	(void)ctx;
	check_event(made);
}

/* All that is made of the call, as if it had succeeded. */
static void check_made_of(struct hawk_event *call)
{
	static _Atomic uint64_t all[HAWK_EVENT_ID_MAX / 64];
	static struct hawk_made_table table;
	static struct hawk_event made;

	if (!all[0]) {
		hawk_made_init(&table);
		for (size_t i = 0; i < ARRAY_SIZE(all); i++)
			all[i] = UINT64_MAX;
	}
	call->data[hawk_event_field(call->desc, "retval")] = (struct hawk_value){ .s = 0 };
	hawk_made_of(&table, all, call, &made, check_made, NULL);
}

/* Decodes a record in memory of its own length. */
static void decode_one(struct hawk_decoder *d, const uint8_t *record, uint32_t len, bool set_size)
{
	uint8_t *copy = malloc(len ? len : 1);
	static struct hawk_event event;
	int r;

	REQUIRE(copy);
	memcpy(copy, record, len);
	if (set_size && len >= sizeof(struct hawk_abi_rec))
		memcpy(copy + offsetof(struct hawk_abi_rec, size), &len, sizeof(len));
	r = hawk_decode(d, copy, len, &event);
	REQUIRE(r == 0 || r == 1 || r == -EBADMSG);
	if (r == 0) {
		check_event(&event);
		if (event.desc->syscall)
			check_made_of(&event);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hawk_decoder *d;
	bool set_size = size && data[0] & 1;
	size_t at = 1;

	REQUIRE(hawk_decoder_new(&d, 0) == 0);
	while (size > at && size - at >= sizeof(uint32_t)) {
		uint32_t len;

		memcpy(&len, data + at, sizeof(len));
		at += sizeof(len);
		if (len > size - at)
			len = size - at;
		decode_one(d, data + at, len, set_size);
		at += len;
	}
	hawk_decoder_free(d);
	hawk_buf_done(&out);
	return 0;
}
