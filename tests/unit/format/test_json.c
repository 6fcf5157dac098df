/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/qrtr.h>
#include <linux/vm_sockets.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <cmocka.h>
#include <jansson.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "src/format/redact.h"
#include "src/format/render.h"
#include "tests/unit/format/json_check.h"
#include "tests/unit/format/sample.h"

static struct hawk_format *json;
static struct hawk_buf out;

static int setup(void **state)
{
	char *why = NULL;

	(void)state;
	return hawk_format_new(&json, "json", false, &why);
}

static int teardown(void **state)
{
	(void)state;
	hawk_format_free(json);
	hawk_buf_done(&out);
	return 0;
}

static void free_json(json_t **v)
{
	json_decref(*v);
}

/* Encodes the event and reads it again. */
static json_t *encode(const struct sample *s)
{
	json_error_t error;
	json_t *v;

	hawk_buf_reset(&out);
	assert_int_equal(hawk_format_event(json, &s->event, &out), 0);
	assert_true(json_check(out.data, out.len));
	assert_ptr_equal(memchr(out.data, '\n', out.len), out.data + out.len - 1);
	v = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (!v)
		fail_msg("%s at %d: %.*s", error.text, error.position, (int)out.len, out.data);
	return v;
}

/* The member at PATH ("process.ns.mnt.inode") as JSON text must be EXPECTED; "" when there must be none. */
static void assert_member(json_t *v, const char *path, const char *expected)
{
	_cleanup_free_ char *copy = strdup(path), *text = NULL;
	char *save = NULL;

	for (char *key = strtok_r(copy, ".", &save); key; key = strtok_r(NULL, ".", &save))
		v = json_object_get(v, key);
	text = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	assert_string_equal(text ? text : "", expected);
}

static void file_open_in_full(void **state)
{
	_cleanup_(free_json) json_t *v = NULL;
	struct sample s;

	(void)state;
	sample_file_open(&s);
	v = encode(&s);
	assert_member(v, "event", "\"file_open\"");
	assert_member(v, "time", "\"2026-01-02T03:20:45.000000042Z\"");
	assert_member(v, "seq", "17");
	assert_member(v, "process.pid", "4242");
	assert_member(v, "process.tid", "4243");
	assert_member(v, "process.comm", "\"bash\"");
	assert_member(v, "process.argv", "[\"-bash\",\"-l\"]");
	assert_member(v, "process.start_time", "\"2026-01-02T03:11:09.323456789Z\"");
	assert_member(v, "process.cgroup.id", "4711");
	assert_member(v, "process.cgroup.path", "\"/user.slice/user-1000.slice/session-3.scope\"");
	assert_member(v, "process.caps.effective", "[\"CAP_NET_BIND_SERVICE\"]");
	assert_member(v, "process.caps.bounding", "[\"ALL\"]");
	assert_member(v, "process.caps.ambient", "[]");
	assert_member(v, "process.ns.mnt", "{\"inode\":4026532999,\"is_host\":false}");
	assert_member(v, "process.ns.pid.is_host", "true");
	assert_member(v, "process.exit_code", "");
	assert_member(v, "parent", "{\"pid\":4200,\"comm\":\"sshd\",\"start_time\":\"2026-01-02T03:11:05.123456789Z\","
				   "\"exe\":\"/usr/sbin/sshd\"}");
	assert_member(v, "data", "{\"inode\":1835021,\"ctime\":\"2026-01-01T23:38:20.000000678Z\",\"dev\":\"259:2\","
				 "\"flags\":[\"O_RDONLY\",\"O_CLOEXEC\"],\"inode_mode\":\"0100644\","
				 "\"pathname\":\"/usr/lib/x86_64-linux-gnu/libc.so.6\"}");
	sample_done(&s);
}

