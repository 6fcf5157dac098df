/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/sink/common.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

static int serve(const char *path, int type)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, 4), 0);
	return fd;
}

/* The next datagram as a string. */
static char *receive(int sock)
{
	static char text[65536];
	struct pollfd p = { .fd = sock, .events = POLLIN };
	ssize_t n;

	assert_int_equal(poll(&p, 1, 10000), 1);
	n = recv(sock, text, sizeof(text) - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	assert_int_equal(strlen(text), n);
	for (ssize_t i = 0; i < n; i++)
		assert_true((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
	return text;
}

static struct hawk_sinks *syslog_sinks(struct hawk_sink_options o)
{
	struct hawk_sinks *sinks = make_sinks();

	o.type = "syslog";
	o.name = "s";
	add_sink(sinks, &o);
	return sinks;
}

/* An open of a file whose name wants to be two log lines and a terminal command. */
static void send_hostile(struct hawk_sinks *sinks)
{
	struct hawk_event e = make_event("file_open", 3);

	set_bytes(&e, "pathname", "/a\n<0>b\x1b]0;\"\\]\xff", 15);
	set_number(&e, "inode", 99);
	hawk_sinks_event(sinks, &e);
	hawk_sinks_batch_end(sinks);
}

static void expect_start(const char *text, const char *start)
{
	if (strncmp(text, start, strlen(start)))
		fail_msg("%s\ndoes not begin with\n%s", text, start);
}

static void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s\ndoes not hold\n%s", text, part);
}

static void bsd_form(void **state)
{
	int sock = serve(in_dir("log"), SOCK_DGRAM);
	struct hawk_sinks *sinks = syslog_sinks((struct hawk_sink_options){ .socket = in_dir("log") });
	char want[200];
	const char *text;

	(void)state;
	send_hostile(sinks);
	text = receive(sock);
	snprintf(want, sizeof(want),
		 "<85>Nov 14 22:13:20 sechawkd[%d]: file_open by /usr/bin/tester (pid 4242, uid 1000): ",
		 getpid());
	expect_start(text, want);
	expect_in(text, "inode=99");
	expect_in(text, "pathname=/a\\x0a<0>b\\x1b]0;");
	hawk_sinks_free(sinks);
	close(sock);
}

static void cee_form(void **state)
{
	int sock = serve(in_dir("log"), SOCK_DGRAM);
	struct hawk_sinks *sinks =
		syslog_sinks((struct hawk_sink_options){ .socket = in_dir("log"), .cee = true });
	const char *text;

	(void)state;
	send_hostile(sinks);
	text = receive(sock);
	expect_in(text, "]: @cee: {\"");
	assert_int_equal(text[strlen(text) - 1], '}');
	hawk_sinks_free(sinks);
	close(sock);
}

static void rfc5424_datagram(void **state)
{
	int sock = serve(in_dir("log"), SOCK_DGRAM);
	struct hawk_sinks *sinks =
		syslog_sinks((struct hawk_sink_options){ .socket = in_dir("log"), .rfc5424 = true });
	char want[400], host[256];
	const char *text;

	(void)state;
	send_hostile(sinks);
	text = receive(sock);
	gethostname(host, sizeof(host));
	snprintf(want, sizeof(want),
		 "<85>1 2023-11-14T22:13:20.123456Z %s sechawkd %d file_open [sechawk@32473 "
		 "event=\"file_open\" ",
		 host, getpid());
	expect_start(text, want);
	expect_in(text, " pid=\"4242\"");
	expect_in(text, " data.inode=\"99\"");
	expect_in(text, " data.pathname=\"/a\\\\x0a<0>b\\\\x1b\\]0;\\\"");
	expect_in(text, "\"] file_open by /usr/bin/tester (pid 4242");
	hawk_sinks_free(sinks);
	close(sock);
}

/* Reads N frames "LEN MESSAGE" in small pieces; each message must be number FIRST and up. */
static void read_frames(int fd, uint64_t first, uint64_t n)
{
	struct hawk_buf b = { .max = 64 * 1024 * 1024 };
	size_t at = 0;

	for (uint64_t got = 0; got < n;) {
		char *space = at < b.len ? memchr(b.data + at, ' ', b.len - at) : NULL, want[64], *room;
		size_t len = space ? strtoul(b.data + at, NULL, 10) : 0;
		ssize_t r;

		if (space && b.len - (size_t)(space + 1 - b.data) >= len) {
			snprintf(want, sizeof(want), " seq=\"%llu\"", (unsigned long long)(first + got));
			assert_true(len > 100 && space[1] == '<');
			assert_non_null(memmem(space + 1, len, want, strlen(want)));
			at = (size_t)(space + 1 - b.data) + len;
			got++;
			continue;
		}
		room = hawk_buf_room(&b, 1000);
		assert_non_null(room);
		r = read(fd, room, 1000);
		assert_true(r > 0);
		b.len += (size_t)r;
	}
	hawk_buf_done(&b);
}

/*
 * A stream: length before each message; a reader that is slow for longer than a write waits gets every byte
 * once.
 */
static void rfc5424_stream(void **state)
{
	int sock = serve(in_dir("log"), SOCK_STREAM), fd;
	struct hawk_sinks *sinks =
		syslog_sinks((struct hawk_sink_options){ .socket = in_dir("log"), .rfc5424 = true });

	(void)state;
	fd = accept(sock, NULL, NULL);
	assert_true(fd >= 0);
	send_events(sinks, "file_open", 0, 10000);
	poll(NULL, 0, 700); /* what is tested is that waiting too long does no harm */
	read_frames(fd, 0, 10000);
	assert_int_equal(stats_of(sinks, "s").lost, 0);
	assert_int_equal(stats_of(sinks, "s").errors, 0);
	hawk_sinks_free(sinks);
	close(fd);
	close(sock);
}

/* The peer of a stream goes: told, connected again, whole messages from there. */
static void stream_reconnects(void **state)
{
	int sock = serve(in_dir("log"), SOCK_STREAM), fd;
	struct hawk_sinks *sinks =
		syslog_sinks((struct hawk_sink_options){ .socket = in_dir("log"), .rfc5424 = true });

	(void)state;
	fd = accept(sock, NULL, NULL);
	send_events(sinks, "file_open", 0, 5);
	read_frames(fd, 0, 5);
	close(fd);
	send_events(sinks, "file_open", 5, 7);
	fd = accept(sock, NULL, NULL);
	assert_true(fd >= 0);
	read_frames(fd, 5, 2);
	assert_int_equal(stats_of(sinks, "s").errors, 1);
	hawk_sinks_free(sinks);
	close(fd);
	close(sock);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_dir, teardown_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bsd_form),	      TEST(cee_form),	       TEST(rfc5424_datagram),
		TEST(rfc5424_stream), TEST(stream_reconnects),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
