/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events as Tracee writes them: keys, names and types of arguments, values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "tests/unit/format/json_check.h"
#include "tests/unit/format/sample.h"

static struct hawk_format *tracee;
static struct hawk_buf out;

static int setup(void **state)
{
	char *why = NULL;

	(void)state;
	hawk_format_set_host("web1");
	return hawk_format_new(&tracee, "tracee", false, &why);
}

static int teardown(void **state)
{
	(void)state;
	hawk_format_free(tracee);
	hawk_format_set_host(NULL);
	hawk_buf_done(&out);
	return 0;
}

/* Encodes the event; the text until the next one. */
static const char *encode(const struct sample *s)
{
	hawk_buf_reset(&out);
	assert_int_equal(hawk_format_event(tracee, &s->event, &out), 0);
	assert_true(json_check(out.data, out.len));
	return hawk_buf_str(&out);
}

/* The list "args" must be EXPECTED, and argsNum its length. */
static void assert_args(const struct sample *s, const char *expected)
{
	const char *args = strstr(encode(s), ",\"args\":");
	_cleanup_free_ char *whole = NULL;
	json_t *v;

	assert_non_null(args);
	assert_true(asprintf(&whole, ",\"args\":%s}\n", expected) > 0);
	assert_string_equal(args, whole);
	v = json_loads(out.data, 0, NULL);
	if (v)
		assert_int_equal(json_integer_value(json_object_get(v, "argsNum")),
				 json_array_size(json_object_get(v, "args")));
	json_decref(v);
}

static void assert_has(const struct sample *s, const char *text)
{
	if (!strstr(encode(s), text))
		fail_msg("no %s in %s", text, out.data);
}

static void all_keys_in_order(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "dup2");
	s.event.cpu = 3;
	sample_number(&s, "oldfd", 1);
	sample_number(&s, "newfd", 200);
	sample_number(&s, "retval", -EBADF);
	assert_string_equal(
		encode(&s),
		"{\"timestamp\":1767324045000000042,\"threadStartTime\":1767323469323456789,\"processorId\":3,"
		"\"processId\":4242,\"cgroupId\":4711,\"threadId\":4243,\"parentProcessId\":4200,"
		"\"hostProcessId\":4242,\"hostThreadId\":4243,\"hostParentProcessId\":4200,\"userId\":1000,"
		"\"mountNamespace\":4026532999,\"pidNamespace\":4026531838,\"processName\":\"bash\","
		"\"executable\":{\"path\":\"/usr/bin/bash\"},\"hostName\":\"web1\",\"containerId\":\"\","
		"\"container\":{},\"kubernetes\":{},\"eventId\":\"33\",\"eventName\":\"dup2\","
		"\"matchedPolicies\":[],\"argsNum\":2,\"returnValue\":-9,\"syscall\":\"dup2\","
		"\"stackAddresses\":null,\"contextFlags\":{\"containerStarted\":false,\"isCompat\":false},"
		/* Tracee's own hash over these numbers, worked out apart from this program. */
		"\"threadEntityId\":4138648547,\"processEntityId\":3788896129,\"parentEntityId\":2265025700,"
		"\"args\":[{\"name\":\"oldfd\",\"type\":\"int32\",\"value\":1},"
		"{\"name\":\"newfd\",\"type\":\"int32\",\"value\":200}]}\n");
	s.event.rec_flags = HAWK_REC_COMPAT;
	assert_has(&s, "\"isCompat\":true");
	sample_done(&s);
}

/* In a pid namespace: the numbers of both; of a thread that is not the main one nobody told its number. */
static void numbers_in_a_namespace(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "dup2");
	s.process.task.ns_pid = 7;
	s.process.task.ns_ppid = 1;
	assert_has(&s, "\"processId\":7,\"cgroupId\":4711,\"threadId\":0,\"parentProcessId\":1,"
		       "\"hostProcessId\":4242,\"hostThreadId\":4243,\"hostParentProcessId\":4200");
	s.event.tid = s.event.tgid;
	assert_has(&s, "\"threadId\":7,");
	sample_done(&s);
}

