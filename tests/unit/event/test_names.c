/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/vm_sockets.h> /* older ones need sys/socket.h before */
#include <cmocka.h>

#include "src/event/names.h"

#define S 1000000000ULL

static struct hawk_buf out;

static void assert_prints(enum hawk_type type, struct hawk_value v, const char *expected)
{
	hawk_buf_reset(&out);
	assert_int_equal(hawk_value_print(&out, type, &v, 0), 0);
	assert_string_equal(hawk_buf_str(&out), expected);
}

#define NUMBER(n) ((struct hawk_value){ .u = (uint64_t)(n) })
#define BYTES(p, n) ((struct hawk_value){ .bytes = (const void *)(p), .len = (n) })

static void numbers_by_name(void **state)
{
	assert_prints(HAWK_T_OPEN_FLAGS, NUMBER(0), "O_RDONLY");
	assert_prints(HAWK_T_OPEN_FLAGS, NUMBER(01 | 0100 | 02000000), "O_WRONLY|O_CREAT|O_CLOEXEC");
	assert_prints(HAWK_T_OPEN_FLAGS, NUMBER(02 | 04010000), "O_RDWR|O_SYNC");
	assert_prints(HAWK_T_OPEN_FLAGS, NUMBER(010000), "O_RDONLY|O_DSYNC");
	assert_prints(HAWK_T_OPEN_FLAGS, NUMBER(0x80000000), "O_RDONLY|0x80000000");
	assert_prints(HAWK_T_CLONE_FLAGS, NUMBER(0x10000000), "CLONE_NEWUSER");
	assert_prints(HAWK_T_CLONE_FLAGS, NUMBER(0), "0");
	assert_prints(HAWK_T_CAPS, NUMBER(1ULL << 21 | 1), "CAP_CHOWN|CAP_SYS_ADMIN");
	assert_prints(HAWK_T_CAPS, NUMBER(1ULL << 60), "0x1000000000000000");
	assert_prints(HAWK_T_EXEC_FLAGS, NUMBER(HAWK_EXEC_MEMFD | HAWK_EXEC_UNLINKED), "memfd|unlinked");
	assert_prints(HAWK_T_SIGNAL, NUMBER(9), "SIGKILL");
	assert_prints(HAWK_T_SIGNAL, NUMBER(0), "0");
	assert_prints(HAWK_T_SIGNAL, NUMBER(-7), "-7");
	assert_prints(HAWK_T_FAMILY, NUMBER(AF_INET6), "AF_INET6");
	assert_prints(HAWK_T_FAMILY, NUMBER(999), "999");
	assert_prints(HAWK_T_PTRACE_REQUEST, NUMBER(0), "PTRACE_TRACEME");
	assert_prints(HAWK_T_PTRACE_REQUEST, NUMBER(0x4206), "PTRACE_SEIZE");
	assert_prints(HAWK_T_DIRFD, NUMBER(-100), "AT_FDCWD");
	assert_prints(HAWK_T_DIRFD, NUMBER(3), "3");
	assert_prints(HAWK_T_ERRNO, NUMBER(-ENOENT), "ENOENT");
	assert_prints(HAWK_T_ERRNO, NUMBER(-4000), "-4000");
	assert_prints(HAWK_T_RETVAL, NUMBER(-2), "-2");
}