/* A container's root, or that of a sandbox, has nearly all capabilities: what is missing is said. */
static void most_capabilities(void **state)
{
	const uint64_t all = (1ULL << 41) - 1;
	struct sample s;

	(void)state;
	sample_file_open(&s);
	s.process.task.cap_effective = all & ~(1ULL << 16);
	s.process.task.cap_permitted = all & ~0xfULL;
	s.process.task.cap_bounding = all & ~0x1fULL;
	json_t *v = encode(&s);
	assert_member(v, "process.caps.effective", "[\"ALL\",\"-CAP_SYS_MODULE\"]");
	assert_member(v, "process.caps.permitted", "[\"ALL\",\"-CAP_CHOWN\",\"-CAP_DAC_OVERRIDE\","
						  "\"-CAP_DAC_READ_SEARCH\",\"-CAP_FOWNER\"]");
	assert_int_equal(json_array_size(json_object_get(json_object_get(json_object_get(v, "process"), "caps"),
							 "bounding")), 36);
	json_decref(v);
	sample_done(&s);
}

static void marks(void **state)
{
	_cleanup_(free_json) json_t *v = NULL;
	struct hawk_value *argv;
	struct sample s;

	(void)state;
	sample_init(&s, "sched_process_exec");
	sample_strv(&s, "argv", "a\0b");
	*sample_value(&s, "pathname") = (struct hawk_value){ .bytes = (const uint8_t *)"/x", .len = 2,
							     .flags = HAWK_VAL_DELETED | HAWK_VAL_UNREACHABLE };
	argv = &s.event.data[hawk_event_field(s.event.desc, "argv")];
	argv->flags = HAWK_VAL_TRUNCATED | HAWK_VAL_INCOMPLETE;
	argv->full = 200000;
	sample_value(&s, "cmdpath")->flags = HAWK_VAL_UNREADABLE;
	sample_value(&s, "tty")->flags = HAWK_VAL_NULL;
	s.process.cwd.flags = HAWK_VAL_TRUNCATED;
	v = encode(&s);
	assert_member(v, "data", "{\"pathname\":\"/x\",\"pathname_deleted\":true,\"pathname_unreachable\":true,"
				 "\"cmdpath\":null,\"cmdpath_unreadable\":true,\"tty\":null,"
				 "\"argv\":[\"a\",\"b\"],\"argv_truncated\":true,\"argv_incomplete\":true,"
				 "\"argv_length\":200000}");
	assert_member(v, "process.cwd", "\"/home/ann\"");
	assert_member(v, "process.cwd_truncated", "true");
	assert_member(v, "process.cwd_length", "");
	sample_done(&s);
}

static void numbers(void **state)
{
	_cleanup_(free_json) json_t *v = NULL;
	struct sample s;

	(void)state;
	sample_init(&s, "ptrace");
	sample_number(&s, "request", 16);
	sample_number(&s, "pid", -1);
	sample_number(&s, "addr", -1);
	sample_number(&s, "retval", -EPERM);
	sample_number(&s, "errno", -EPERM);
	s.event.rec_flags = HAWK_REC_COMPAT | HAWK_REC_X32;
	v = encode(&s);
	assert_member(v, "compat", "true");
	assert_member(v, "x32", "true");
	assert_member(v, "data", "{\"request\":\"PTRACE_ATTACH\",\"pid\":-1,\"addr\":\"0xffffffffffffffff\","
				 "\"retval\":-1,\"errno\":\"EPERM\"}");
	sample_done(&s);
}

static void connection(void **state)
{
	const uint8_t v4[16] = { [10] = 0xff, [11] = 0xff, 10, 0, 0, 1 }, v6[16] = { [15] = 1 };
	_cleanup_(free_json) json_t *v = NULL;
	struct sample s;

	(void)state;
	sample_init(&s, "net_tcp_connect");
	sample_bytes(&s, "src", v4, sizeof(v4));
	sample_bytes(&s, "dst", v6, sizeof(v6));
	sample_number(&s, "dst_port", 65535);
	sample_number(&s, "family", AF_INET6);
	sample_number(&s, "retval", -EINPROGRESS);
	v = encode(&s);
	assert_member(v, "data", "{\"src\":\"10.0.0.1\",\"dst\":\"::1\",\"retval\":-115,\"dst_port\":65535,"
				 "\"family\":\"AF_INET6\",\"errno\":\"EINPROGRESS\"}");
	sample_done(&s);
}

