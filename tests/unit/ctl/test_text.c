/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "ctl/base64.h"
#include "ctl/line.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"

/* What FN writes, as a string. */
#define WRITTEN(out, ...) ({ \
	static char written[4096]; \
	FILE *out = fmemopen(written, sizeof(written), "w"); \
	assert_non_null(out); \
	__VA_ARGS__; \
	fclose(out); \
	written; })

static const char *safe(const char *text)
{
	static struct hawk_buf out;

	hawk_buf_done(&out);
	hawk_text_safe(&out, text, strlen(text));
	return hawk_buf_str(&out);
}

static void terminal_is_safe(void **state)
{
	assert_string_equal(safe("plain ä"), "plain ä");
	assert_string_equal(safe("a\033[31mb\n"), "a\\x1b[31mb\\x0a");
	/* U+EFFF and U+EF80, the bytes ff and 80 on the wire. */
	assert_string_equal(safe("x\xee\xbf\xbfy\xee\xbe\x80"), "x\\xffy\\x80");
	/* Bad bytes that make up good UTF-8 together are that character again. */
	assert_string_equal(safe("\xee\xbf\x83\xee\xbe\xa4"), "ä");
	/* Below the range: an ordinary private character. */
	assert_string_equal(safe("\xee\xbd\xbf"), "\xee\xbd\xbf");
}

static void lines(void **state)
{
	const char *hostile = "a\033[1mb\033[0m\tc\033]0;title\x07\xc2\x9b\x0d\n";

	assert_string_equal(WRITTEN(f, hawk_text_write_line(f, hostile, strlen(hostile), true)),
			    "a\033[1mb\033[0m\tc\\x1b]0;title\\x07\\xc2\\x9b\\x0d\n");
	assert_string_equal(WRITTEN(f, hawk_text_write_line(f, hostile, strlen(hostile), false)), hostile);
	assert_string_equal(WRITTEN(f, hawk_text_write_line(f, "\xc2", 1, true)), "\xc2\n");
	assert_string_equal(WRITTEN(f, hawk_text_write_line(f, "\033[", 2, true)), "\\x1b[\n");
	assert_string_equal(WRITTEN(f, hawk_text_write(f, "a\n\nb\x01", 5)), "a\n\nb\\x01\n");
}

static void json_is_lossless(void **state)
{
	json_t *json = json_pack("{s:[s]}", "argv", "x\xee\xbf\xbf");

	assert_string_equal(WRITTEN(f, hawk_text_write_json(f, json, false)), "{\"argv\":[\"x\\udcff\"]}\n");
	json_decref(json);
	/* Escapes for terminals that JSON does not ask for: DEL, an 8-bit CSI, a turn of the direction of text. */
	json = json_pack("[s]", "\x7f\xc2\x9b\xe2\x80\xae\xc3\xa4\n");
	assert_string_equal(WRITTEN(f, hawk_text_write_json(f, json, false)),
			    "[\"\\u007f\\u009b\\u202e\xc3\xa4\\n\"]\n");
	json_decref(json);
}

static const char *decode(const char *text, int expected)
{
	static struct hawk_buf out;

	hawk_buf_reset(&out);
	assert_int_equal(hawk_base64_decode(&out, text, strlen(text)), expected);
	return hawk_buf_str(&out);
}

static void base64(void **state)
{
	assert_string_equal(decode("", 0), "");
	assert_string_equal(decode("Zg==", 0), "f");
	assert_string_equal(decode("Zm8=", 0), "fo");
	assert_string_equal(decode("Zm9vYmFy", 0), "foobar");
	assert_string_equal(decode("+/+/", 0), "\xfb\xff\xbf");
	assert_string_equal(decode("Zm9", -EINVAL), "");
	assert_string_equal(decode("Zm9v====", -EINVAL), "");
	assert_string_equal(decode("Z===", -EINVAL), "");
	assert_string_equal(decode("Zm=v", -EINVAL), "");
	assert_string_equal(decode("Zm9vZm\n=", -EINVAL), "");
}

#define REPLY(text) "{\"parameters\":{\"line\":\"" text "\"},\"continues\":true}"

static const char *line(const char *reply)
{
	static struct hawk_buf out;

	return hawk_line_take(&out, reply, strlen(reply)) ? hawk_buf_str(&out) : NULL;
}

/* What it does not take goes to the parser: it must never give something else than that would. */
static void short_way(void **state)
{
	assert_string_equal(line(REPLY("")), "");
	assert_string_equal(line(REPLY("a b")), "a b");
	assert_string_equal(line(REPLY("\\\"\\\\\\/\\n\\t\\u001b\\u0041\\u007F")), "\"\\/\n\t\033A\177");
	assert_null(line(REPLY("a\"b")));
	assert_null(line(REPLY("a\\")));
	assert_null(line(REPLY("a\\x")));
	assert_null(line(REPLY("\\u00e4")));
	assert_null(line(REPLY("\\u0000")));
	assert_null(line(REPLY("\\ud83d\\ude00")));
	assert_null(line(REPLY("\\u00")));
	assert_null(line(REPLY("\\u00g0")));
	assert_null(line(REPLY("ä")));
	assert_null(line(REPLY("a\nb")));
	assert_null(line(REPLY("a\",\"line\":\"b")));
	assert_null(line("{\"parameters\":{\"line\":\"},\"continues\":true}"));
	assert_null(line("{\"parameters\":{\"line\":\"a\"}}"));
	assert_null(line("{}"));
	assert_null(line(""));
}

static void amounts(void **state)
{
	_cleanup_(hawk_buf_done) struct hawk_buf b = HAWK_BUF_INIT;

	hawk_text_duration(&b, 999);
	hawk_buf_putc(&b, '|');
	hawk_text_duration(&b, 61000);
	hawk_buf_putc(&b, '|');
	hawk_text_duration(&b, 3 * 86400000ULL + 3600000);
	hawk_buf_putc(&b, '|');
	hawk_text_bytes(&b, 1023);
	hawk_buf_putc(&b, '|');
	hawk_text_bytes(&b, 1536);
	hawk_buf_putc(&b, '|');
	hawk_text_bytes(&b, UINT64_MAX);
	assert_string_equal(hawk_buf_str(&b), "999 ms|1 min 1 s|3 days 1 h|1023 B|1.5 KiB|16777216.0 TiB");
}

static void columns(void **state)
{
	struct hawk_table *t = hawk_table_new("NAME,>N,TEXT");

	hawk_table_put(t, "ä");
	hawk_table_put_u64(t, 7);
	hawk_table_put(t, "日本 long text");
	hawk_table_put(t, "");
	hawk_table_put_u64(t, 1234);
	hawk_table_put(t, "a\nb");
	assert_string_equal(WRITTEN(f, hawk_table_print(t, f, 0)),
			    "NAME     N  TEXT\n"
			    "ä        7  日本 long text\n"
			    "-     1234  a\\x0ab\n");
	assert_string_equal(WRITTEN(f, hawk_table_print(t, f, 23)),
			    "NAME     N  TEXT\n"
			    "ä        7  日本 long …\n"
			    "-     1234  a\\x0ab\n");
	hawk_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terminal_is_safe),
		cmocka_unit_test(lines),
		cmocka_unit_test(json_is_lossless),
		cmocka_unit_test(base64),
		cmocka_unit_test(short_way),
		cmocka_unit_test(amounts),
		cmocka_unit_test(columns),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	hawk_term_set(false, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