static void numbers_by_name_in_their_context(void **state)
{
	struct hawk_value v = NUMBER(26);

	assert_prints(HAWK_T_SOCKOPT, v, "IP_RECVERR_RFC4884");
	v.context = IPPROTO_IPV6;
	assert_prints(HAWK_T_SOCKOPT, v, "IPV6_V6ONLY");
	v.context = SOL_SOCKET;
	assert_prints(HAWK_T_SOCKOPT, v, "SO_ATTACH_FILTER");
	v.context = 12345;
	assert_prints(HAWK_T_SOCKOPT, v, "26");
	v = (struct hawk_value){ .u = 6, .context = AF_INET6 };
	assert_prints(HAWK_T_PROTOCOL, v, "IPPROTO_TCP");
	v.context = AF_NETLINK;
	assert_prints(HAWK_T_PROTOCOL, v, "NETLINK_XFRM");
	v.context = AF_UNIX;
	assert_prints(HAWK_T_PROTOCOL, v, "6");
	assert_prints(HAWK_T_SOCKET_TYPE, NUMBER(SOCK_RAW | SOCK_CLOEXEC), "SOCK_RAW|SOCK_CLOEXEC");
	assert_prints(HAWK_T_IOCTL_REQUEST, NUMBER(0x5412), "TIOCSTI");
	assert_prints(HAWK_T_IOCTL_REQUEST, NUMBER(0xc0ffee), "0xc0ffee");
	assert_prints(HAWK_T_FUTEX_OP, NUMBER(0x189), "FUTEX_WAIT_BITSET|FUTEX_PRIVATE_FLAG|FUTEX_CLOCK_REALTIME");
	assert_prints(HAWK_T_MAP_FLAGS, NUMBER(0x22), "MAP_PRIVATE|MAP_ANONYMOUS");
	assert_prints(HAWK_T_QUOTA_CMD, NUMBER(0x80000201), "Q_QUOTAON|GRPQUOTA");
	assert_prints(HAWK_T_CLONE_FLAGS, NUMBER(0x10011), "SIGCHLD|CLONE_THREAD");
	assert_prints(HAWK_T_KEYRING, NUMBER(-3), "KEY_SPEC_SESSION_KEYRING");
}

static void other_forms(void **state)
{
	assert_prints(HAWK_T_BOOL, NUMBER(1), "true");
	assert_prints(HAWK_T_HEX, NUMBER(0xdeadbeef0), "0xdeadbeef0");
	assert_prints(HAWK_T_HEX, NUMBER(UINT64_MAX), "0xffffffffffffffff");
	assert_prints(HAWK_T_HEX, NUMBER(0), "0x0");
	assert_prints(HAWK_T_MODE, NUMBER(0100644), "0100644");
	assert_prints(HAWK_T_MODE, NUMBER(0), "0");
	assert_prints(HAWK_T_DEV, NUMBER(8 << 20 | 17), "8:17");
	assert_prints(HAWK_T_UID, NUMBER(UINT32_MAX), "4294967295");
	assert_prints(HAWK_T_STR, BYTES("a\nb", 3), "a\nb");
	assert_prints(HAWK_T_STRV, BYTES("ls\0-l\0", 6), "ls -l");
	assert_prints(HAWK_T_STRV, BYTES("", 0), "");
}

static void times(void **state)
{
	struct hawk_value v = NUMBER(1 * S);

	assert_prints(HAWK_T_WALLTIME, NUMBER(0), "1970-01-01T00:00:00.000000000Z");
	assert_prints(HAWK_T_WALLTIME, NUMBER(951782399 * S + 7), "2000-02-28T23:59:59.000000007Z");
	assert_prints(HAWK_T_WALLTIME, NUMBER(951782400 * S), "2000-02-29T00:00:00.000000000Z");
	assert_prints(HAWK_T_WALLTIME, NUMBER(1709251199 * S), "2024-02-29T23:59:59.000000000Z");
	assert_prints(HAWK_T_WALLTIME, NUMBER(4107542400 * S), "2100-03-01T00:00:00.000000000Z");
	assert_prints(HAWK_T_WALLTIME, NUMBER(UINT64_MAX), "2554-07-21T23:34:33.709551615Z");
	hawk_buf_reset(&out);
	hawk_value_print(&out, HAWK_T_TIME, &v, 86400 * S);
	assert_string_equal(hawk_buf_str(&out), "1970-01-02T00:00:01.000000000Z");
}

