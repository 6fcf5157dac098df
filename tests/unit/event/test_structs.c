/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event/part.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <time.h>

#include <cmocka.h>

static struct hawk_buf out = HAWK_BUF_INIT;

static struct hawk_value value(const void *p, size_t len, uint32_t flags)
{
	return (struct hawk_value){ .bytes = p, .len = (uint32_t)len, .full = (uint32_t)len, .flags = flags };
}

static const char *text(enum hawk_type type, const void *p, size_t len, uint32_t flags)
{
	const struct hawk_value v = value(p, len, flags);

	hawk_buf_reset(&out);
	return hawk_struct_print(&out, type, &v) ? hawk_buf_str(&out) : NULL;
}

static void native_and_compat(void **state)
{
	const struct timespec ts = { 5, 600 };
	const int32_t ts32[2] = { -5, 600 };

	assert_string_equal(text(HAWK_T_TIMESPEC, &ts, sizeof(ts), 0), "tv_sec=5 tv_nsec=600");
	assert_string_equal(text(HAWK_T_TIMESPEC, ts32, sizeof(ts32), HAWK_VAL_COMPAT), "tv_sec=-5 tv_nsec=600");
	assert_string_equal(text(HAWK_T_TIMESPEC_OUT, &ts, sizeof(ts), 0), "tv_sec=5 tv_nsec=600");
}

static void times_and_events(void **state)
{
	struct timex native = { .modes = ADJ_FREQUENCY, .freq = -7, .status = STA_NANO, .tick = 10000 };
	const int32_t compat[12] = { ADJ_OFFSET, -3, [11] = 9000 };
	const struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = 64, .config = 0x10 };

	native.time.tv_sec = 5;
	assert_string_equal(text(HAWK_T_TIMEX, &native, sizeof(native), 0),
			    "modes=ADJ_FREQUENCY offset=0 freq=-7 status=STA_NANO tv_sec=5 tv_usec=0 tick=10000");
	assert_string_equal(text(HAWK_T_TIMEX64, &native, sizeof(native), HAWK_VAL_COMPAT),
			    "modes=ADJ_FREQUENCY offset=0 freq=-7 status=STA_NANO tv_sec=5 tv_usec=0 tick=10000");
	assert_string_equal(text(HAWK_T_TIMEX, compat, sizeof(compat), HAWK_VAL_COMPAT),
			    "modes=ADJ_OFFSET offset=-3 freq=0 status=0 tv_sec=0 tv_usec=0 tick=9000");
	assert_string_equal(text(HAWK_T_PERF_ATTR, &attr, 64, 0),
			    "type=PERF_TYPE_TRACEPOINT size=64 config=0x10 sample_period=0 sample_type=0x0 "
			    "read_format=0x0 bits=0x0 config1=0x0");
}

static void numbers_and_lists(void **state)
{
	const int32_t fds[2] = { 3, 4 };

	assert_string_equal(text(HAWK_T_FDPAIR, fds, sizeof(fds), 0), "3,4");
	assert_string_equal(text(HAWK_T_S32P, fds, 4, 0), "3");
	assert_null(text(HAWK_T_S32P, fds, 3, 0));
	assert_null(text(HAWK_T_STR, fds, 4, 0));
}

/* Reads all parts of a value: nothing outside of it is touched, and lists end. */
static void read_parts(enum hawk_type type, const struct hawk_value *v)
{
	struct hawk_part_store store;
	struct hawk_part part;
	struct hawk_value one;

	for (size_t n = 0; hawk_part_nth(type, n, &part) == 0; n++) {
		size_t i = 0;

		while (hawk_part_get(&part, v, i, &store, &one) == 0) {
			if (hawk_type_desc(part.type)->vclass == HAWK_V_BYTES)
				hawk_buf_put(&out, one.bytes, one.len);
			assert_true(++i <= 64);
		}
	}
}

/* A structure that ends early loses members, and nothing behind its end is read. */
static void cut_anywhere(void **state)
{
	uint8_t bytes[256] = { 0 };

	for (int type = 0; type < HAWK_T_MAX; type++) {
		for (size_t len = 0; len < sizeof(bytes); len++) {
			uint8_t *copy = test_malloc(len + 1);

			memset(copy, (int)len, len + 1);
			text((enum hawk_type)type, copy, len, 0);
			text((enum hawk_type)type, copy, len, HAWK_VAL_COMPAT);
			read_parts((enum hawk_type)type, &(struct hawk_value){ .bytes = copy, .len = (uint32_t)len });
			test_free(copy);
		}
	}
	bytes[0] = 1;
	assert_string_equal(text(HAWK_T_CLONE_ARGS, bytes, 8, 0), "flags=0x1");
}

static void signal_sets(void **state)
{
	uint64_t set = 1 << (2 - 1) | 1 << (15 - 1);

	assert_string_equal(text(HAWK_T_SIGSET, &set, sizeof(set), 0), "SIGINT|SIGTERM");
	set = 0;
	assert_string_equal(text(HAWK_T_SIGSET, &set, sizeof(set), 0), "0");
	set = ~(1ULL << (9 - 1));
	assert_string_equal(text(HAWK_T_SIGSET, &set, sizeof(set), 0), "ALL|-SIGKILL");
	set = 1ULL << (40 - 1);
	assert_string_equal(text(HAWK_T_SIGSET, &set, sizeof(set), 0), "SIGRTMIN+6");
}