static void assert_address(const void *bytes, size_t len, const char *expected)
{
	_cleanup_(free_json) json_t *v = NULL;
	struct sample s;

	sample_init(&s, "connect");
	sample_bytes(&s, "addr", bytes, len);
	v = encode(&s);
	assert_member(v, "data.addr", expected);
	sample_done(&s);
}

static void addresses(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(443), .sin6_scope_id = 2 };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/x.sock" };
	struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0a\0b" };
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = 7, .nl_groups = 1 };
	struct sockaddr_vm vm = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = 22 };
	struct sockaddr_alg alg = { .salg_family = AF_ALG, .salg_type = "hash", .salg_name = "hmac\"\n" };
	struct sockaddr_xdp xdp = { .sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY, .sxdp_ifindex = 3,
				    .sxdp_queue_id = 4, .sxdp_shared_umem_fd = 5 };
	struct sockaddr_qrtr qrtr = { .sq_family = AF_QIPCRTR, .sq_node = 1, .sq_port = 2 };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(3), .sll_ifindex = 2,
				  .sll_halen = 200, .sll_addr = { 1, 2 } };

	(void)state;
	inet_pton(AF_INET, "1.2.3.4", &in.sin_addr);
	inet_pton(AF_INET6, "fe80::1", &in6.sin6_addr);
	assert_address(&in, sizeof(in), "{\"sa_family\":\"AF_INET\",\"sin_addr\":\"1.2.3.4\",\"sin_port\":80}");
	assert_address(&in6, sizeof(in6), "{\"sa_family\":\"AF_INET6\",\"sin6_addr\":\"fe80::1\",\"sin6_port\":443,"
					  "\"sin6_flowinfo\":0,\"sin6_scope_id\":2}");
	assert_address(&in6, 24, "{\"sa_family\":\"AF_INET6\",\"sin6_addr\":\"fe80::1\",\"sin6_port\":443,"
				 "\"sin6_flowinfo\":0,\"sin6_scope_id\":0}");
	assert_address(&un, sizeof(un), "{\"sa_family\":\"AF_UNIX\",\"sun_path\":\"/run/x.sock\"}");
	assert_address(&un, 2, "{\"sa_family\":\"AF_UNIX\",\"sun_path\":\"\"}");
	assert_address(&abstract, 2 + 4, "{\"sa_family\":\"AF_UNIX\",\"sun_path\":\"@a\\u0000b\"}");
	assert_address(&nl, sizeof(nl), "{\"sa_family\":\"AF_NETLINK\",\"nl_pid\":7,\"nl_groups\":1}");
	assert_address(&nl, 11, "{\"sa_family\":\"AF_NETLINK\",\"sa_data\":\"000007000000010000\"}");
	assert_address(&vm, sizeof(vm), "{\"sa_family\":\"AF_VSOCK\",\"svm_cid\":2,\"svm_port\":22,\"svm_flags\":0}");
	memset(alg.salg_type, 't', sizeof(alg.salg_type)); /* without an end */
	assert_address(&alg, sizeof(alg), "{\"sa_family\":\"AF_ALG\",\"salg_type\":\"tttttttttttttt\",\"salg_feat\":\"0x0\","
					  "\"salg_mask\":\"0x0\",\"salg_name\":\"hmac\\\"\\n\"}");
	assert_address(&xdp, sizeof(xdp), "{\"sa_family\":\"AF_XDP\",\"sxdp_flags\":\"0x2\",\"sxdp_ifindex\":3,"
					  "\"sxdp_queue_id\":4,\"sxdp_shared_umem_fd\":5}");
	assert_address(&qrtr, sizeof(qrtr), "{\"sa_family\":\"AF_QIPCRTR\",\"sq_node\":1,\"sq_port\":2}");
	assert_address(&ll, 14, "{\"sa_family\":\"AF_PACKET\",\"sll_protocol\":3,\"sll_ifindex\":2,\"sll_hatype\":0,"
				"\"sll_pkttype\":0,\"sll_addr\":\"0102\"}");
	assert_address(&in, 5, "{\"sa_family\":\"AF_INET\",\"sa_data\":\"005001\"}");
	assert_address("\xfe\xfe\x01", 3, "{\"sa_family\":65278,\"sa_data\":\"01\"}");
	assert_address("\x02", 1, "{\"sa_data\":\"02\"}");
}

