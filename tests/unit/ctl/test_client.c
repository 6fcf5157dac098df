/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The built sechawkctl against a daemon that says what the test wants. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "ctl/ctl.h"
#include "src/base/cleanup.h"

static char directory[] = "/tmp/hawk-ctl-XXXXXX";
static char socket_path[64], file_path[64];

struct outcome {
	int exit;        /* -1: killed */
	char call[4096]; /* what the daemon was sent */
	char out[4096], err[4096];
};

static int listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	unlink(path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void read_all(int fd, char *out, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len + 1 < size && (n = read(fd, out + len, size - 1 - len)) > 0)
		len += (size_t)n;
	out[len] = '\0';
}

/* Runs sechawkctl with its output in pipes. */
static pid_t run_ctl(const char *const *argv, int *ret_out, int *ret_err)
{
	const char *build = getenv("BUILDDIR");
	_cleanup_free_ char *program = NULL;
	int out[2], err[2];
	pid_t pid;

	assert_true(asprintf(&program, "%s/sechawkctl", build ? build : ".") > 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		execv(program, (char *const *)argv);
		_exit(126);
	}
	close(out[1]);
	close(err[1]);
	*ret_out = out[0];
	*ret_err = err[0];
	return pid;
}

enum after { CLOSE, STAY, INTERRUPT };

/*
 * Runs sechawkctl --socket S with the words of LINE against a daemon that
 * answers with the messages of REPLIES ('|' stands for the NUL at their ends)
 * and then closes, stays silent, or interrupts the client.
 */
static void talk(struct outcome *o, const char *line, const char *replies, enum after after)
{
	const char *argv[16] = { "sechawkctl", "--socket", socket_path };
	_cleanup_free_ char *copy = strdup(line), *answer = strdup(replies);
	_cleanup_close_ int server = listen_on(socket_path), peer = -1, out = -1, err = -1;
	size_t len = strlen(replies);
	int argc = 3, status;
	pid_t pid;

	for (char *p = strtok(copy, " "); p && argc < 15; p = strtok(NULL, " "))
		argv[argc++] = p;
	pid = run_ctl(argv, &out, &err);
	peer = accept(server, NULL, NULL);
	assert_true(peer >= 0);
	/* A client that finds something wrong here leaves without a call. */
	memset(o->call, 0, sizeof(o->call));
	for (size_t n = 0; n + 1 < sizeof(o->call) && read(peer, &o->call[n], 1) == 1 && o->call[n]; n++)
		;
	for (char *p = answer; (p = strchr(p, '|')); p++)
		*p = '\0';
	if (len)
		assert_int_equal(send(peer, answer, len, MSG_NOSIGNAL), len);
	if (after == CLOSE) {
		close(TAKE_FD(peer));
	} else if (after == INTERRUPT) {
		/* The replies before have been written once a byte of them has arrived. */
		assert_int_equal(read(out, o->out, 1), 1);
		kill(pid, SIGINT);
	}
	read_all(out, o->out + (after == INTERRUPT), sizeof(o->out) - 1);
	read_all(err, o->err, sizeof(o->err));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	o->exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void one_answer(void **state)
{
	struct outcome o;

	talk(&o, "log-level debug", "{\"parameters\":{\"level\":\"debug\"}}|", STAY);
	assert_int_equal(o.exit, 0);
	assert_string_equal(o.out, "debug\n");
	assert_non_null(strstr(o.call, "\"org.sechawk.Control.LogLevel\""));
	assert_non_null(strstr(o.call, "\"level\":\"debug\""));
	talk(&o, "log-level -o json", "{\"parameters\":{\"level\":\"info\"}}|", STAY);
	assert_string_equal(o.out, "{\"level\":\"info\"}\n");
}

static void many_replies_are_joined(void **state)
{
	struct outcome o;

	talk(&o, "process list -o json",
	     "{\"parameters\":{\"processes\":[{\"pid\":1}]},\"continues\":true}|"
	     "{\"parameters\":{\"processes\":[{\"pid\":2}]}}|", STAY);
	assert_string_equal(o.out, "{\"processes\":[{\"pid\":1},{\"pid\":2}]}\n");
	assert_non_null(strstr(o.call, "\"more\":true"));
}

static void refusals(void **state)
{
	struct outcome o;

	talk(&o, "reload",
	     "{\"error\":\"org.sechawk.Control.Failed\",\"parameters\":{\"message\":\"bad\\u001b\"}}|", STAY);
	assert_int_equal(o.exit, HAWK_EXIT_FAILED);
	assert_string_equal(o.err, "sechawkctl: bad\\x1b\n");
	talk(&o, "reload", "{\"error\":\"org.varlink.service.PermissionDenied\"}|", STAY);
	assert_int_equal(o.exit, HAWK_EXIT_PERMISSION);
	talk(&o, "status", "", CLOSE);
	assert_int_equal(o.exit, HAWK_EXIT_FAILED);
	assert_non_null(strstr(o.err, "closed the connection"));
	talk(&o, "status", "{]|", STAY);
	assert_int_equal(o.exit, HAWK_EXIT_FAILED);
	assert_string_equal(o.out, "");
}

static void nobody_there(void **state)
{
	const char *argv[] = { "sechawkctl", "--socket", "/nonexistent/socket", "status", NULL };
	_cleanup_close_ int out = -1, err = -1;
	char text[4096];
	int status;
	pid_t pid = run_ctl(argv, &out, &err);

	read_all(err, text, sizeof(text));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), HAWK_EXIT_CONNECT);
	assert_non_null(strstr(text, "systemctl start sechawkd.socket"));
}

