/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/sink/common.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "src/format/redact.h"

/* A socket that stands for journald's. */
static int serve(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* Receives an entry as journald would: from the datagram, or from a sealed memfd. *RET_MEMFD tells which. */
static void receive(int sock, struct hawk_buf *out, bool *ret_memfd)
{
	char control[CMSG_SPACE(sizeof(int))];
	char *room;
	struct iovec iov;
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	struct pollfd p = { .fd = sock, .events = POLLIN };
	struct cmsghdr *c;
	ssize_t n;

	out->max = 8 * 1024 * 1024;
	hawk_buf_reset(out);
	room = hawk_buf_room(out, 4 * 1024 * 1024);
	iov = (struct iovec){ .iov_base = room, .iov_len = 4 * 1024 * 1024 };
	assert_int_equal(poll(&p, 1, 10000), 1);
	n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	assert_true(n >= 0);
	c = CMSG_FIRSTHDR(&m);
	*ret_memfd = c;
	if (c) {
		int fd;

		assert_int_equal(n, 0); /* never both */
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		assert_int_equal(fcntl(fd, F_GET_SEALS),
				 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
		n = pread(fd, room, 4 * 1024 * 1024, 0);
		close(fd);
	}
	out->len = (size_t)n;
}

/*
 * The value of the I-th field NAME, parsed by the rules of the protocol, or NULL; the whole entry must be
 * well-formed.
 */
static const char *field(const struct hawk_buf *entry, const char *name, size_t *ret_len)
{
	const char *p = entry->data, *end = p + entry->len, *found = NULL;

	while (p < end) {
		const char *line = memchr(p, '\n', (size_t)(end - p)), *eq, *value;
		size_t len, name_len;

		assert_non_null(line);
		eq = memchr(p, '=', (size_t)(line - p));
		name_len = (size_t)((eq ? eq : line) - p);
		for (size_t i = 0; i < name_len; i++)
			assert_true((p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= '0' && p[i] <= '9') ||
				    p[i] == '_');
		assert_in_range(name_len, 1, 64);
		if (eq) {
			value = eq + 1;
			len = (size_t)(line - value);
		} else {
			uint64_t wire;

			memcpy(&wire, line + 1, sizeof(wire));
			len = le64toh(wire);
			value = line + 1 + sizeof(wire);
			assert_true(len < (size_t)(end - value));
			assert_int_equal(value[len], '\n');
		}
		if (strlen(name) == name_len && memcmp(p, name, name_len) == 0) {
			assert_null(found);
			found = value;
			*ret_len = len;
		}
		p = value + len + 1;
	}
	return found;
}

static void expect(const struct hawk_buf *entry, const char *name, const char *want)
{
	size_t len;
	const char *v = field(entry, name, &len);

	if (!want) {
		assert_null(v);
		return;
	}
	if (!v || len != strlen(want) || memcmp(v, want, len))
		fail_msg("%s=%.*s, not %s", name, v ? (int)len : 4, v ? v : "none", want);
}

static struct hawk_sinks *journal_sinks(const char *path)
{
	struct hawk_sinks *sinks = make_sinks();

	add_sink(sinks,
		 &(struct hawk_sink_options){ .type = "journald", .name = "j", .journal_socket = path });
	return sinks;
}

static uint64_t own_start(void)
{
	char stat[1024] = { 0 }, *p;
	int fd = open("/proc/self/stat", O_RDONLY);

	assert_true(read(fd, stat, sizeof(stat) - 1) > 0);
	close(fd);
	p = strrchr(stat, ')');
	for (int i = 2; i < 22; i++)
		p = strchr(p + 1, ' ');
	return strtoull(p + 1, NULL, 10) * (1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK));
}

static void fields_are_there(void **state)
{
	static const uint8_t argv[] = "mysql\0--password=hunter2\0two\nlines";
	struct hawk_process p = test_process;
	struct hawk_event e = make_event("file_open", 7);
	struct hawk_buf entry = HAWK_BUF_INIT;
	int sock = serve(in_dir("journal"));
	struct hawk_sinks *sinks = journal_sinks(in_dir("journal"));
	char pid[16], id[33];
	size_t len;
	const char *v;
	bool memfd;

	(void)state;
	snprintf(pid, sizeof(pid), "%d", getpid());
	p.task.pid = getpid();
	p.argv = (struct hawk_bytes){ .data = (uint8_t *)argv, .len = sizeof(argv) };
	p.unit = (struct hawk_bytes){ .data = (uint8_t *)"demo.service", .len = 12 };
	p.cgroup = (struct hawk_bytes){ .data = (uint8_t *)"/system.slice/demo.service", .len = 26 };
	e.process = &p;
	e.tgid = e.tid = (uint32_t)getpid();
	e.start = own_start() + 1234567; /* within the tick */
	set_bytes(&e, "pathname", "/tmp/\x1b[2Ja\n\xff", 12);
	set_number(&e, "flags", 0);
	hawk_sinks_event(sinks, &e);
	hawk_sinks_batch_end(sinks);
	receive(sock, &entry, &memfd);
	assert_false(memfd);
	hawk_sink_message_id("file_open", id);
	expect(&entry, "MESSAGE_ID", id);
	expect(&entry, "PRIORITY", "5");
	expect(&entry, "SYSLOG_IDENTIFIER", "sechawkd");
	expect(&entry, "SECHAWK_EVENT", "file_open");
	expect(&entry, "SECHAWK_PID", pid);
	expect(&entry, "SECHAWK_EXE", "/usr/bin/tester");
	expect(&entry, "SECHAWK_CMDLINE", "mysql --password=[redacted] two\nlines");
	expect(&entry, "SECHAWK_UNIT", "demo.service");
	expect(&entry, "SECHAWK_UID", "1000");
	expect(&entry, "SECHAWK_CGROUP", "/system.slice/demo.service");
	expect(&entry, "SECHAWK_TIME", "2023-11-14T22:13:20.123456796Z");
	expect(&entry, "SECHAWK_DATA_PATHNAME", "/tmp/\x1b[2Ja\n\xff");
	expect(&entry, "OBJECT_PID", pid);
	expect(&entry, "OBJECT_SYSTEMD_UNIT", "demo.service"); /* journald may look when it is gone */
	v = field(&entry, "MESSAGE", &len);
	assert_non_null(v);
	assert_null(memchr(v, '\x1b', len));
	assert_null(memmem(v, len, "hunter2", 7));
	hawk_sinks_free(sinks);
	hawk_buf_done(&entry);
	close(sock);
}

/* Fills in all data of a finding; ID is that of its signature. */
static struct hawk_event make_finding(const char *id, uint64_t severity)
{
	struct hawk_event e = make_event("finding", 9);

#define PUT(field, text) set_bytes(&e, field, text, sizeof(text) - 1)
	set_bytes(&e, "signature_id", id, strlen(id));
	set_number(&e, "severity", severity);
	set_number(&e, "count", 2);
	PUT("id", "abc-7");
	PUT("signature", "shadow_read");
	PUT("version", "1.0.0");
	PUT("tactic", "Credential Access");
	PUT("technique", "T1003");
	PUT("message", "cat read \x1b[2J/etc/shadow\nMESSAGE=x");
	PUT("trigger", "file_open");
	PUT("output", "path=/etc/shadow\0odd name\n\xff=two\nlines\0alone\0");
	PUT("evidence", "-0.100s file_open pid 7: {}\0-0.000s file_open pid 7\0");
#undef PUT
	return e;
}

/* The values of all fields NAME, with a bar behind each. */
static void expect_all(const struct hawk_buf *entry, const char *name, const char *want)
{
	char got[512] = "", begin[64];
	const char *end = entry->data + entry->len;

	snprintf(begin, sizeof(begin), "\n%s=", name);
	for (const char *p = entry->data; (p = memmem(p, (size_t)(end - p), begin, strlen(begin)));) {
		p += strlen(begin);
		strncat(got, p, strcspn(p, "\n"));
		strcat(got, "|");
	}
	assert_string_equal(got, want);
}

static void findings(void **state)
{
	static const struct hawk_process *const ancestors[] = { &test_process };
	struct hawk_process p = test_process, parent = test_process;
	struct hawk_event e = make_finding("SHK-1017", 3);
	struct hawk_buf entry = HAWK_BUF_INIT;
	int sock = serve(in_dir("findings"));
	struct hawk_sinks *sinks = journal_sinks(in_dir("findings"));
	char id[33];
	bool memfd;

	(void)state;
	p.exe = (struct hawk_bytes){ .data = (uint8_t *)"/opt/it's \"x\"", .len = 13 };
	p.container_id = (struct hawk_bytes){ .data = (uint8_t *)"c0ffee", .len = 6 };
	p.unit = (struct hawk_bytes){ .data = (uint8_t *)"demo.service", .len = 12 };
	parent.task.pid = 77;
	e.process = &p;
	e.parent = &parent;
	e.ancestors = ancestors;
	e.n_ancestors = 1;
	hawk_sinks_event(sinks, &e);
	hawk_sinks_batch_end(sinks);
	receive(sock, &entry, &memfd);
	hawk_sink_message_id("SHK-1017", id);
	expect(&entry, "MESSAGE_ID", id);
	expect(&entry, "PRIORITY", "3");
	expect(&entry, "MESSAGE", "cat read \\x1b[2J/etc/shadow\\x0aMESSAGE=x [high shadow_read T1003, finding abc-7, "
				  "2 alike suppressed before]");
	expect(&entry, "SECHAWK_EVENT", "finding");
	expect(&entry, "SECHAWK_FINDING_ID", "abc-7");
	expect(&entry, "SECHAWK_SIGNATURE", "shadow_read");
	expect(&entry, "SECHAWK_SIGNATURE_ID", "SHK-1017");
	expect(&entry, "SECHAWK_SEVERITY", "high");
	expect(&entry, "SECHAWK_TACTIC", "Credential Access");
	expect(&entry, "SECHAWK_TECHNIQUE", "T1003");
	expect(&entry, "SECHAWK_TRIGGER", "file_open");
	expect(&entry, "SECHAWK_SUPPRESSED", "2");
	expect(&entry, "SECHAWK_CONTAINER_ID", "c0ffee");
	expect(&entry, "SECHAWK_OUTPUT_PATH", "/etc/shadow");
	expect(&entry, "SECHAWK_OUTPUT_ODD_NAME__", "two\nlines");
	expect(&entry, "SECHAWK_OUTPUT_ALONE", "");
	expect(&entry, "SECHAWK_DATA_ID", NULL);
	expect_all(&entry, "SECHAWK_EVIDENCE", "-0.100s file_open pid 7: {}|-0.000s file_open pid 7|");
	expect(&entry, "SECHAWK_ANCESTORS", "/usr/bin/tester[77] /usr/bin/tester[4242]");
	expect(&entry, "SECHAWK_EXCEPT_HINT", "{kind: exceptions, signature: shadow_read, exceptions: [{name: NAME, where: "
					      "'process.exe == \"/opt/it\\x27s \\\"x\\\"\"'}]}");
	expect(&entry, "OBJECT_SYSTEMD_UNIT", "demo.service");
	hawk_sinks_free(sinks);
	hawk_buf_done(&entry);
	close(sock);
}

/* Other events leave room for findings, up to the same rate. */
static void findings_are_not_drowned(void **state)
{
	struct hawk_event e = make_event("file_open", 1), f = make_finding("T-1", 1);
	struct hawk_buf entry = HAWK_BUF_INIT;
	int sock = serve(in_dir("drowned"));
	struct hawk_sinks *sinks = make_sinks();
	bool memfd;

	(void)state;
	add_sink(sinks, &(struct hawk_sink_options){ .type = "journald", .name = "j", .journal_socket = in_dir("drowned"),
						     .rate_per_second = 1, .rate_burst = 1 });
	for (int i = 0; i < 100; i++)
		hawk_sinks_event(sinks, &e);
	hawk_sinks_event(sinks, &f);
	hawk_sinks_batch_end(sinks);
	receive(sock, &entry, &memfd);
	expect(&entry, "SECHAWK_EVENT", "file_open");
	receive(sock, &entry, &memfd);
	expect(&entry, "SECHAWK_EVENT", "finding");
	expect(&entry, "PRIORITY", "5");
	hawk_sinks_free(sinks);
	hawk_buf_done(&entry);
	close(sock);
}

/* A process that is gone, a pid used again, a zombie: only its unit is named. */
static void gone_process(void **state)
{
	struct hawk_process p = test_process;
	struct hawk_buf entry = HAWK_BUF_INIT;
	int sock = serve(in_dir("journal"));
	struct hawk_sinks *sinks = journal_sinks(in_dir("journal"));
	pid_t zombie = fork();
	siginfo_t info;
	bool memfd;

	(void)state;
	if (zombie == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT), 0);
	p.unit = (struct hawk_bytes){ .data = (uint8_t *)"user@1.service", .len = 14 };
	p.user_unit = (struct hawk_bytes){ .data = (uint8_t *)"app.service", .len = 11 };
	for (int i = 0; i < 3; i++) {
		struct hawk_event e = make_event("sched_process_exit", 1);

		e.process = &p;
		e.start = own_start() + (i == 0 ? 5000000000ULL : 0);
		e.tgid = i == 0 ? (uint32_t)getpid() : i == 1 ? (uint32_t)zombie : 0x7ffffff0U;
		hawk_sinks_event(sinks, &e);
		hawk_sinks_batch_end(sinks);
		receive(sock, &entry, &memfd);
		expect(&entry, "OBJECT_PID", NULL);
		expect(&entry, "OBJECT_SYSTEMD_UNIT", "user@1.service");
		expect(&entry, "OBJECT_SYSTEMD_USER_UNIT", "app.service");
	}
	waitpid(zombie, NULL, 0);
	hawk_sinks_free(sinks);
	hawk_buf_done(&entry);
	close(sock);
}

