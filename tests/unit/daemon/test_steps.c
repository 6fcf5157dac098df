/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A configuration that cannot be carried out whole leaves the old one in force. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/daemon/steps.h"

static struct hawk_config before, after;
static const struct hawk_config *bad; /* what the third step refuses */

struct state {
	const struct hawk_config *part[3];
	char order[16]; /* of the steps taken */
};

static int take(struct state *s, size_t i, const struct hawk_config *config)
{
	s->part[i] = config;
	s->order[strlen(s->order)] = (char)('1' + i);
	return 0;
}

static int first(void *ctx, const struct hawk_config *config, char **ret_why)
{
	(void)ret_why;
	return take(ctx, 0, config);
}

static int second(void *ctx, const struct hawk_config *config, char **ret_why)
{
	(void)ret_why;
	return take(ctx, 1, config);
}

static int third(void *ctx, const struct hawk_config *config, char **ret_why)
{
	if (config != bad)
		return take(ctx, 2, config);
	*ret_why = strdup("the third");
	return -EIO;
}

static hawk_step *const steps[] = { first, second, third };

static void test_all(void **state)
{
	struct state s = { .part = { &before, &before, &before } };
	char *why = NULL;

	(void)state;
	bad = NULL;
	assert_int_equal(hawk_steps_take(steps, 3, &s, &after, &before, &why), 0);
	assert_string_equal(s.order, "123");
	assert_ptr_equal(s.part[2], &after);
	assert_null(why);
}

static void test_nothing(void **state)
{
	struct state s = { .part = { &before, &before, &before } };
	_cleanup_free_ char *why = NULL;

	(void)state;
	bad = &after;
	assert_int_equal(hawk_steps_take(steps, 3, &s, &after, &before, &why), -EIO);
	assert_string_equal(why, "the third");
	assert_string_equal(s.order, "1221");
	for (size_t i = 0; i < 3; i++)
		assert_ptr_equal(s.part[i], &before);
}

/* At the start there is nothing to go back to. */
static void test_start(void **state)
{
	struct state s = { .order = "" };
	_cleanup_free_ char *why = NULL;

	(void)state;
	bad = &after;
	assert_int_equal(hawk_steps_take(steps, 3, &s, &after, &after, &why), -EIO);
	assert_string_equal(s.order, "12");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
