/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
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

/* As journald does when it is stopped, and when it comes back. */
static void a_stream_that_was_closed_is_opened_anew(void **state)
{
	static const char head[] = "sechawkd\n\n6\n1\n0\n0\n0\n";
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int pair[2], at = socket(AF_UNIX, SOCK_STREAM, 0), peer;
	char text[512] = "", expected[512];
	ssize_t n, len = 0;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	snprintf(a.sun_path, sizeof(a.sun_path), "/tmp/hawk-log-%d", (int)getpid());
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	dup2(pair[1], STDERR_FILENO);
	close(pair[1]);
	hawk_log_set_journal(a.sun_path);
	hawk_log(LOG_ERR, "first");
	assert_true(read(pair[0], text, sizeof(text)) > 0);
	assert_string_equal(text, "<3>first\n");
	close(pair[0]);
	hawk_log(LOG_ERR, "to nobody");
	hawk_log(LOG_ERR, "to nobody again");
	assert_int_equal(bind(at, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(at, 1), 0);
	hawk_log(LOG_ERR, "back");
	hawk_log(LOG_ERR, "and on");
	hawk_log_set_journal(NULL);
	peer = accept(at, NULL, NULL);
	assert_true(peer >= 0);
	dup2(at, STDERR_FILENO); /* the last holder of the other end */
	while ((n = read(peer, text + len, sizeof(text) - 1 - (size_t)len)) > 0)
		len += n;
	text[len] = '\0';
	snprintf(expected, sizeof(expected),
		 "%s<3>back\n<4>2 messages before this one were lost: nobody took them\n<3>and on\n", head);
	assert_string_equal(text, expected);
	close(peer);
	close(at);
	unlink(a.sun_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(control_characters_are_hidden, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stream_that_was_closed_is_opened_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reader_that_stands_still_blocks_nobody, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