static void large_entry_in_memfd(void **state)
{
	enum { LEN = 2 * 128 * 1024 };
	struct hawk_process p = test_process;
	struct hawk_event e = make_event("sched_process_exec", 1);
	struct hawk_buf entry = HAWK_BUF_INIT;
	int sock = serve(in_dir("journal"));
	struct hawk_sinks *sinks = journal_sinks(in_dir("journal"));
	uint8_t *argv = malloc(LEN);
	size_t len;
	const char *v;
	bool memfd;

	(void)state;
	assert_non_null(argv);
	memset(argv, 'x', LEN);
	argv[LEN - 1] = '\0';
	p.argv = (struct hawk_bytes){ .data = argv, .len = LEN };
	e.process = &p;
	set_bytes(&e, "argv", argv, LEN);
	hawk_sinks_event(sinks, &e);
	hawk_sinks_batch_end(sinks);
	receive(sock, &entry, &memfd);
	assert_true(memfd);
	v = field(&entry, "SECHAWK_DATA_ARGV", &len);
	assert_non_null(v);
	assert_int_equal(len, LEN - 1);
	v = field(&entry, "MESSAGE", &len);
	assert_true(v && len < 1200);
	hawk_sinks_free(sinks);
	hawk_buf_done(&entry);
	free(argv);
	close(sock);
}