/* Names, types and order are Tracee's; what it does not have comes after. */
static void exec_arguments(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "sched_process_exec");
	sample_number(&s, "inode", 1835021);
	sample_number(&s, "ctime", 1700000000000000001);
	sample_number(&s, "dev", 8 << 20 | 1);
	sample_number(&s, "inode_mode", S_IFREG | 0755);
	sample_number(&s, "old_tid", 4243);
	sample_str(&s, "pathname", "/usr/bin/curl");
	sample_str(&s, "cmdpath", "curl");
	sample_str(&s, "cwd", "/home/ann");
	sample_strv(&s, "argv", "curl\0--password\0hunter2");
	assert_args(&s, "[{\"name\":\"cmdpath\",\"type\":\"string\",\"value\":\"curl\"},"
			"{\"name\":\"pathname\",\"type\":\"string\",\"value\":\"/usr/bin/curl\"},"
			"{\"name\":\"dev\",\"type\":\"uint32\",\"value\":8388609},"
			"{\"name\":\"inode\",\"type\":\"uint64\",\"value\":1835021},"
			"{\"name\":\"ctime\",\"type\":\"uint64\",\"value\":1700000000000000001},"
			"{\"name\":\"inode_mode\",\"type\":\"uint16\",\"value\":33261},"
			"{\"name\":\"argv\",\"type\":\"[]string\",\"value\":[\"curl\",\"--password\",\"[redacted]\"]},"
			"{\"name\":\"pwd\",\"type\":\"string\",\"value\":\"/home/ann\"},"
			"{\"name\":\"old_tid\",\"type\":\"int32\",\"value\":4243}]");
	assert_has(&s, "\"eventId\":\"715\",\"eventName\":\"sched_process_exec\"");
	sample_done(&s);
}

/* One field of ours may be several arguments. */
static void fork_arguments(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "sched_process_fork");
	sample_number(&s, "start_time", (int64_t)s.event.time);
	sample_number(&s, "child_pid", 4300);
	assert_args(&s, "[{\"name\":\"child_tid\",\"type\":\"int32\",\"value\":4300},"
			"{\"name\":\"child_pid\",\"type\":\"int32\",\"value\":4300},"
			"{\"name\":\"start_time\",\"type\":\"time.Time\",\"value\":\"2026-01-02T03:20:45.000000042Z\"},"
			"{\"name\":\"leader_tid\",\"type\":\"int32\",\"value\":4300},"
			"{\"name\":\"leader_pid\",\"type\":\"int32\",\"value\":4300},"
			"{\"name\":\"leader_start_time\",\"type\":\"time.Time\","
			"\"value\":\"2026-01-02T03:20:45.000000042Z\"}]");
	sample_done(&s);
}

/* Arguments that are told under names of ours, the dotted ones, too. */
static void other_names(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "process_execute_failed");
	sample_bytes(&s, "binary_path", "/opt/x", 6);
	sample_number(&s, "dev", 0x800001);
	sample_number(&s, "inode", 77);
	sample_number(&s, "inode_mode", 0100644);
	assert_args(&s, "[{\"name\":\"binary.path\",\"type\":\"string\",\"value\":\"/opt/x\"},"
			"{\"name\":\"binary.device_id\",\"type\":\"uint32\",\"value\":8388609},"
			"{\"name\":\"binary.inode_number\",\"type\":\"uint64\",\"value\":77},"
			"{\"name\":\"binary.inode_mode\",\"type\":\"uint16\",\"value\":33188}]");
	sample_init(&s, "do_sigaction");
	sample_number(&s, "sa_handler_address", 0x1000);
	assert_args(&s, "[{\"name\":\"sa_handler\",\"type\":\"trace.Pointer\",\"value\":4096}]");
	sample_done(&s);
}

/* A number is as wide and has the sign that Tracee's type says. */
static void numbers(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "openat");
	sample_number(&s, "dirfd", AT_FDCWD);
	sample_number(&s, "flags", 0xffffffff);
	sample_number(&s, "mode", 0644);
	assert_args(&s, "[{\"name\":\"dirfd\",\"type\":\"int32\",\"value\":-100},"
			"{\"name\":\"flags\",\"type\":\"int32\",\"value\":-1},"
			"{\"name\":\"mode\",\"type\":\"uint16\",\"value\":420}]");
	sample_init(&s, "ptrace");
	sample_number(&s, "addr", -1);
	assert_args(&s, "[{\"name\":\"addr\",\"type\":\"trace.Pointer\",\"value\":18446744073709551615}]");
	sample_done(&s);
}