#define READY "{\"parameters\":{\"ready\":true},\"continues\":true}|"
#define LINE(text) "{\"parameters\":{\"line\":\"" text "\"},\"continues\":true}|"

static void count_leaves_out_the_head(void **state)
{
	struct outcome o;

	talk(&o, "watch -o csv --count 2", READY LINE("head") LINE("one") LINE("two") LINE("three"), STAY);
	assert_int_equal(o.exit, 0);
	assert_string_equal(o.out, "head\none\ntwo\n");
	assert_null(strstr(o.call, "count"));
	talk(&o, "trace -o json --count 1 uid!=0", READY LINE("{}") LINE("{}"), STAY);
	assert_int_equal(o.exit, 0);
	assert_string_equal(o.out, "{}\n");
}

static void timeouts(void **state)
{
	struct outcome o;

	talk(&o, "watch -o json --count 2 --timeout 1", READY LINE("one"), STAY);
	assert_int_equal(o.exit, HAWK_EXIT_TIMEOUT);
	assert_string_equal(o.out, "one\n");
	talk(&o, "watch -o json --timeout 1", READY LINE("one"), STAY);
	assert_int_equal(o.exit, 0);
}

static void interrupt_ends_well(void **state)
{
	struct outcome o = { .exit = -1 };

	talk(&o, "watch -o json", READY LINE("one"), INTERRUPT);
	assert_int_equal(o.exit, 0);
	assert_string_equal(o.out, "one\n");
}

static void loss_and_warnings_are_told(void **state)
{
	struct outcome o;

	talk(&o, "watch -o json --count 1",
	     READY "{\"parameters\":{\"lost\":7},\"continues\":true}|"
	     "{\"parameters\":{\"lost\":3},\"continues\":true}|"
	     "{\"parameters\":{\"warning\":\"not enabled\"},\"continues\":true}|" LINE("x"), STAY);
	assert_string_equal(o.err, "sechawkctl: 7 events lost, the output is read too slowly\n"
				   "sechawkctl: not enabled\n"
				   "sechawkctl: 3 events lost, the output is read too slowly\n");
}

