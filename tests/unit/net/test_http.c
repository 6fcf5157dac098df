/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/net/http.h"

/* As curl 7.88.1 sends it. */
static const char request[] = "GET /path?x=1 HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: curl/7.88.1\r\n"
			      "Accept: */*\r\n\r\n";
/* As python's http.server answers. */
static const char response[] = "HTTP/1.0 404 File not found\r\nServer: SimpleHTTP/0.6 Python/3.11.2\r\n"
			       "content-type:  text/html;charset=utf-8 \r\n\r\n<p>";

static bool is(const struct hawk_slice *s, const char *text)
{
	return s->len == strlen(text) && memcmp(s->data, text, s->len) == 0;
}

static int parse(struct hawk_http *h, const char *text)
{
	return hawk_http_parse(h, (const uint8_t *)text, strlen(text));
}

static void a_request(void **state)
{
	struct hawk_slice rest, line;
	struct hawk_http h;

	(void)state;
	assert_int_equal(parse(&h, request), 0);
	assert_false(h.response);
	assert_true(h.complete);
	assert_true(is(&h.method, "GET"));
	assert_true(is(&h.target, "/path?x=1"));
	assert_true(is(&h.version, "HTTP/1.1"));
	assert_true(is(&h.host, "www.example.com"));
	assert_true(is(&h.user_agent, "curl/7.88.1"));
	rest = h.headers;
	assert_true(hawk_http_line(&rest, &line) && is(&line, "Host: www.example.com"));
	assert_true(hawk_http_line(&rest, &line) && is(&line, "User-Agent: curl/7.88.1"));
	assert_true(hawk_http_line(&rest, &line) && is(&line, "Accept: */*"));
	assert_false(hawk_http_line(&rest, &line));
}

static void a_response(void **state)
{
	struct hawk_http h;

	(void)state;
	assert_int_equal(parse(&h, response), 0);
	assert_true(h.response);
	assert_int_equal(h.status, 404);
	assert_true(is(&h.reason, "File not found"));
	assert_true(is(&h.content_type, "text/html;charset=utf-8"));
	assert_int_equal(parse(&h, "HTTP/1.1 200\r\n\r\n"), 0);
	assert_int_equal(h.status, 200);
	assert_int_equal(h.reason.len, 0);
}

static void cut_heads(void **state)
{
	struct hawk_http h;

	(void)state;
	for (size_t n = 0; n < strlen(request); n++) {
		uint8_t *copy = malloc(n ? n : 1);

		memcpy(copy, request, n);
		assert_int_equal(hawk_http_parse(&h, copy, n), n < 5 ? -EBADMSG : 0);
		if (n >= 5) {
			assert_false(h.complete);
			assert_int_equal(h.version.len, n > strlen("GET /path?x=1 HTTP/1.1\r") ? 8 : 0);
		}
		free(copy);
	}
}

static void others(void **state)
{
	static const char *const wrong[] = {
		"get / HTTP/1.1\r\n", "GET /\r\n", "GET / HTTP/2\r\n", "GET  HTTP/1.1\r\n", "HTTP/1.1 20 x\r\n",
		"HTTP/1.1 2x0 x\r\n", "HTTP/2 200 OK\r\n", "\r\n", "GETGETGETGETGETGETGETGETGETGETGET / HTTP/1.1\r\n",
	};
	struct hawk_http h;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(parse(&h, wrong[i]), -EBADMSG);
}

/* Bare line feeds are taken; the first of two equal headers counts; a name must be followed by its colon. */
static void odd_lines(void **state)
{
	struct hawk_http h;

	(void)state;
	assert_int_equal(parse(&h, "POST / HTTP/1.0\nHost : a\nHOST:\tb\nHost: c\nHostess: d\n\n"), 0);
	assert_true(is(&h.host, "b"));
	assert_true(h.complete);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request),  cmocka_unit_test(a_response), cmocka_unit_test(cut_heads),
		cmocka_unit_test(others),     cmocka_unit_test(odd_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