static void assert_address(const void *bytes, size_t len, const char *expected)
{
	_cleanup_free_ char *args = NULL;
	struct sample s;

	sample_init(&s, "connect");
	sample_bytes(&s, "addr", bytes, len);
	assert_true(asprintf(&args, "[{\"name\":\"addr\",\"type\":\"SockAddr\",\"value\":%s}]", expected) > 0);
	assert_args(&s, args);
	sample_done(&s);
}

/* Maps of strings, whatever was given as an address. */
static void addresses(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(443) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(53), .sin6_scope_id = 2 };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/x" };
	const uint16_t other = AF_NETLINK, nameless = 999;

	(void)state;
	in.sin_addr.s_addr = htonl(0xc6336407);
	in6.sin6_addr = in6addr_loopback;
	assert_address(&in, sizeof(in), "{\"sa_family\":\"AF_INET\",\"sin_addr\":\"198.51.100.7\",\"sin_port\":\"443\"}");
	assert_address(&in6, sizeof(in6), "{\"sa_family\":\"AF_INET6\",\"sin6_addr\":\"::1\",\"sin6_port\":\"53\","
					  "\"sin6_flowinfo\":\"0\",\"sin6_scopeid\":\"2\"}");
	assert_address(&un, sizeof(un), "{\"sa_family\":\"AF_UNIX\",\"sun_path\":\"/run/x\"}");
	assert_address("\1\0\0a\0b", 6, "{\"sa_family\":\"AF_UNIX\",\"sun_path\":\"@a\\u0000b\"}");
	assert_address(&other, sizeof(other), "{\"sa_family\":\"AF_NETLINK\"}");
	assert_address(&nameless, sizeof(nameless), "{\"sa_family\":\"999\"}");
	assert_address(&in, 5, "{\"sa_family\":\"AF_INET\"}");
	assert_address(&in6, 20, "{\"sa_family\":\"AF_INET6\"}");
	assert_address("\2", 1, "{}");
}

/* Nothing of a name gets out as it came; nothing of it is lost. */
static void hostile_names(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "security_file_open");
	memcpy(s.event.comm, "a\"\x1b[2J\xff\n", 9);
	s.process.exe = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)"/\x7f\\\r", .len = 4 };
	sample_str(&s, "pathname", "/tmp/\xff\xfe\n\x1b[31m \xe2\x80\xae\xc2\x85\"");
	assert_args(&s, "[{\"name\":\"pathname\",\"type\":\"string\","
			"\"value\":\"/tmp/\\udcff\\udcfe\\u000a\\u001b[31m \\u202e\\u0085\\\"\"}]");
	assert_has(&s, "\"processName\":\"a\\\"\\u001b[2J\\udcff\\u000a\",\"executable\":{\"path\":\"/\\u007f\\\\\\u000d\"}");
	sample_done(&s);
}

static void what_is_not_there(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "openat2");
	sample_number(&s, "dirfd", 3);
	sample_value(&s, "pathname")->flags = HAWK_VAL_NULL;
	sample_value(&s, "size")->flags = HAWK_VAL_UNREADABLE;
	assert_args(&s, "[{\"name\":\"dirfd\",\"type\":\"int32\",\"value\":3},"
			"{\"name\":\"pathname\",\"type\":\"string\",\"value\":null},"
			"{\"name\":\"size\",\"type\":\"uint64\",\"value\":null}]");
	s.event.process = NULL;
	assert_has(&s, "\"processId\":0,");
	sample_done(&s);
}

