/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "tests/unit/format/json_check.h"

static struct hawk_buf json, back;

static uint64_t random_state = 20260102;

static uint8_t random_byte(void)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint8_t)(random_state >> 56);
}

/* Escapes the bytes, reads them back and compares. */
static void round_trip(const uint8_t *bytes, size_t len)
{
	hawk_buf_reset(&json);
	hawk_buf_reset(&back);
	hawk_json_string(&json, bytes, len);
	assert_int_equal(json.error, 0);
	assert_true(json_check(json.data, json.len));
	assert_true(json_unescape(json.data, json.len, &back));
	assert_int_equal(back.len, len);
	if (len)
		assert_memory_equal(back.data, bytes, len);
}

static void assert_json(const char *bytes, const char *expected)
{
	hawk_buf_reset(&json);
	hawk_json_string(&json, (const uint8_t *)bytes, strlen(bytes));
	assert_string_equal(hawk_buf_str(&json), expected);
}

static void assert_text(const char *bytes, const char *expected)
{
	hawk_buf_reset(&json);
	hawk_text_escape(&json, (const uint8_t *)bytes, strlen(bytes));
	assert_string_equal(hawk_buf_str(&json), expected);
}

static void json_form(void **state)
{
	(void)state;
	assert_json("", "\"\"");
	assert_json("plain /path", "\"plain /path\"");
	assert_json("a\"b\\c", "\"a\\\"b\\\\c\"");
	assert_json("\n\t\x1b\x7f", "\"\\u000a\\u0009\\u001b\\u007f\"");
	assert_json("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\xa6\x85",
		    "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\xa6\x85\"");
	assert_json("\xe2\x80\xae", "\"\\u202e\"");
	/* C1 control, lone bytes, overlong '/', a surrogate in UTF-8, beyond U+10FFFF, a cut sequence */
	assert_json("\xc2\x9b", "\"\\u009b\"");
	assert_json("\xff\x80", "\"\\udcff\\udc80\"");
	assert_json("\xc0\xaf", "\"\\udcc0\\udcaf\"");
	assert_json("\xed\xa0\x80", "\"\\udced\\udca0\\udc80\"");
	assert_json("\xf4\x90\x80\x80", "\"\\udcf4\\udc90\\udc80\\udc80\"");
	assert_json("x\xe2\x82", "\"x\\udce2\\udc82\"");
}

static void json_every_byte_everywhere(void **state)
{
	uint8_t block[24];

	(void)state;
	for (int c = 0; c < 256; c++) {
		for (size_t at = 0; at < sizeof(block); at++) {
			memset(block, 'a', sizeof(block));
			block[at] = (uint8_t)c;
			round_trip(block, sizeof(block));
		}
	}
	for (int c = 0; c < 65536; c++) {
		const uint8_t pair[] = { (uint8_t)(c >> 8), (uint8_t)c };

		round_trip(pair, sizeof(pair));
	}
}

/* Long enough for several pieces; at each length a character of several bytes may lie across two of them. */
static void json_long(void **state)
{
	static uint8_t bytes[3000];

	(void)state;
	for (size_t len = 0; len < sizeof(bytes); len++) {
		for (size_t i = 0; i < len; i++)
			bytes[i] = random_byte() & 1 ? random_byte() : 'x';
		round_trip(bytes, len);
	}
	for (size_t len = 240; len < 280; len++) {
		for (size_t i = 0; i + 3 <= len; i += 3)
			memcpy(bytes + i, "\xe2\x82\xac", 3);
		round_trip(bytes, len - len % 3);
	}
}

static void json_bound_is_kept(void **state)
{
	struct hawk_buf small = { .max = 64 };
	uint8_t bytes[100] = { 0 };

	(void)state;
	hawk_json_string(&small, bytes, sizeof(bytes));
	assert_int_equal(small.error, -E2BIG);
	assert_true(small.cap <= 64);
	hawk_buf_done(&small);
}

static void text_form(void **state)
{
	(void)state;
	assert_text("plain \"quoted\"", "plain \"quoted\"");
	assert_text("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	assert_text("\x1b[31m\n", "\\x1b[31m\\x0a");
	assert_text("\xff\xc2\x9b", "\\xff\\xc2\\x9b");
	assert_text("\\x1b", "\\\\x1b");
	/* right-to-left override, line separator */
	assert_text("\xe2\x80\xae" "fdp.exe\xe2\x80\xa8", "\\xe2\\x80\\xae" "fdp.exe\\xe2\\x80\\xa8");
}

static void text_never_a_control_character(void **state)
{
	uint8_t bytes[500];

	(void)state;
	for (int n = 0; n < 500; n++) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = random_byte();
		hawk_buf_reset(&json);
		hawk_text_escape(&json, bytes, sizeof(bytes));
		for (size_t i = 0; i < json.len; i++) {
			uint8_t c = (uint8_t)json.data[i];

			assert_true(c >= ' ' && c != 0x7f);
			assert_false(c == 0xc2 && (uint8_t)json.data[i + 1] < 0xa0);
		}
	}
}

static int done(void **state)
{
	(void)state;
	hawk_buf_done(&json);
	hawk_buf_done(&back);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_form),
		cmocka_unit_test(json_every_byte_everywhere),
		cmocka_unit_test(json_long),
		cmocka_unit_test(json_bound_is_kept),
		cmocka_unit_test(text_form),
		cmocka_unit_test(text_never_a_control_character),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