static void addresses(void **state)
{
	uint8_t ip[16];
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(80),
				  .sin_addr = { htonl(0x0a000001) } };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(443),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/x" };
	struct sockaddr_vm vm = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = 22 };

	assert_int_equal(hawk_ip_parse("10.0.0.1", ip), 0);
	assert_prints(HAWK_T_IP, BYTES(ip, 16), "10.0.0.1");
	assert_int_equal(hawk_ip_parse("2001:db8::1", ip), 0);
	assert_prints(HAWK_T_IP, BYTES(ip, 16), "2001:db8::1");
	assert_int_equal(hawk_ip_parse("10.0.0", ip), -EINVAL);
	assert_prints(HAWK_T_SOCKADDR, BYTES(&v4, sizeof(v4)), "10.0.0.1:80");
	assert_prints(HAWK_T_SOCKADDR, BYTES(&v6, sizeof(v6)), "[::1]:443");
	assert_prints(HAWK_T_SOCKADDR, BYTES(&un, sizeof(un)), "/run/x");
	assert_prints(HAWK_T_SOCKADDR, BYTES("\1\0\0abc", 6), "@abc");
	assert_prints(HAWK_T_SOCKADDR, BYTES("\1\0", 2), "");
	assert_prints(HAWK_T_SOCKADDR, BYTES("\1", 1), "");
	assert_prints(HAWK_T_SOCKADDR, BYTES("\2\0\0\120", 4), "AF_INET:00 50");
	assert_prints(HAWK_T_SOCKADDR, BYTES("\20\0\xff", 3), "AF_NETLINK:ff");
	assert_prints(HAWK_T_SOCKADDR, BYTES(&vm, sizeof(vm)), "AF_VSOCK:svm_cid=2 svm_port=22 svm_flags=0");
}

static void open_how(void **state)
{
	const uint64_t how[3] = { 02 | 0100, 0644, 8 };

	assert_prints(HAWK_T_OPEN_HOW, BYTES(how, sizeof(how)),
		      "flags=O_RDWR|O_CREAT mode=0644 resolve=RESOLVE_BENEATH");
	assert_prints(HAWK_T_OPEN_HOW, BYTES(how, 8), "flags=O_RDWR|O_CREAT");
}

static void real_time_signals(void **state)
{
	const uint64_t set = 1ULL << (32 - 1) | 1ULL << (34 - 1) | 1ULL << (36 - 1) | 1ULL << (50 - 1) | 1ULL << (64 - 1);

	(void)state;
	assert_prints(HAWK_T_SIGNALS, (struct hawk_value){ .u = set }, "SIG32|SIGRTMIN|SIGRTMIN+2|SIGRTMAX-14|SIGRTMAX");
	for (uint64_t n = 1; n <= 64; n++) {
		uint64_t v;

		hawk_buf_reset(&out);
		hawk_value_print(&out, HAWK_T_SIGNAL, &(struct hawk_value){ .u = n }, 0);
		assert_int_equal(hawk_value_parse_number(HAWK_T_SIGNAL, hawk_buf_str(&out), &v), 0);
		assert_int_equal(v, n);
		assert_memory_equal(out.data, "SIG", 3);
	}
}

static void assert_parses(enum hawk_type type, const char *text, uint64_t expected)
{
	uint64_t v;

	assert_int_equal(hawk_value_parse_number(type, text, &v), 0);
	assert_true(v == expected);
}

static void assert_refused(enum hawk_type type, const char *text)
{
	uint64_t v = 77;

	assert_int_equal(hawk_value_parse_number(type, text, &v), -EINVAL);
	assert_true(v == 77);
}

