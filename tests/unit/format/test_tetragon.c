/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events as Tetragon exports them: envelopes, processes, arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "src/base/cleanup.h"
#include "src/format/format.h"
#include "tests/unit/format/json_check.h"
#include "tests/unit/format/sample.h"

static struct hawk_format *tetragon;
static struct hawk_buf out;

static int setup(void **state)
{
	char *why = NULL;

	(void)state;
	hawk_format_set_host("web1");
	return hawk_format_new(&tetragon, "tetragon", false, &why);
}

static int teardown(void **state)
{
	(void)state;
	hawk_format_free(tetragon);
	hawk_format_set_host(NULL);
	hawk_buf_done(&out);
	return 0;
}

/* Encodes the event; the text until the next one. */
static const char *encode(const struct sample *s)
{
	hawk_buf_reset(&out);
	assert_int_equal(hawk_format_event(tetragon, &s->event, &out), 0);
	assert_true(json_check(out.data, out.len));
	return hawk_buf_str(&out);
}

static void assert_has(const struct sample *s, const char *text)
{
	if (!strstr(encode(s), text))
		fail_msg("no %s in %s", text, out.data);
}

static void assert_lacks(const struct sample *s, const char *text)
{
	if (strstr(encode(s), text))
		fail_msg("%s in %s", text, out.data);
}

/* The list "args" must be EXPECTED. */
static void assert_args(const struct sample *s, const char *expected)
{
	_cleanup_free_ char *whole = NULL;

	assert_true(asprintf(&whole, ",\"args\":%s,\"", expected) > 0);
	assert_has(s, whole);
}

#define NAMESPACES \
	"{\"uts\":{\"inum\":4026531838,\"is_host\":true},\"ipc\":{\"inum\":4026531838,\"is_host\":true}," \
	"\"mnt\":{\"inum\":4026532999},\"pid\":{\"inum\":4026531838,\"is_host\":true}," \
	"\"pid_for_children\":{\"inum\":4026531851,\"is_host\":true}," \
	"\"net\":{\"inum\":4026531838,\"is_host\":true},\"time\":{\"inum\":4026531839,\"is_host\":true}," \
	"\"time_for_children\":{\"inum\":4026531852,\"is_host\":true}," \
	"\"cgroup\":{\"inum\":4026531841,\"is_host\":true},\"user\":{\"inum\":4026531839,\"is_host\":true}}"

/* base64 of web1:424323456791:4242 and so on: host, start with the number of the program, and pid. That of PID 1 is not known. */
#define ID_4242 "d2ViMTo0MjQzMjM0NTY3OTE6NDI0Mg=="
#define ID_4200 "d2ViMTo0MjAxMjM0NTY3OTE6NDIwMA=="
#define ID_1 "d2ViMToyMjM0NTY3ODk6MQ=="

static void exec_in_full(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "sched_process_exec");
	s.event.tid = 4242;
	s.process.exec_time = s.event.time;
	s.process.exec_flags = HAWK_EXEC_SETUID | HAWK_EXEC_FILECAPS | HAWK_EXEC_MEMFD;
	s.process.task.euid = 0;
	s.process.task.securebits = 1 | 1 << 5;
	s.process.task.cap_permitted = 1 << 1;
	s.process.argv = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)"sh\0-c\0a b\0\0--token\0x", .len = 21 };
	sample_number(&s, "inode", 1835021);
	assert_string_equal(
		encode(&s),
		"{\"process_exec\":{\"process\":{\"exec_id\":\"" ID_4242 "\",\"pid\":4242,\"uid\":0,"
		"\"cwd\":\"/home/ann\",\"binary\":\"/usr/bin/bash\","
		"\"arguments\":\"-c \\\"a b\\\" \\\"\\\" --token [redacted]\",\"flags\":\"execve\","
		"\"start_time\":\"2026-01-02T03:20:45.000000042Z\",\"auid\":1000,\"parent_exec_id\":\"" ID_4200 "\","
		"\"cap\":{\"permitted\":[\"DAC_OVERRIDE\"],\"effective\":[\"CAP_NET_BIND_SERVICE\"]},"
		"\"ns\":" NAMESPACES ",\"process_credentials\":{\"uid\":1000,\"gid\":1000,\"euid\":0,\"egid\":1000,"
		"\"suid\":1000,\"sgid\":1000,\"fsuid\":1000,\"fsgid\":1000,"
		"\"securebits\":[\"SecBitNoRoot\",\"SecBitKeepCapsLocked\"]},\"tid\":4242,"
		"\"binary_properties\":{\"setuid\":0,\"privileges_changed\":[\"PRIVILEGES_RAISED_EXEC_FILE_CAP\","
		"\"PRIVILEGES_RAISED_EXEC_FILE_SETUID\"],"
		"\"file\":{\"inode\":{\"number\":\"1835021\",\"links\":0},\"path\":\"/usr/bin/bash\"}}},"
		"\"parent\":{\"exec_id\":\"" ID_4200 "\",\"pid\":4200,\"uid\":1000,\"binary\":\"/usr/sbin/sshd\","
		"\"flags\":\"clone\",\"start_time\":\"2026-01-02T03:11:05.123456789Z\",\"auid\":1000,"
		"\"parent_exec_id\":\"" ID_1 "\",\"tid\":4200}},"
		"\"node_name\":\"web1\",\"time\":\"2026-01-02T03:20:45.000000042Z\"}\n");
	sample_done(&s);
}

