/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "src/derive/dnscache.h"

#define S 1000000000ULL

static struct hawk_dnscache *c;
static struct hawk_buf out = HAWK_BUF_INIT;

static int setup(void **state)
{
	(void)state;
	return hawk_dnscache_new(&c, 16);
}

static int teardown(void **state)
{
	(void)state;
	c = hawk_dnscache_free(c);
	hawk_buf_done(&out);
	return 0;
}

static void add(uint8_t host, const char *name, uint32_t ttl, uint64_t now)
{
	struct hawk_dns_answer a = { .ip = { [10] = 0xff, 0xff, 192, 0, 2, host }, .name = name, .ttl = ttl, .now = now };

	hawk_dnscache_add(c, &a);
}

/* The names of 192.0.2.HOST, joined by commas. */
static const char *names(uint8_t host, uint64_t now)
{
	static char text[4096];
	uint8_t ip[16] = { [10] = 0xff, 0xff, 192, 0, 2, host };

	hawk_buf_reset(&out);
	hawk_dnscache_names(c, ip, now, &out);
	memset(text, 0, sizeof(text));
	for (size_t i = 0; i + 1 < out.len; i++)
		text[i] = out.data[i] ? out.data[i] : ',';
	return text;
}

static void several_names(void **state)
{
	(void)state;
	add(1, "a.example", 300, S);
	add(1, "b.example", 300, S);
	add(2, "c.example", 300, S);
	assert_string_equal(names(1, 2 * S), "b.example,a.example");
	add(1, "a.example", 300, 2 * S); /* again: the newest now, and once */
	assert_string_equal(names(1, 2 * S), "a.example,b.example");
	assert_string_equal(names(2, 2 * S), "c.example");
	assert_string_equal(names(3, 2 * S), "");
	assert_int_equal(hawk_dnscache_stats(c).entries, 3);
	assert_int_equal(hawk_dnscache_stats(c).hits, 3);
	assert_int_equal(hawk_dnscache_stats(c).misses, 1);
}

static void time_to_live(void **state)
{
	(void)state;
	add(1, "short.example", 0, S);
	add(1, "long.example", 100, S);
	assert_string_equal(names(1, (HAWK_DNSCACHE_TTL_MIN + 1) * S - 1), "long.example,short.example");
	assert_string_equal(names(1, (HAWK_DNSCACHE_TTL_MIN + 1) * S), "long.example");
	assert_string_equal(names(1, 101 * S), "");
	add(1, "new.example", UINT32_MAX, 200 * S); /* the expired ones go */
	assert_int_equal(hawk_dnscache_stats(c).entries, 1);
	assert_int_equal(hawk_dnscache_stats(c).expired, 2);
	assert_string_equal(names(1, (200 + HAWK_DNSCACHE_TTL_MAX) * S), "");
}

static void bounds(void **state)
{
	char name[300];

	(void)state;
	for (int i = 0; i < HAWK_DNSCACHE_NAMES_MAX + 1; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		add(1, name, 300, S);
	}
	assert_int_equal(hawk_dnscache_stats(c).refused, 1);
	assert_int_equal(hawk_dnscache_stats(c).entries, HAWK_DNSCACHE_NAMES_MAX);
	memset(name, 'x', sizeof(name));
	name[HAWK_DNSCACHE_NAME_MAX + 1] = '\0';
	add(2, name, 300, S);
	assert_int_equal(hawk_dnscache_stats(c).refused, 2);
	name[HAWK_DNSCACHE_NAME_MAX] = '\0';
	add(2, name, 300, S);
	assert_string_equal(names(2, S), name);
}

static void the_oldest_goes(void **state)
{
	(void)state;
	for (int i = 0; i < 40; i++)
		add((uint8_t)i, "x.example", 300, S);
	assert_int_equal(hawk_dnscache_stats(c).entries, 16);
	assert_int_equal(hawk_dnscache_stats(c).evicted, 24);
	assert_string_equal(names(23, S), "");
	assert_string_equal(names(24, S), "x.example");
	assert_string_equal(names(39, S), "x.example");
}

static void count(void *ctx, const struct hawk_dns_name *name)
{
	size_t *n = ctx;

	assert_int_equal(name->len, strlen(name->name));
	++*n;
}

static void walk(void **state)
{
	uint8_t ip[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
	size_t n = 0;

	(void)state;
	add(1, "a.example", 300, S);
	add(1, "b.example", 30, S);
	add(2, "c.example", 300, S);
	hawk_dnscache_each(c, NULL, S, count, &n);
	assert_int_equal(n, 3);
	n = 0;
	hawk_dnscache_each(c, ip, 100 * S, count, &n);
	assert_int_equal(n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(several_names, setup, teardown),
		cmocka_unit_test_setup_teardown(time_to_live, setup, teardown),
		cmocka_unit_test_setup_teardown(bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(the_oldest_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(walk, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