static void bpf_by_command(void **state)
{
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_KPROBE, .insn_cnt = 7, .prog_name = "spy" };
	struct {
		uint64_t command;
		union bpf_attr attr;
	} wire = { BPF_PROG_LOAD, attr };

	assert_memory_equal(text(HAWK_T_BPF_ATTR, &wire, sizeof(wire), 0),
			    "prog_type=BPF_PROG_TYPE_KPROBE insn_cnt=7 ", 42);
	assert_non_null(strstr(hawk_buf_str(&out), " prog_name=spy "));
	wire.command = BPF_MAP_CREATE;
	assert_memory_equal(text(HAWK_T_BPF_ATTR, &wire, sizeof(wire), 0), "map_type=BPF_MAP_TYPE_ARRAY key_size=7", 38);
	wire.command = 999;
	assert_null(text(HAWK_T_BPF_ATTR, &wire, sizeof(wire), 0));
}

static void capability_halves(void **state)
{
	const uint32_t caps[6] = { 1, 0, 0, 1 << 5, 0, 0 };

	assert_string_equal(text(HAWK_T_CAPDATA, caps, 24, 0),
			    "effective=CAP_CHOWN|CAP_AUDIT_READ permitted=0 inheritable=0");
	assert_string_equal(text(HAWK_T_CAPDATA, caps, 12, 0), "effective=CAP_CHOWN permitted=0 inheritable=0");
}

static void vectors(void **state)
{
	struct {
		struct hawk_abi_iov head;
		uint64_t entries[4];
		char data[5];
	} wire = { { 9, 32, 5 }, { 0x1000, 3, 0x2000, 4 }, "hello" };
	struct hawk_value v = value(&wire, sizeof(wire.head) + 32 + 5, 0);
	struct hawk_iov iov;

	assert_int_equal(hawk_iov_get(&v, &iov), 0);
	assert_int_equal(iov.count, 9);
	assert_int_equal(iov.total, 7);
	assert_memory_equal(iov.data, "hello", 5);
	v.flags = HAWK_VAL_COMPAT;
	assert_int_equal(hawk_iov_get(&v, &iov), 0);
	assert_int_equal(iov.total, 0); /* as many entries, of half the size: the high words */
	wire.head.entries_len = 0xffffffff;
	assert_int_equal(hawk_iov_get(&v, &iov), -ENODATA);
	wire.head.entries_len = 32;
	wire.head.data_len = 6;
	assert_int_equal(hawk_iov_get(&v, &iov), -ENODATA);
}

static void message(void **state)
{
	struct {
		struct hawk_abi_msg head;
		uint8_t name[2];
		uint8_t control[24];
		struct hawk_abi_iov iov;
	} __attribute__((packed)) wire = {
		.head = { .controllen = 24, .name_len = 2, .control_len = 24 }, .name = { AF_UNIX, 0 },
	};
	const uint64_t len = 24;
	const int32_t words[4] = { SOL_SOCKET, SCM_RIGHTS, 7, 8 };
	struct hawk_value v = value(&wire, sizeof(wire), 0);
	struct hawk_msg msg;
	int32_t fds[4];

	memcpy(wire.control, &len, 8);
	memcpy(wire.control + 8, words, 16);
	assert_int_equal(hawk_msg_get(&v, &msg), 0);
	assert_int_equal(msg.name.len, 2);
	assert_true(msg.has_iov);
	assert_int_equal(hawk_msg_fds(&msg, fds, 4), 2);
	assert_int_equal(fds[0], 7);
	assert_int_equal(fds[1], 8);
	assert_int_equal(hawk_msg_fds(&msg, fds, 1), 1);
	wire.control[0] = 0; /* a length of 0 would go round for ever */
	assert_int_equal(hawk_msg_fds(&msg, fds, 4), 0);
	wire.head.name_len = 1000;
	assert_int_equal(hawk_msg_get(&v, &msg), -ENODATA);
}

static void sockets(void **state)
{
	struct {
		struct hawk_abi_socket s;
		char names[8];
	} wire = { .s = { .family = AF_UNIX, .name_len = 4, .peer_len = 2 }, .names = "\0absh" };
	const uint8_t v4[16] = { [10] = 0xff, 0xff, 127, 0, 0, 1 };

	wire.names[4] = '/';
	wire.names[5] = 'x';
	assert_string_equal(text(HAWK_T_SOCKET, &wire, sizeof(wire), 0), "AF_UNIX @abs->/x");
	wire.s = (struct hawk_abi_socket){ .family = AF_INET, .local_port = 80, .remote_port = 81 };
	memcpy(wire.s.local.b, v4, 16);
	memcpy(wire.s.remote.b, v4, 16);
	assert_string_equal(text(HAWK_T_SOCKET, &wire, sizeof(wire), 0), "AF_INET 127.0.0.1:80->127.0.0.1:81");
	wire.s.name_len = 255;
	assert_null(text(HAWK_T_SOCKET, &wire, sizeof(wire), 0));
}

static int done(void **state)
{
	hawk_buf_done(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_and_compat), cmocka_unit_test(numbers_and_lists), cmocka_unit_test(times_and_events),
		cmocka_unit_test(cut_anywhere),      cmocka_unit_test(signal_sets),
		cmocka_unit_test(bpf_by_command),    cmocka_unit_test(capability_halves),
		cmocka_unit_test(vectors),           cmocka_unit_test(message),
		cmocka_unit_test(sockets),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