static void container(void **state)
{
	static char id[] = "66c2778945e29dfd36532d63c38c2ce4ed16a002c44cb254b8e6b46f5ba7f5b5";
	struct sample s;

	(void)state;
	sample_init(&s, "sched_process_exec");
	assert_null(strstr(encode(&s), "docker"));
	sample_done(&s);
	sample_init(&s, "sched_process_exec");
	s.process.container_id = (struct hawk_bytes){ .data = (uint8_t *)id, .len = sizeof(id) - 1 };
	s.process.task.cgroup++;
	assert_has(&s, "\"auid\":1000,\"docker\":\"66c2778945e29dfd36532d63c38c2ce\",\"parent_exec_id\":");
	sample_done(&s);
}

/* The parent of the parent and so on, as a parent is told, nearest first. */
static void ancestors(void **state)
{
	const struct hawk_process *list[2];
	struct sample s, other;

	(void)state;
	sample_init(&s, "sched_process_exit");
	assert_lacks(&s, "ancestors");
	sample_init(&other, "sched_process_exit");
	other.parent.task.pid = 1;
	list[0] = &other.process;
	list[1] = &other.parent;
	s.event.ancestors = list;
	s.event.n_ancestors = ARRAY_SIZE(list);
	assert_has(&s, "\"tid\":4200},\"ancestors\":[{\"exec_id\":\"" ID_4242 "\",\"pid\":4242,");
	assert_has(&s, "\"tid\":4242},{\"exec_id\":\"");
	assert_has(&s, "\"pid\":1,\"uid\":1000,\"binary\":\"/usr/sbin/sshd\"");
	assert_has(&s, "\"tid\":1}],\"time\":\"2026");
	sample_done(&s);
	sample_done(&other);
}

static void exits(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "sched_process_exit");
	sample_number(&s, "signal", SIGKILL);
	sample_number(&s, "exit_code", 0);
	assert_has(&s, "},\"signal\":\"SIGKILL\",\"time\":\"2026-01-02T03:20:45.000000042Z\"},\"node_name\"");
	assert_lacks(&s, "status");
	sample_number(&s, "signal", 0);
	sample_number(&s, "exit_code", 3);
	assert_has(&s, "},\"status\":3,\"time\"");
	assert_lacks(&s, "signal");
	sample_done(&s);
}

/* What is kept of a process is used for it only as long as it is true. */
static void a_process_changes(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "dup2");
	assert_has(&s, "\"uid\":1000,\"cwd\"");
	s.process.task.euid = 5;
	assert_has(&s, "\"uid\":5,\"cwd\"");
	s.process.exe = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)"/bin/x", .len = 6 };
	assert_has(&s, "\"binary\":\"/bin/x\"");
	s.process.source = HAWK_FROM_PROC;
	assert_has(&s, "\"flags\":\"procFS\"");
	s.process.argv.flags = HAWK_VAL_TRUNCATED;
	assert_has(&s, "\"flags\":\"procFS truncArgs\"");
	s.process.exec_time = 1;
	assert_has(&s, "\"flags\":\"execve truncArgs\"");
	s.process.source = HAWK_FROM_HEADER;
	assert_has(&s, "\"flags\":\"unknown\"");
	/* Another process with the same place in the table. */
	s.process.task.pid = 4242 + 128;
	assert_has(&s, "\"pid\":4370,");
	s.process.task.pid = 4242;
	assert_has(&s, "\"pid\":4242,");
	sample_done(&s);
}