static void open_how(void **state)
{
	const struct open_how how = { .flags = O_RDWR | O_CREAT, .mode = 0600,
				      .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV };
	_cleanup_(free_json) json_t *v = NULL;
	struct sample s;

	(void)state;
	sample_init(&s, "openat2");
	sample_bytes(&s, "how", &how, sizeof(how));
	sample_number(&s, "dirfd", AT_FDCWD);
	v = encode(&s);
	assert_member(v, "data", "{\"dirfd\":\"AT_FDCWD\",\"how\":{\"flags\":[\"O_RDWR\",\"O_CREAT\"],"
				 "\"mode\":\"0600\",\"resolve\":[\"RESOLVE_NO_XDEV\",\"RESOLVE_BENEATH\"]}}");
	sample_done(&s);
}

/* The cache is used while it is valid, renewed when the process or the patterns change, and not made for a giant. */
static void process_cache(void **state)
{
	static char giant[100000];
	const char *const pattern[] = { "knock" };
	_cleanup_(free_json) json_t *a = NULL, *b = NULL, *c = NULL, *d = NULL;
	const char *const *all;
	struct sample s;
	size_t n;

	(void)state;
	sample_init(&s, "file_open");
	s.process.argv = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)"x\0--knock=1\0--token=2", .len = 22 };
	a = encode(&s);
	assert_true(s.process.json_valid);
	assert_true(s.parent.json_valid);
	assert_member(a, "process.argv", "[\"x\",\"--knock=1\",\"--token=[redacted]\"]");

	s.process.task.uid = 0;
	b = encode(&s);
	assert_member(b, "process.uid", "1000");
	s.process.json_valid = false;
	json_decref(b);
	b = encode(&s);
	assert_member(b, "process.uid", "0");

	assert_int_equal(hawk_redact_set(pattern, 1), 0);
	c = encode(&s);
	assert_member(c, "process.argv", "[\"x\",\"--knock=[redacted]\",\"--token=2\"]");
	all = hawk_redact_defaults(&n);
	assert_int_equal(hawk_redact_set(all, n), 0);

	memset(giant, 'g', sizeof(giant) - 1);
	s.process.argv = (struct hawk_bytes){ .data = (uint8_t *)giant, .len = sizeof(giant) };
	s.process.json_valid = false;
	d = encode(&s);
	assert_false(s.process.json_valid);
	assert_int_equal(json_string_length(json_array_get(json_object_get(json_object_get(d, "process"), "argv"), 0)),
			 sizeof(giant) - 1);
	sample_done(&s);
}

/* What processes have in common is encoded once: not for one that differs, and not for one of which it is not known. */
static void shared_facts(void **state)
{
	_cleanup_(free_json) json_t *a = NULL, *b = NULL, *c = NULL, *d = NULL;
	struct sample s;

	(void)state;
	sample_init(&s, "file_open");
	a = encode(&s);
	assert_member(a, "process.euid", "1000");
	s.process.task.euid = 5;
	s.process.json_valid = false;
	b = encode(&s);
	assert_member(b, "process.euid", "5");
	s.process.task.euid = 1000;
	s.process.task.pid++;
	s.process.json_valid = false;
	c = encode(&s);
	assert_true(json_equal(json_object_get(json_object_get(a, "process"), "ns"),
			       json_object_get(json_object_get(c, "process"), "ns")));
	assert_member(c, "process.euid", "1000");
	s.process.source = HAWK_FROM_HEADER;
	s.process.json_valid = false;
	d = encode(&s);
	assert_null(json_object_get(json_object_get(d, "process"), "euid"));
	json_decref(d);
	s.process.source = HAWK_FROM_EVENT;
	s.process.json_valid = false;
	d = encode(&s);
	assert_true(json_equal(json_object_get(c, "process"), json_object_get(d, "process")));
	sample_done(&s);
}

