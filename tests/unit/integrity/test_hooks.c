/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* enabled_functions of tracefs; lines of kernels 5.10 to 7.2. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "src/integrity/internal.h"
#include "tests/unit/integrity/fixture.h"

static int parse(struct hawk_ftrace_hook *h, const char *line)
{
	return hawk_ftrace_parse(h, line, strlen(line));
}

static void lines(void **state)
{
	struct hawk_ftrace_hook h;

	(void)state;
	assert_int_equal(parse(&h, "do_sys_openat2 (1)           \ttramp: 0xffffffffc05ed000 (function_trace_call+0x0/0x110) "
				   "->function_trace_call+0x0/0x110"), 0);
	assert_string_equal(h.symbol, "do_sys_openat2");
	assert_int_equal(h.count, 1);
	assert_string_equal(h.flags, "");
	assert_string_equal(h.trampoline, "0xffffffffc05ed000");
	assert_string_equal(h.callback, "function_trace_call");
	assert_string_equal(h.owner, "kernel");
	assert_int_equal(h.offset, 0);

	assert_int_equal(parse(&h, "vfs_write (12) R I D   M \ttramp: ftrace_regs_caller+0x0/0x65 (hook+0x1c/0x20 [evil])"), 0);
	assert_int_equal(h.count, 12);
	assert_string_equal(h.flags, "RIDM");
	assert_string_equal(h.callback, "hook");
	assert_int_equal(h.offset, 0x1c);
	assert_string_equal(h.owner, "evil");

	/* code that no symbol is known of */
	assert_int_equal(parse(&h, "tcp4_seq_show (1) R I     \ttramp: 0xffffffffc0a00000 (0xffffffffc0b01230)"), 0);
	assert_string_equal(h.callback, "0xffffffffc0b01230");
	assert_string_equal(h.owner, "");

	/* several users, a function of a module, and no more than that */
	assert_int_equal(parse(&h, "nf_hook [nf_tables] (2)     ->arch_ftrace_ops_list_func+0x0/0x30"), 0);
	assert_string_equal(h.symbol, "nf_hook [nf_tables]");
	assert_string_equal(h.callback, "arch_ftrace_ops_list_func");
	assert_string_equal(h.trampoline, "");
	assert_int_equal(parse(&h, "schedule (1)"), 0);
	assert_string_equal(h.callback, "");
	/* arm64 */
	assert_int_equal(parse(&h, "vfs_read (1)         O \tops: 0xffff0000c1 (hook+0x0/0x8 [evil])"), 0);
	assert_string_equal(h.flags, "O");
	assert_string_equal(h.owner, "evil");
}

static void continuation(void **state)
{
	struct hawk_ftrace_hook h;

	(void)state;
	assert_int_equal(parse(&h, "vfs_write (1) R   D   M \ttramp: ftrace_regs_caller+0x0/0x65 (call_direct_funcs+0x0/0x20)"), 0);
	assert_int_equal(parse(&h, "\tdirect-->bpf_trampoline_6442494414+0x0/0xf0"), 1);
	assert_string_equal(h.symbol, "vfs_write");
	assert_string_equal(h.trampoline, "ftrace_regs_caller+0x0/0x65");
	assert_string_equal(h.callback, "bpf_trampoline_6442494414");
	assert_string_equal(h.owner, "bpf");
	assert_int_equal(parse(&h, "\tdirect(jmp)-->hook+0x0/0xd4 [evil]"), 1);
	assert_string_equal(h.callback, "hook");
	assert_string_equal(h.owner, "evil");
}

static void no_lines(void **state)
{
	static const char *const bad[] = {
		"", " ", "name", "name (", "name (x)", "name (1", " (1)", "name (99999999999999999999)", "\tname (1)",
		"na\001me (1)", "\tdirect-->",
	};
	struct hawk_ftrace_hook h;
	char line[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(&h, bad[i]), -EINVAL);
	/* longer than its place: cut; longer than any line: none */
	memset(line, 'a', sizeof(line));
	memcpy(line + 1000, " (1)", 4);
	assert_int_equal(hawk_ftrace_parse(&h, line, 1004), 0);
	assert_int_equal(strlen(h.symbol), sizeof(h.symbol) - 1);
	assert_int_equal(hawk_ftrace_parse(&h, line, sizeof(line)), -EINVAL);
}

#define DIRECT " (1) R   D   M \ttramp: ftrace_regs_caller+0x0/0x65 (call_direct_funcs+0x0/0x20)\n" \
	       "\tdirect-->bpf_trampoline_1+0x0/0xd8\n"