/* By the name of the event. */
static void envelopes(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "dup2");
	sample_number(&s, "retval", -EBADF);
#ifdef __x86_64__
	assert_has(&s, ",\"function_name\":\"__x64_sys_dup2\",\"args\":[],\"return\":{\"int_arg\":-9},"
		       "\"action\":\"KPROBE_ACTION_POST\"},\"node_name\":\"web1\",");
#endif
	assert_has(&s, "{\"process_kprobe\":{\"process\":{");
	s.event.policies = (struct hawk_value){ .bytes = (const uint8_t *)"one\0two", .len = 8 };
	assert_has(&s, "\"action\":\"KPROBE_ACTION_POST\",\"policy_name\":\"one\"},\"node_name\"");
	s.event.rec_flags = HAWK_REC_COMPAT;
	assert_has(&s, "\"__ia32_sys_dup2\"");
	sample_number(&s, "retval", 1LL << 40);
	assert_has(&s, "\"return\":{\"long_arg\":\"1099511627776\"}");
	sample_init(&s, "security_file_open");
	assert_has(&s, "{\"process_lsm\":{");
	assert_has(&s, ",\"function_name\":\"file_open\",\"args\":[]");
	sample_init(&s, "sched_process_fork");
	assert_has(&s, "{\"process_tracepoint\":{");
	assert_has(&s, ",\"subsys\":\"sched\",\"event\":\"sched_process_fork\",\"args\":[]");
	sample_init(&s, "events.lost");
	sample_number(&s, "count", 12);
	s.event.process = s.event.parent = NULL;
	assert_string_equal(encode(&s), "{\"rate_limit_info\":{\"number_of_dropped_process_events\":\"12\"},"
					"\"node_name\":\"web1\",\"time\":\"2026-01-02T03:20:45.000000042Z\"}\n");
	sample_done(&s);
}

static void connection(void **state)
{
	static const uint8_t here[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 10 };
	static const uint8_t there[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 2 };
	struct sample s;

	(void)state;
	sample_init(&s, "net_tcp_connect");
	sample_bytes(&s, "src", here, sizeof(here));
	sample_bytes(&s, "dst", there, sizeof(there));
	sample_number(&s, "src_port", 0);
	sample_number(&s, "dst_port", 443);
	sample_number(&s, "family", AF_INET);
	sample_number(&s, "cookie", 77);
	sample_number(&s, "retval", 0);
	assert_args(&s, "[{\"sock_arg\":{\"family\":\"AF_INET\",\"saddr\":\"192.0.2.10\",\"daddr\":\"2001:db8::2\","
			"\"dport\":443,\"cookie\":\"77\"}}]");
	assert_has(&s, "\"return\":{\"int_arg\":0}");
	sample_init(&s, "net_tcp_accept");
	sample_bytes(&s, "src", there, sizeof(there));
	sample_number(&s, "src_port", 50000);
	sample_number(&s, "dst_port", 22);
	assert_args(&s, "[{\"sock_arg\":{\"daddr\":\"2001:db8::2\",\"sport\":22,\"dport\":50000}}]");
	sample_done(&s);
}