static void recording(void **state)
{
	_cleanup_free_ char *line = NULL, *forced = NULL;
	struct outcome o;
	struct stat st;
	char text[64];
	int fd;

	assert_true(asprintf(&line, "record %s --timeout 1", file_path) > 0);
	assert_true(asprintf(&forced, "record --force %s --timeout 1", file_path) > 0);
	talk(&o, line, "{\"parameters\":{\"chunk\":\"Zm9v\"},\"continues\":true}|" READY
	     "{\"parameters\":{\"chunk\":\"YmFy\"},\"continues\":true}|", STAY);
	assert_int_equal(o.exit, 0);
	fd = open(file_path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	read_all(fd, text, sizeof(text));
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	assert_string_equal(text, "foobar");
	assert_int_equal(st.st_mode & 07777, 0600);
	talk(&o, line, "", CLOSE);
	assert_int_equal(o.exit, HAWK_EXIT_FAILED);
	assert_non_null(strstr(o.err, "exists"));
	assert_string_equal(o.call, "");
	talk(&o, forced, "{\"parameters\":{\"chunk\":\"!\"},\"continues\":true}|", STAY);
	assert_int_equal(o.exit, HAWK_EXIT_FAILED);
	assert_int_equal(access(file_path, F_OK), -1);
}

/* A full disk is told; /dev/full is one. A reader that goes away is not an error. */
static void output_that_fails(void **state)
{
	_cleanup_free_ char *command = NULL;
	const char *build = getenv("BUILDDIR");
	int status;

	assert_true(asprintf(&command, "%s/sechawkctl help >/dev/full 2>&1", build ? build : ".") > 0);
	status = system(command);
	assert_int_equal(WEXITSTATUS(status), HAWK_EXIT_FAILED);
	free(command);
	/* The reader has gone before the first byte: it opened the FIFO only to close it. */
	assert_int_equal(mkfifo(file_path, 0600), 0);
	assert_true(asprintf(&command, "( : <%s ) & exec 3>%s; wait; %s/sechawkctl help >&3", file_path,
			     file_path, build ? build : ".") > 0);
	status = system(command);
	assert_int_equal(WEXITSTATUS(status), 0);
	unlink(file_path);
}

/* The program that replay and policy check run is what SECHAWKD says; here one that prints its arguments. */
static void runs_daemon(const char *const *argv, const char *want)
{
	_cleanup_close_ int out = -1, err = -1;
	char text[4096];
	int status;
	pid_t pid;

	setenv("SECHAWKD", "/bin/echo", 1);
	pid = run_ctl(argv, &out, &err);
	read_all(out, text, sizeof(text));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_string_equal(text, want);
}

static void replay(void **state)
{
	const char *argv[] = { "sechawkctl", "replay", "-o", "json", "a file", NULL };

	runs_daemon(argv, "--replay a file -o json\n");
}

static void policy_check(void **state)
{
	const char *argv[] = { "sechawkctl", "policy", "check", "-o", "ir", "one", "a file", NULL };
	const char *plain[] = { "sechawkctl", "policy", "check", "one", NULL };

	runs_daemon(argv, "--check-policy -o ir -- one a file\n");
	runs_daemon(plain, "--check-policy -o text -- one\n");
}

static int setup(void **state)
{
	if (!mkdtemp(directory))
		return -1;
	snprintf(socket_path, sizeof(socket_path), "%s/s", directory);
	snprintf(file_path, sizeof(file_path), "%s/f", directory);
	return 0;
}

static int teardown(void **state)
{
	unlink(socket_path);
	unlink(file_path);
	return rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_answer),
		cmocka_unit_test(many_replies_are_joined),
		cmocka_unit_test(refusals),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(count_leaves_out_the_head),
		cmocka_unit_test(timeouts),
		cmocka_unit_test(interrupt_ends_well),
		cmocka_unit_test(loss_and_warnings_are_told),
		cmocka_unit_test(recording),
		cmocka_unit_test(output_that_fails),
		cmocka_unit_test(replay),
		cmocka_unit_test(policy_check),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