/* A structure that Tracee has as a pointer only keeps its content, and says so. */
static void structures(void **state)
{
	const struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_BENEATH };
	struct sample s;

	(void)state;
	sample_init(&s, "openat2");
	sample_bytes(&s, "how", &how, sizeof(how));
	assert_args(&s, "[{\"name\":\"how\",\"type\":\"object\",\"value\":{\"flags\":[\"O_RDONLY\"],\"mode\":\"0\","
			"\"resolve\":[\"RESOLVE_BENEATH\"]}}]");
	sample_done(&s);
}

/* Times and pairs of numbers lie in memory; names that are given with their length, too. */
static void values_in_memory(void **state)
{
	const int64_t time[] = { 1, 500000000 };
	const int32_t short_time[] = { -2, 0 }, pair[] = { 3, 4 };
	struct sample s;

	(void)state;
	sample_init(&s, "ppoll");
	sample_bytes(&s, "tmo_p", time, sizeof(time));
	assert_args(&s, "[{\"name\":\"tmo_p\",\"type\":\"float64\",\"value\":1.500000000}]");
	sample_bytes(&s, "tmo_p", short_time, sizeof(short_time));
	assert_args(&s, "[{\"name\":\"tmo_p\",\"type\":\"float64\",\"value\":-2.000000000}]");
	sample_bytes(&s, "tmo_p", time, 3);
	assert_args(&s, "[{\"name\":\"tmo_p\",\"type\":\"float64\",\"value\":0.000000000}]");
	sample_init(&s, "pipe");
	sample_bytes(&s, "pipefd", pair, sizeof(pair));
	assert_args(&s, "[{\"name\":\"pipefd\",\"type\":\"[2]int\",\"value\":[3,4]}]");
	sample_init(&s, "sethostname");
	sample_bytes(&s, "name", "a\n", 2);
	assert_args(&s, "[{\"name\":\"name\",\"type\":\"string\",\"value\":\"a\\u000a\"}]");
	sample_done(&s);
}

/* Fields of ours are the members of its structures. */
static void its_structures(void **state)
{
	static const uint8_t v4[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 10 };
	struct sample s;

	(void)state;
	sample_init(&s, "commit_creds");
	sample_number(&s, "old_uid", 1000);
	sample_number(&s, "new_uid", 0);
	sample_number(&s, "new_cap_effective", 1);
	assert_args(&s, "[{\"name\":\"old_cred\",\"type\":\"trace.SlimCred\",\"value\":{\"Uid\":1000}},"
			"{\"name\":\"new_cred\",\"type\":\"trace.SlimCred\",\"value\":{\"Uid\":0,\"CapEffective\":1}}]");
	sample_init(&s, "net_packet_dns_request");
	sample_bytes(&s, "src", v4, sizeof(v4));
	sample_number(&s, "dst_port", 53);
	sample_str(&s, "query", "a.example\n");
	sample_number(&s, "query_type", 1);
	assert_args(&s, "[{\"name\":\"metadata\",\"type\":\"trace.PktMeta\","
			"\"value\":{\"src_ip\":\"192.0.2.10\",\"dst_port\":53}},"
			"{\"name\":\"dns_questions\",\"type\":\"[]trace.DnsQueryData\","
			"\"value\":[{\"query\":\"a.example\\u000a\",\"query_type\":\"A\"}]}]");
	sample_done(&s);
}

/* The one argument of an event with a list of header lines. */
static void assert_headers(const void *lines, size_t len, const char *expected)
{
	_cleanup_free_ char *args = NULL;
	struct sample s;

	sample_init(&s, "net_packet_http_response");
	sample_bytes(&s, "headers", lines, len);
	assert_true(asprintf(&args, "[{\"name\":\"http_response\",\"type\":\"trace.ProtoHTTPResponse\","
				    "\"value\":{\"headers\":%s}}]", expected) > 0);
	assert_args(&s, args);
	sample_done(&s);
}

#define ASSERT_HEADERS(lines, expected) assert_headers(lines, sizeof(lines), expected)

