/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/format/redact.h"

/* Strings are joined by '|' here, which stands for the NUL byte between them. */
static void assert_redacted(const char *in, const char *expected)
{
	struct hawk_buf out = HAWK_BUF_INIT;
	_cleanup_free_ char *strv = strdup(in);
	size_t len = strlen(in) + 1;
	int r;

	for (size_t i = 0; i < len; i++)
		strv[i] = strv[i] == '|' ? '\0' : strv[i];
	r = hawk_redact_strv(&out, (const uint8_t *)strv, len);
	if (strcmp(in, expected) == 0) {
		assert_int_equal(r, 0);
		assert_int_equal(out.len, 0);
	} else {
		assert_int_equal(r, 1);
		assert_int_equal(out.data[out.len - 1], '\0');
		for (size_t i = 0; i + 1 < out.len; i++)
			out.data[i] = out.data[i] ? out.data[i] : '|';
		assert_string_equal(out.data, expected);
	}
	hawk_buf_done(&out);
}

static void flags(void **state)
{
	(void)state;
	assert_redacted("mysql|--password=hunter2|-h|db", "mysql|--password=[redacted]|-h|db");
	assert_redacted("mysql|--password|hunter2|-h|db", "mysql|--password|[redacted]|-h|db");
	assert_redacted("x|-password=a b c", "x|-password=[redacted]");
	assert_redacted("x|--API-Key|k|--db-password|p", "x|--API-Key|[redacted]|--db-password|[redacted]");
	/* a flag in the place of a value is hidden and still hides what follows it */
	assert_redacted("x|--password|--token|abc", "x|--password|[redacted]|[redacted]");
	assert_redacted("x|--password", "x|--password");
	assert_redacted("x|--password=", "x|--password=");
	assert_redacted("x|--password||y", "x|--password|[redacted]|y");
}

static void variables(void **state)
{
	(void)state;
	assert_redacted("PASSWORD=x|DB_PASSWORD=y|PATH=/bin|db_password=z",
			"PASSWORD=[redacted]|DB_PASSWORD=[redacted]|PATH=/bin|db_password=[redacted]");
	assert_redacted("AWS_SECRET_ACCESS_KEY=a=b&c d", "AWS_SECRET_ACCESS_KEY=[redacted]");
	assert_redacted("PGPASSWORD=x|spring.datasource.password=y",
			"PGPASSWORD=[redacted]|spring.datasource.password=[redacted]");
}

static void urls(void **state)
{
	(void)state;
	assert_redacted("git|clone|https://ann:s3c:r@t@host/x.git",
			"git|clone|https://ann:[redacted]@host/x.git");
	assert_redacted("postgres://u:p@h/d?a=b://c:d@e", "postgres://u:[redacted]@h/d?a=b://c:[redacted]@e");
	assert_redacted("http://host:80/a@b|ssh://git@host|http://:@x",
			"http://host:80/a@b|ssh://git@host|http://:@x");
	assert_redacted("://a:b@c|http://", "://a:[redacted]@c|http://");
}

static void inside_strings(void **state)
{
	(void)state;
	assert_redacted("sh|-c|mysql --password=x -h db", "sh|-c|mysql --password=[redacted] -h db");
	assert_redacted("sh|-c|mysql --password x -h db", "sh|-c|mysql --password [redacted] -h db");
	assert_redacted("sh|-c|env A=1 TOKEN='a b' run", "sh|-c|env A=1 TOKEN='[redacted]' run");
	assert_redacted("curl|-d|user=x&password=y&z=1", "curl|-d|user=x&password=[redacted]&z=1");
	assert_redacted("curl|-H|Authorization: Bearer abc.def", "curl|-H|Authorization: [redacted]");
	assert_redacted("curl|-H|X-Api-Key:abc", "curl|-H|X-Api-Key:[redacted]");
	assert_redacted("curl|-d|{\"a\":1,\"password\":\"x\\\"y\",\"b\":2}",
			"curl|-d|{\"a\":1,\"password\":\"[redacted]\",\"b\":2}");
	assert_redacted("curl|-d|{\"token\":123}", "curl|-d|{\"token\":[redacted]");
}

static void innocent(void **state)
{
	(void)state;
	assert_redacted("cat|/etc/passwd", "cat|/etc/passwd");
	assert_redacted("passwd|bob", "passwd|bob");
	assert_redacted("ls|--file=/etc/passwd|-v|/run/secrets:/x",
			"ls|--file=/etc/passwd|-v|/run/secrets:/x");
	assert_redacted("", "");
}

static void own_patterns(void **state)
{
	const char *const mine[] = { "Knock-Knock", "" };
	uint32_t before = hawk_redact_generation();
	size_t n;
	const char *const *all;

	(void)state;
	assert_int_equal(hawk_redact_set(mine, ARRAY_SIZE(mine)), 0);
	assert_int_not_equal(hawk_redact_generation(), before);
	assert_redacted("--password=x|--knock_knock=y", "--password=x|--knock_knock=[redacted]");
	assert_int_equal(hawk_redact_set(NULL, 0), 0);
	assert_redacted("--password=x|a://b:c@d", "--password=x|a://b:[redacted]@d");
	all = hawk_redact_defaults(&n);
	assert_int_equal(hawk_redact_set(all, n), 0);
	assert_redacted("--password=x", "--password=[redacted]");
}

/* Any bytes are read within their bounds and come out no less hidden the second time. */
static void any_bytes(void **state)
{
	static const char letters[] = "token=:/@ \"'&-\\\0P";
	struct hawk_buf out = HAWK_BUF_INIT;
	uint64_t random = 7;

	(void)state;
	for (int n = 0; n < 20000; n++) {
		size_t len = (size_t)n % 60;
		_cleanup_free_ uint8_t *s = malloc(len ? len : 1);

		for (size_t i = 0; i < len; i++) {
			random = random * 6364136223846793005ULL + 1442695040888963407ULL;
			s[i] = (uint8_t)letters[(random >> 40) % (sizeof(letters) - 1)];
		}
		assert_in_range(hawk_redact_strv(&out, s, len), 0, 1);
	}
	hawk_buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags),
		cmocka_unit_test(variables),
		cmocka_unit_test(urls),
		cmocka_unit_test(inside_strings),
		cmocka_unit_test(innocent),
		cmocka_unit_test(own_patterns),
		cmocka_unit_test(any_bytes),
	};

	const char *const *all;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	size_t n;

	/* and once more with the same patterns as somebody's own, which are looked for in another way */
	all = hawk_redact_defaults(&n);
	return failed + (hawk_redact_set(all, n) < 0) + cmocka_run_group_tests(tests, NULL, NULL);
}