static void arguments(void **state)
{
	const struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(443) };
	struct sample s;

	(void)state;
	sample_init(&s, "file_open");
	sample_number(&s, "inode", -1);
	sample_number(&s, "flags", 0xffffffff);
	sample_number(&s, "inode_mode", S_IFREG | 04751);
	sample_str(&s, "pathname", "/etc/x");
	s.event.data[hawk_event_field(s.event.desc, "pathname")].flags = HAWK_VAL_TRUNCATED;
	assert_args(&s, "[{\"size_arg\":\"18446744073709551615\",\"label\":\"inode\"},"
			"{\"uint_arg\":4294967295,\"label\":\"flags\"},"
			"{\"file_arg\":{\"path\":\"/etc/x\",\"flags\":\"unresolvedPathComponents\","
			"\"permission\":\"-rwxr-x--x\"},\"label\":\"pathname\"}]");
	sample_init(&s, "connect");
	sample_number(&s, "sockfd", -1);
	sample_bytes(&s, "addr", &in, sizeof(in));
	assert_args(&s, "[{\"int_arg\":-1,\"label\":\"sockfd\"},{\"sockaddr_arg\":{\"family\":\"AF_INET\","
			"\"addr\":\"0.0.0.0\",\"port\":443},\"label\":\"addr\"}]");
	sample_bytes(&s, "addr", "\1\0\0x", 4);
	assert_has(&s, "{\"sockaddr_arg\":{\"family\":\"AF_UNIX\",\"addr\":\"@x\"},");
	sample_bytes(&s, "addr", "", 0);
	assert_has(&s, "{\"sockaddr_arg\":{},");
	sample_init(&s, "execve");
	sample_strv(&s, "argv", "sh\0-c\0a b");
	sample_value(&s, "pathname")->flags = HAWK_VAL_UNREADABLE;
	sample_number(&s, "envp", 0x7fff);
	assert_args(&s, "[{\"error_arg\":{\"message\":\"unreadable\"},\"label\":\"pathname\"},"
			"{\"string_arg\":\"sh -c \\\"a b\\\"\",\"label\":\"argv\"},"
			"{\"size_arg\":\"32767\",\"label\":\"envp\"}]");
	sample_done(&s);
}

/* Structures that Tetragon has an argument of its own for. */
static void structures(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "security_bpf_map");
	sample_number(&s, "map_id", 7);
	sample_number(&s, "map_type", 1);
	sample_str(&s, "map_name", "a \"b\"");
	assert_args(&s, "[{\"bpf_map_arg\":{\"MapType\":\"BPF_MAP_TYPE_HASH\",\"MapName\":\"a \\\"b\\\"\"}},"
			"{\"uint_arg\":7,\"label\":\"map_id\"}]");
	sample_str(&s, "map_name", "");
	assert_has(&s, "[{\"bpf_map_arg\":{\"MapType\":\"BPF_MAP_TYPE_HASH\"}},");
	sample_init(&s, "do_init_module");
	assert_args(&s, "[{\"module_arg\":{}}]");
	sample_str(&s, "name", "evil");
	sample_str(&s, "version", "1");
	assert_args(&s, "[{\"module_arg\":{\"name\":\"evil\"}},{\"string_arg\":\"1\",\"label\":\"version\"}]");
	sample_init(&s, "cap_capable");
	sample_number(&s, "cap", 21);
	assert_args(&s, "[{\"capability_arg\":{\"value\":21,\"name\":\"CAP_SYS_ADMIN\"},\"label\":\"cap\"}]");
	sample_init(&s, "security_bprm_check");
	sample_str(&s, "pathname", "/bin/x");
	sample_number(&s, "inode_mode", S_IFREG | 0755);
	assert_args(&s, "[{\"linux_binprm_arg\":{\"path\":\"/bin/x\",\"permission\":\"-rwxr-xr-x\"},\"label\":\"pathname\"}]");
	sample_done(&s);
}

static void hostile_names(void **state)
{
	struct sample s;

	(void)state;
	sample_init(&s, "security_file_open");
	s.process.exe = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)"/\x7f\\\r\xff", .len = 5 };
	s.process.cwd = s.process.exe;
	s.process.argv = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)"x\0\n\"\xff", .len = 5 };
	sample_str(&s, "pathname", "/tmp/\xff\n\x1b[31m \xe2\x80\xae\xc2\x85\"");
	assert_has(&s, "\"cwd\":\"/\\u007f\\\\\\u000d\\udcff\",\"binary\":\"/\\u007f\\\\\\u000d\\udcff\","
		       "\"arguments\":\"\\u000a\\\"\\udcff\"");
	assert_has(&s, "{\"path\":\"/tmp/\\udcff\\u000a\\u001b[31m \\u202e\\u0085\\\"\"}");
	sample_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_in_full),
		cmocka_unit_test(container),
		cmocka_unit_test(ancestors),
		cmocka_unit_test(exits),
		cmocka_unit_test(a_process_changes),
		cmocka_unit_test(envelopes),
		cmocka_unit_test(connection),
		cmocka_unit_test(arguments),
		cmocka_unit_test(structures),
		cmocka_unit_test(hostile_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