static void own(void **state)
{
	static const char *const functions[] = { "vfs_write", "bpf_lsm_file_open", "bpf_lsm_file_open", NULL };

	(void)state;
	kernel_write(k.hooks, "vfs_write" DIRECT "vfs_read" DIRECT);
	assert_int_equal(kernel_check(&k, 1U << HAWK_CHECK_ftrace), 2);
	assert_int_equal(k.result[HAWK_CHECK_ftrace].looked, 2);
	k.env.own = functions;
	assert_int_equal(kernel_check(&k, 1U << HAWK_CHECK_ftrace), 1);
	assert_string_equal(kernel_text(&k, 0, "symbol"), "vfs_read");
	/* somebody else is there as well */
	kernel_write(k.hooks, "vfs_write (2) R   D   M \t->arch_ftrace_ops_list_func+0x0/0x30\n\tdirect-->bpf_trampoline_1+0x0/0xd8\n"
			      "bpf_lsm_file_open (2) R   D   M \t->arch_ftrace_ops_list_func+0x0/0x30\n");
	assert_int_equal(kernel_check(&k, 1U << HAWK_CHECK_ftrace), 1);
	assert_string_equal(kernel_text(&k, 0, "symbol"), "vfs_write");
	assert_int_equal(kernel_number(&k, 0, "count"), 2);
	/* one of ours, hooked by another alone */
	kernel_write(k.hooks, "vfs_write (1) R I     \ttramp: 0xffffffffc0a00000 (hook+0x0/0x8 [evil])\n");
	assert_int_equal(kernel_check(&k, 1U << HAWK_CHECK_ftrace), 1);
	assert_string_equal(kernel_text(&k, 0, "callback_owner"), "evil");
}

/* What the daemon attached while the check ran is told to be its own afterwards. */
static void own_since(void **state)
{
	static const char *const before[] = { "vfs_write", NULL }, *const after[] = { "vfs_write", "vfs_read", NULL };
	struct hawk_check_result *result = &k.result[HAWK_CHECK_ftrace];

	(void)state;
	kernel_write(k.hooks, "vfs_write" DIRECT "vfs_read" DIRECT
			      "vfs_open (1) R I     \ttramp: 0xffffffffc0a00000 (hook+0x0/0x8 [evil])\n");
	kernel_set(&k, k.calls, 0xffffffffa0000000ULL);
	k.env.own = before;
	assert_int_equal(kernel_check(&k, 1U << HAWK_CHECK_ftrace | 1U << HAWK_CHECK_syscalls), 3);
	hawk_integrity_disown(after, &k.findings, result);
	assert_int_equal(k.findings.n, 2);
	assert_int_equal(k.findings.v[0].event, HAWK_EV_HOOKED_SYSCALL);
	assert_string_equal(kernel_text(&k, 1, "symbol"), "vfs_open");
	assert_int_equal(result->findings, 1);
}

static void places(void **state)
{
	static const char *const nowhere[] = { "/nonexistent/a", "/nonexistent/b", NULL };
	const char *second[] = { "/nonexistent/a", k.hooks, NULL };

	(void)state;
	kernel_write(k.hooks, "vfs_read" DIRECT "no line\n\n");
	k.env.enabled = second;
	assert_int_equal(kernel_check(&k, 1U << HAWK_CHECK_ftrace), 1);
	assert_int_equal(k.result[HAWK_CHECK_ftrace].state, HAWK_CHECK_PARTLY);
	assert_non_null(strstr(k.result[HAWK_CHECK_ftrace].note, "1 lines"));
	k.env.enabled = nowhere;
	assert_int_equal(kernel_check(&k, 1U << HAWK_CHECK_ftrace), 0);
	assert_int_equal(k.result[HAWK_CHECK_ftrace].state, HAWK_CHECK_DONE);
	assert_non_null(strstr(k.result[HAWK_CHECK_ftrace].note, "no ftrace"));
	kernel_symbol(&k, FUNCTION(1), "register_ftrace_function");
	assert_int_equal(kernel_check(&k, 1U << HAWK_CHECK_ftrace), 0);
	assert_int_equal(k.result[HAWK_CHECK_ftrace].state, HAWK_CHECK_SKIPPED);
	assert_non_null(strstr(k.result[HAWK_CHECK_ftrace].note, "tracefs"));
}

/* The function tracer on everything: told is a part, counted is all. */
static void flood(void **state)
{
	FILE *f = fopen(k.hooks, "we");

	(void)state;
	assert_non_null(f);
	for (int i = 0; i < 3000; i++)
		fprintf(f, "function_%d (1)     \ttramp: 0xffffffffc0a00000 (hook+0x0/0x8 [evil])\n", i);
	fclose(f);
	assert_int_equal(kernel_check(&k, 1U << HAWK_CHECK_ftrace), HAWK_ANOMALIES_MAX);
	assert_int_equal(k.result[HAWK_CHECK_ftrace].findings, 3000);
	assert_int_equal(k.result[HAWK_CHECK_ftrace].state, HAWK_CHECK_PARTLY);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines), cmocka_unit_test(continuation), cmocka_unit_test(no_lines),
		TEST(own), TEST(own_since), TEST(places), TEST(flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