static void without_process(void **state)
{
	_cleanup_(free_json) json_t *v = NULL, *w = NULL;
	struct sample s;

	(void)state;
	sample_init(&s, "events.lost");
	s.event.process = s.event.parent = NULL;
	s.event.tgid = 0;
	sample_number(&s, "count", 3);
	v = encode(&s);
	assert_member(v, "process", "");
	assert_member(v, "parent", "");
	assert_member(v, "data", "{\"count\":3}");
	s.event.tgid = 5;
	w = encode(&s);
	assert_member(w, "process", "{\"pid\":5,\"tid\":4243,\"comm\":\"bash\"}");
	sample_done(&s);
}

/* A process alone is the process of an event without the thread. */
static void process_alone(void **state)
{
	_cleanup_(free_json) json_t *event = NULL, *alone = NULL;
	struct sample s;
	json_t *process;

	(void)state;
	sample_file_open(&s);
	event = encode(&s);
	process = json_object_get(event, "process");
	json_object_del(process, "tid");
	hawk_buf_reset(&out);
	assert_int_equal(hawk_format_process(&out, &s.process, (int64_t)(s.event.walltime - s.event.time)), 0);
	alone = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
	assert_true(json_equal(process, alone));
	sample_done(&s);
}

static void bound_leaves_no_half_line(void **state)
{
	struct hawk_buf small = { .max = 600 };
	struct sample s;

	(void)state;
	sample_file_open(&s);
	hawk_buf_lit(&small, "before");
	assert_int_equal(hawk_format_event(json, &s.event, &small), -E2BIG);
	assert_int_equal(small.len, strlen("before"));
	hawk_buf_done(&small);
	sample_done(&s);
}

/* The longest argv and environment, in every byte at its worst, stay below the promised bound. */
static void worst_case(void **state)
{
	static uint8_t bytes[HAWK_LONG_BYTES];
	struct hawk_buf big = { .max = HAWK_FORMAT_EVENT_MAX };
	struct sample s;

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	sample_init(&s, "sched_process_exec");
	sample_bytes(&s, "argv", bytes, sizeof(bytes));
	sample_bytes(&s, "env", bytes, sizeof(bytes));
	for (size_t i = 0; i < s.event.desc->n_fields; i++)
		if (s.event.desc->fields[i].type == HAWK_T_PATH || s.event.desc->fields[i].type == HAWK_T_STR)
			sample_bytes(&s, s.event.desc->fields[i].name, bytes, HAWK_PATH_BYTES);
	s.process.argv = (struct hawk_bytes){ .data = bytes, .len = sizeof(bytes) };
	s.process.exe = s.process.cwd = s.process.tty = s.process.unit = s.process.user_unit = s.process.cgroup =
		s.process.container_id = s.parent.exe = (struct hawk_bytes){ .data = bytes, .len = HAWK_PATH_BYTES };
	assert_int_equal(hawk_format_event(json, &s.event, &big), 0);
	assert_true(json_check(big.data, big.len));
	hawk_buf_done(&big);
	sample_done(&s);
}

static void every_type_has_a_form(void **state)
{
	(void)state;
	for (int t = 0; t < HAWK_T_MAX; t++)
		if (t != HAWK_T_TASK && hawk_json_how((enum hawk_type)t) == HAWK_JSON_NONE)
			fail_msg("%s has no form in JSON", hawk_type_desc((enum hawk_type)t)->name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_open_in_full),
		cmocka_unit_test(most_capabilities),
		cmocka_unit_test(marks),
		cmocka_unit_test(numbers),
		cmocka_unit_test(connection),
		cmocka_unit_test(addresses),
		cmocka_unit_test(open_how),
		cmocka_unit_test(process_cache),
		cmocka_unit_test(shared_facts),
		cmocka_unit_test(without_process),
		cmocka_unit_test(process_alone),
		cmocka_unit_test(bound_leaves_no_half_line),
		cmocka_unit_test(worst_case),
		cmocka_unit_test(every_type_has_a_form),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
