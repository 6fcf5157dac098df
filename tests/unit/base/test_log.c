/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/log.h"

/* Standard error is a pipe while a test runs. */
struct captured {
	int fd[2], before;
};

static int setup(void **state)
{
	static struct captured c;

	if (pipe(c.fd) < 0)
		return -1;
	c.before = dup(STDERR_FILENO);
	dup2(c.fd[1], STDERR_FILENO);
	*state = &c;
	return 0;
}

static int teardown(void **state)
{
	struct captured *c = *state;

	dup2(c->before, STDERR_FILENO);
	close(c->before);
	close(c->fd[0]);
	close(c->fd[1]);
	return 0;
}

static void control_characters_are_hidden(void **state)
{
	struct captured *c = *state;
	char line[128] = "";

	hawk_log(LOG_ERR, "a\nb\033[2J%c", 0x7f);
	assert_true(read(c->fd[0], line, sizeof(line) - 1) > 0);
	assert_string_equal(line, "sechawkd: a?b?[2J?\n");
}

/* Far more than a pipe holds. Without an end this test would wait for its reader for ever. */
static void a_reader_that_stands_still_blocks_nobody(void **state)
{
	char text[1001];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	alarm(30);
	for (int i = 0; i < 1000; i++)
		hawk_log(LOG_ERR, "%s", text);
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(control_characters_are_hidden, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reader_that_stands_still_blocks_nobody, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