static uint64_t seq_of(const struct hawk_buf *entry)
{
	size_t len;
	const char *v = field(entry, "SECHAWK_SEQ", &len);

	assert_non_null(v);
	return strtoull(v, NULL, 10);
}

/*
 * journald is not there, comes, hangs, goes and comes again: nothing is lost, nothing is out of order, it is
 * told.
 */
static void journald_stopped(void **state)
{
	struct hawk_buf entry = HAWK_BUF_INIT;
	struct hawk_sinks *sinks = journal_sinks(in_dir("journal"));
	uint64_t seq = 0;
	bool memfd;
	int sock;

	(void)state;
	send_events(sinks, "file_open", 0, 500);
	for (int i = 0; i < 1000 && stats_of(sinks, "j").retries == 0; i++)
		poll(NULL, 0, 10);
	assert_int_equal(stats_of(sinks, "j").last_error, ENOENT);
	sock = serve(in_dir("journal"));
	for (; seq < 200; seq++) {
		receive(sock, &entry, &memfd);
		assert_int_equal(seq_of(&entry), seq);
	}
	/* It reads no more; its queue fills and the sender waits. Then it dies with what was in there. */
	for (int i = 0; i < 1000 && stats_of(sinks, "j").last_error; i++)
		poll(NULL, 0, 10);
	assert_int_equal(stats_of(sinks, "j").last_error, 0);
	close(sock);
	unlink(in_dir("journal"));
	send_events(sinks, "file_open", 500, 600);
	for (int i = 0; i < 1000 && !stats_of(sinks, "j").last_error; i++)
		poll(NULL, 0, 10);
	assert_int_not_equal(stats_of(sinks, "j").last_error, 0);
	sock = serve(in_dir("journal"));
	receive(sock, &entry, &memfd);
	assert_in_range(seq_of(&entry), seq, 599); /* what the dead one had taken died with it */
	for (seq = seq_of(&entry) + 1; seq < 600; seq++) {
		receive(sock, &entry, &memfd);
		assert_int_equal(seq_of(&entry), seq);
	}
	assert_int_equal(stats_of(sinks, "j").lost, 0);
	hawk_sinks_free(sinks);
	hawk_buf_done(&entry);
	close(sock);
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* It hangs: events go on and the end comes in time, what was not taken is counted. */
static void journald_hangs(void **state)
{
	int sock = serve(in_dir("journal"));
	struct hawk_sinks *sinks = make_sinks();
	double start = seconds();

	(void)state;
	add_sink(sinks, &(struct hawk_sink_options){ .type = "journald", .name = "j", .queue_bytes = 65536,
						     .journal_socket = in_dir("journal") });
	send_events(sinks, "file_open", 0, 20000);
	assert_true(stats_of(sinks, "j").lost > 10000);
	assert_true(seconds() - start < 2);
	hawk_sinks_free(sinks);
	assert_true(seconds() - start < 6);
	close(sock);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_dir, teardown_dir)

int main(void)
{
	static const char *const secrets[] = { "password" };
	const struct CMUnitTest tests[] = {
		TEST(fields_are_there), TEST(findings), TEST(findings_are_not_drowned),
		 TEST(gone_process),   TEST(large_entry_in_memfd),
		TEST(journald_stopped), TEST(journald_hangs),
	};

	if (hawk_redact_set(secrets, 1) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