static void header_lines(void **state)
{
	char many[1000];

	(void)state;
	ASSERT_HEADERS("x-one: 1\0X-ONE:2 \0HOST: h\0X-Two:\t\0", "{\"X-One\":[\"1\",\"2\"],\"X-Two\":[\"\"]}");
	/* No colon, no name, a prefix of another name, nothing. */
	ASSERT_HEADERS("nothing\0: x\0x: 1\0xy: 2\0", "{\"\":[\"x\"],\"X\":[\"1\"],\"Xy\":[\"2\"]}");
	assert_headers("", 0, "{}");
	/* Cut in the middle of a name, and of a value. */
	assert_headers("a: 1\0b", 6, "{\"A\":[\"1\"]}");
	assert_headers("a: 1\0b:", 7, "{\"A\":[\"1\"],\"B\":[\"\"]}");
	ASSERT_HEADERS("\"\n: \x01\xff", "{\"\\\"\\u000a\":[\"\\u0001\\udcff\"]}");
	/* No more than a bounded number is looked at. */
	memset(many, 0, sizeof(many));
	memcpy(many + 200, "late: 1", sizeof("late: 1"));
	assert_headers(many, sizeof(many), "{}");
}

/* The lists that our own decoder makes, and what else may stand there. */
static void dns_records(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "net_packet_dns");
	sample_number(&s, "flags", 0x8400);
	sample_strv(&s, "questions", "a\\032b.example IN A\0lonely");
	sample_strv(&s, "authority", "example 5 IN NS ns.example\0example 99999999999999999999 IN TXT \"t t\"");
	assert_args(&s, "[{\"name\":\"proto_dns\",\"type\":\"trace.ProtoDNS\",\"value\":"
			"{\"QR\":1,\"AA\":1,\"TC\":0,\"RD\":0,\"RA\":0,\"questions\":["
			"{\"name\":\"a\\\\032b.example\",\"type\":\"A\",\"class\":\"IN\"},"
			"{\"name\":\"lonely\",\"type\":\"\",\"class\":\"\"}],\"authorities\":["
			"{\"name\":\"example\",\"type\":\"NS\",\"class\":\"IN\",\"TTL\":5,\"NS\":\"ns.example\"},"
			"{\"name\":\"example\",\"type\":\"TXT\",\"class\":\"IN\",\"TTL\":0}]}},"
			"{\"name\":\"flags\",\"type\":\"uint16\",\"value\":33792},"
			"{\"name\":\"authority\",\"type\":\"[]string\",\"value\":[\"example 5 IN NS ns.example\","
			"\"example 99999999999999999999 IN TXT \\\"t t\\\"\"]}]");
	sample_init(&s, "net_packet_dns_response");
	sample_bytes(&s, "answers", "", 0);
	sample_str(&s, "query", "x");
	assert_args(&s, "[{\"name\":\"dns_response\",\"type\":\"[]trace.DnsResponseData\",\"value\":"
			"[{\"query_data\":{\"query\":\"x\"},\"dns_answer\":[]}]},"
			"{\"name\":\"answers\",\"type\":\"[]string\",\"value\":[]}]");
	sample_done(&s);
}

/* Tracee does not have it: a number and types by rule. */
static void own_events(void **state)
{
	static const uint8_t v4[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 10 };
	struct sample s;

	(void)state;
	sample_init(&s, "net_tcp_accept");
	sample_bytes(&s, "src", v4, sizeof(v4));
	sample_number(&s, "src_port", 50000);
	assert_args(&s, "[{\"name\":\"src\",\"type\":\"string\",\"value\":\"192.0.2.10\"},"
			"{\"name\":\"src_port\",\"type\":\"uint16\",\"value\":50000}]");
	assert_has(&s, "\"eventId\":\"10201\",\"eventName\":\"net_tcp_accept\"");
	assert_has(&s, "\"returnValue\":0,\"syscall\":\"\"");
	sample_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_keys_in_order),
		cmocka_unit_test(numbers_in_a_namespace),
		cmocka_unit_test(exec_arguments),
		cmocka_unit_test(fork_arguments),
		cmocka_unit_test(other_names),
		cmocka_unit_test(numbers),
		cmocka_unit_test(addresses),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(what_is_not_there),
		cmocka_unit_test(structures),
		cmocka_unit_test(values_in_memory),
		cmocka_unit_test(its_structures),
		cmocka_unit_test(header_lines),
		cmocka_unit_test(dns_records),
		cmocka_unit_test(own_events),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