static void parsing(void **state)
{
	assert_parses(HAWK_T_OPEN_FLAGS, "O_WRONLY|O_CREAT", 0101);
	assert_parses(HAWK_T_OPEN_FLAGS, "O_CREAT|0x10", 0120);
	assert_parses(HAWK_T_SIGNAL, "SIGKILL", 9);
	assert_parses(HAWK_T_SIGNAL, "9", 9);
	assert_parses(HAWK_T_ERRNO, "ENOENT", (uint64_t)-ENOENT);
	assert_parses(HAWK_T_CAPS, "CAP_BPF", 1ULL << 39);
	assert_parses(HAWK_T_MODE, "644", 0644);
	assert_parses(HAWK_T_MODE, "0644", 0644);
	assert_parses(HAWK_T_MODE, "0x10", 16);
	assert_parses(HAWK_T_DIRFD, "AT_FDCWD", (uint64_t)-100);
	assert_parses(HAWK_T_S32, "-1", UINT64_MAX);
	assert_parses(HAWK_T_UID, "-1", UINT32_MAX);
	assert_parses(HAWK_T_U64, "18446744073709551615", UINT64_MAX);
	assert_parses(HAWK_T_S64, "-9223372036854775808", 1ULL << 63);
	assert_parses(HAWK_T_BOOL, "true", 1);
	assert_parses(HAWK_T_DEV, "8:1", 8 << 20 | 1);
	assert_parses(HAWK_T_WALLTIME, "2000-02-29T00:00:00Z", 951782400 * S);
	assert_parses(HAWK_T_WALLTIME, "1970-01-01T00:00:01.25Z", S + S / 4);
}

static void parsing_refuses(void **state)
{
	assert_refused(HAWK_T_OPEN_FLAGS, "O_CREAT|");
	assert_refused(HAWK_T_OPEN_FLAGS, "O_CREATE");
	assert_refused(HAWK_T_OPEN_FLAGS, "");
	assert_refused(HAWK_T_SIGNAL, "SIGKILL|SIGTERM");
	assert_refused(HAWK_T_PORT, "65536");
	assert_refused(HAWK_T_U32, "-1");
	assert_refused(HAWK_T_U32, "4294967296");
	assert_refused(HAWK_T_S32, "2147483648");
	assert_refused(HAWK_T_S64, "9223372036854775808");
	assert_refused(HAWK_T_U64, "18446744073709551616");
	assert_refused(HAWK_T_U64, " 1");
	assert_refused(HAWK_T_U64, "--1");
	assert_refused(HAWK_T_U64, "1x");
	assert_refused(HAWK_T_MODE, "8");
	assert_refused(HAWK_T_DEV, "8:");
	assert_refused(HAWK_T_DEV, "5000:1");
	assert_refused(HAWK_T_STR, "1");
	assert_refused(HAWK_T_IP, "1.2.3.4");
	assert_refused(HAWK_T_WALLTIME, "2000-02-29T00:00:00");
	assert_refused(HAWK_T_WALLTIME, "1960-02-29T00:00:00Z");
}

/* Everything that is printed by name for one number can be read again. */
static void round_trip(void **state)
{
	for (enum hawk_type type = 0; type < HAWK_T_MAX; type++) {
		enum hawk_vclass class = hawk_type_desc(type)->vclass;

		if ((class != HAWK_V_UINT && class != HAWK_V_SINT) || type == HAWK_T_TIME)
			continue;
		size_t bits = hawk_type_desc(type)->size * 8 - (class == HAWK_V_SINT);

		for (size_t bit = 0; bit < bits; bit++) {
			struct hawk_value v = NUMBER(type == HAWK_T_BOOL ? bit & 1 : 1ULL << bit);
			uint64_t again = 0;

			hawk_buf_reset(&out);
			assert_int_equal(hawk_value_print(&out, type, &v, 0), 0);
			assert_int_equal(hawk_value_parse_number(type, hawk_buf_str(&out), &again), 0);
			assert_true(again == v.u);
		}
	}
}

static void errno_names(void **state)
{
	assert_string_equal(hawk_errno_name(EPERM), "EPERM");
	assert_string_equal(hawk_errno_name(512), "ERESTARTSYS");
	assert_null(hawk_errno_name(0));
	assert_null(hawk_errno_name(-1));
	assert_null(hawk_errno_name(4095));
}

static int teardown(void **state)
{
	hawk_buf_done(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_by_name),
		cmocka_unit_test(numbers_by_name_in_their_context),
		cmocka_unit_test(other_forms),
		cmocka_unit_test(times),
		cmocka_unit_test(addresses),
		cmocka_unit_test(open_how),
		cmocka_unit_test(real_time_signals),
		cmocka_unit_test(parsing),
		cmocka_unit_test(parsing_refuses),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(errno_names),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
