/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every event with random values, marks and bytes, in every format: JSON must
 * be valid, by our own strict reader and, when all bytes are text, by jansson
 * (which refuses the lone surrogates that stand for other bytes); no format may
 * let a control character through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <jansson.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "tests/unit/format/json_check.h"
#include "tests/unit/format/sample.h"

#define ROUNDS 150

static const char *const descriptions[] = {
	"json", "tracee", "tetragon", "csv", "table", "wide",
	"template=%{time} %{process.argv} %{data.pathname} %{data.argv} %{data.addr} %{parent.exe} %{comm}",
};

static struct hawk_format *formats[ARRAY_SIZE(descriptions)];
static struct hawk_buf out;
static uint64_t random_state = 4242;

static uint32_t random_number(void)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(random_state >> 32);
}

static uint64_t random_wide(void)
{
	/* Small numbers and single bits are what tables have names for. */
	switch (random_number() % 3) {
	case 0:
		return random_number() % 64;
	case 1:
		return 1ULL << random_number() % 64;
	}
	return (uint64_t)random_number() << 32 | random_number();
}

static void fill(uint8_t *bytes, size_t len, bool text)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(text ? ' ' + random_number() % 95 : random_number());
}

static void fill_value(struct hawk_value *v, const struct hawk_type_desc *type, uint8_t bytes[static 256], bool text)
{
	*v = (struct hawk_value){ .flags = 0 };
	if (random_number() % 4 == 0)
		v->flags = random_number() % 256;
	v->full = random_number();
	switch (type->vclass) {
	case HAWK_V_UINT:
	case HAWK_V_SINT:
		v->u = random_wide();
		if (type->size < sizeof(v->u) && type->vclass == HAWK_V_UINT)
			v->u &= (1ULL << 8 * type->size) - 1;
		else if (type->size == sizeof(uint32_t))
			v->s = (int32_t)v->u;
		break;
	case HAWK_V_IP:
	case HAWK_V_BYTES:
	case HAWK_V_STRV:
		v->len = type->vclass == HAWK_V_IP ? 16 : random_number() % 256;
		fill(bytes, v->len, text);
		if (type->vclass == HAWK_V_STRV)
			for (uint32_t i = 9; i < v->len; i += 10)
				bytes[i] = '\0';
		v->bytes = bytes;
		break;
	case HAWK_V_TASK:
		break;
	}
}

static void check_text(const struct hawk_buf *b)
{
	bool control = false;

	for (size_t i = 0; i + 1 < b->len; i++) {
		uint8_t c = (uint8_t)b->data[i];

		control |= c < ' ' || c == 0x7f || (c == 0xc2 && (uint8_t)b->data[i + 1] < 0xa0);
	}
	if (control)
		fail_msg("a control character: %.*s", (int)b->len, b->data);
	assert_int_equal(b->data[b->len - 1], '\n');
}

static void check_json(const struct hawk_buf *b, bool text)
{
	json_error_t error;
	json_t *v;

	if (!json_check(b->data, b->len))
		fail_msg("not JSON: %.*s", (int)b->len, b->data);
	if (!text)
		return;
	v = json_loadb(b->data, b->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	/* jansson has no numbers above 2^63. */
	if (!v && json_error_code(&error) != json_error_numeric_overflow)
		fail_msg("%s at %d: %.*s", error.text, error.position, (int)b->len, b->data);
	json_decref(v);
}

static void check_event(const struct hawk_event_desc *desc, bool text)
{
	uint8_t bytes[HAWK_EVENT_FIELDS_MAX][256], argv[64];
	struct sample s;

	sample_init(&s, desc->name);
	for (size_t i = 0; i < desc->n_fields; i++)
		fill_value(&s.event.data[i], hawk_type_desc(desc->fields[i].type), bytes[i], text);
	fill(argv, sizeof(argv), text);
	s.process.argv = (struct hawk_bytes){ .data = argv, .len = sizeof(argv), .flags = random_number() % 128 };
	fill(s.event.comm, sizeof(s.event.comm), text);
	s.process.task.cap_ambient = random_wide();
	s.process.exec_flags = random_number();
	s.process.exit_time = random_wide();
	s.process.exit_signal = (int32_t)random_number();
	s.event.walltime = random_wide();
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		hawk_buf_reset(&out);
		assert_int_equal(hawk_format_event(formats[i], &s.event, &out), 0);
		if (desc->id == HAWK_EV_FINDING && strcmp(descriptions[i], "tetragon") == 0) {
			assert_int_equal(out.len, 0);
			continue;
		}
		check_text(&out);
		if (hawk_format_is_json(formats[i]))
			check_json(&out, text);
	}
	sample_done(&s);
}

static void any_event(void **state)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	(void)state;
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < n; i++)
			check_event(descs[i], round % 2);
}

static int setup(void **state)
{
	char *why = NULL;
	int r = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats) && !r; i++)
		r = hawk_format_new(&formats[i], descriptions[i], false, &why);
	return r;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		hawk_format_free(formats[i]);
	hawk_buf_done(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_event),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
