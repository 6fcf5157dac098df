/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tables of functions that lead elsewhere, in a made-up kernel. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "tests/unit/integrity/fixture.h"

#define EVIL (MODULE_TEXT(1) + 0x140) /* in the symbol "evil" of mod1 */
#define NOWHERE 0xffffffffa0000000ULL
#define BIT(check) (1U << HAWK_CHECK_##check)

static void sound(void **state)
{
	(void)state;
	assert_int_equal(kernel_check(&k, HAWK_CHECKS_ALL), 0);
	for (int i = 0; i < HAWK_CHECK_MAX; i++) {
		assert_string_equal(k.result[i].note, "");
		assert_int_equal(k.result[i].state, HAWK_CHECK_DONE);
		assert_true(k.result[i].looked > 0 || i == HAWK_CHECK_ftrace);
	}
	/* the place behind the ten is 0, the word after that is another's */
	assert_int_equal(k.result[HAWK_CHECK_syscalls].looked, 10);
	assert_int_equal(k.result[HAWK_CHECK_seq].looked, 18);
}

static void calls(void **state)
{
	(void)state;
	kernel_set(&k, k.calls + 8 * 2, EVIL);
	kernel_set(&k, k.calls + 8 * 9, NOWHERE);
	assert_int_equal(kernel_check(&k, BIT(syscalls)), 2);
#ifdef __x86_64__
	assert_string_equal(kernel_text(&k, 0, "call"), "open");
	assert_string_equal(kernel_text(&k, 1, "call"), "mmap");
#endif
	assert_int_equal(kernel_number(&k, 0, "address"), EVIL);
	assert_string_equal(kernel_text(&k, 0, "function"), "evil");
	assert_string_equal(kernel_text(&k, 0, "module"), "mod1");
	assert_string_equal(kernel_text(&k, 0, "table"), "sys_call_table");
	/* no module that is listed is there: neither is a symbol that lies before it */
	assert_string_equal(kernel_text(&k, 1, "function"), "");
	assert_string_equal(kernel_text(&k, 1, "module"), "");
	kernel_symbol(&k, FUNCTION(0), "x64_sys_call");
	assert_int_equal(kernel_check(&k, BIT(syscalls)), 2);
	assert_non_null(strstr(k.result[HAWK_CHECK_syscalls].note, "x64_sys_call"));
	assert_int_equal(k.result[HAWK_CHECK_syscalls].state, HAWK_CHECK_DONE);
}

#ifdef __x86_64__
static void set_gate(unsigned int vector, uint64_t handler, uint64_t present)
{
	kernel_set(&k, KERNEL_IDT + 16 * vector,
		   (handler & 0xffff) | (0xe00 | present << 15) << 32 | (handler >> 16 & 0xffff) << 48);
	kernel_set(&k, KERNEL_IDT + 16 * vector + 8, handler >> 32);
}

static void interrupts(void **state)
{
	(void)state;
	set_gate(128, EVIL, 1);
	set_gate(129, NOWHERE, 0);             /* not in use */
	set_gate(30, KERNEL_DATA - 0x1800, 1); /* never given another one since the start */
	assert_int_equal(kernel_check(&k, BIT(interrupts)), 1);
	assert_int_equal(k.result[HAWK_CHECK_interrupts].looked, 255);
	assert_int_equal(kernel_number(&k, 0, "address"), EVIL);
	assert_int_equal(kernel_number(&k, 0, "vector"), 128);
	assert_string_equal(kernel_text(&k, 0, "function"), "evil");
	set_gate(200, KERNEL_DATA - 0x1800, 1); /* a device has no business there */
	assert_int_equal(kernel_check(&k, BIT(interrupts)), 2);
	assert_int_equal(kernel_number(&k, 1, "vector"), 200);
}
#else
static void interrupts(void **state)
{
	(void)state;
	assert_int_equal(kernel_check(&k, BIT(interrupts)), 0);
}
#endif

static void proc_operations(void **state)
{
	(void)state;
	kernel_set(&k, k.file_ops + 16, EVIL);
	assert_int_equal(kernel_check(&k, BIT(proc)), 1);
	assert_string_equal(kernel_text(&k, 0, "path"), "/proc/fs/file");
	assert_string_equal(kernel_text(&k, 0, "member"), "read");
	assert_string_equal(kernel_text(&k, 0, "module"), "mod1");
	kernel_set(&k, k.file_ops + 16, FUNCTION(1));
	/* what lists a directory: the way to hide processes */
	kernel_set(&k, kernel_get(&k, k.root_pde + 8) + 24, NOWHERE);
	assert_int_equal(kernel_check(&k, BIT(proc)), 1);
	assert_string_equal(kernel_text(&k, 0, "path"), "/proc");
	assert_string_equal(kernel_text(&k, 0, "member"), "iterate_shared");
}

/* A module may have files of its own, with operations in its memory; nobody may put such on memory of nobody's. */
static void operations_of_modules(void **state)
{
	uint64_t heap = kernel_alloc(&k, 48);

	(void)state;
	for (int i = 1; i <= 3; i++)
		kernel_set(&k, heap + 8 * (uint64_t)i, EVIL);
	kernel_set(&k, k.file_pde + 8, heap);
	assert_int_equal(kernel_check(&k, BIT(proc)), 3);
	/* the same table, as data of mod2 */
	kernel_set(&k, MODULE_MEM(k.module[2], 1), heap);
	assert_int_equal(kernel_check(&k, BIT(proc)), 0);
	/* of a module that nothing lists */
	kernel_unlist(&k, 1);
	assert_int_equal(kernel_check(&k, BIT(proc)), 3);
}

/* With nothing to say what is a module's, nothing outside the kernel is judged. */
static void where_modules_are_is_not_known(void **state)
{
	static const enum hawk_check_id both[] = { HAWK_CHECK_proc, HAWK_CHECK_seq };
	const int32_t known = k.layout.sizeof_memory;
	const uint64_t next = kernel_get(&k, k.module[1] + 8);

	(void)state;
	kernel_set(&k, k.file_ops + 16, EVIL);
	kernel_set(&k, k.tcp_ops + 16, EVIL);
	for (int i = 0; i < 4; i++) {
		k.layout.sizeof_memory = i == 0 ? 129 : known;           /* as no kernel has it */
		k.layout.module_mem = i == 1 ? -1 : 104;                 /* neither this way nor the older one */
		if (i == 2)                                              /* a list that ends nowhere */
			kernel_set(&k, k.module[1] + 8, 0xdeadbeef);
		if (i == 3)                                              /* nothing is wrong any more */
			kernel_set(&k, k.module[1] + 8, next);
		assert_int_equal(kernel_check(&k, BIT(proc) | BIT(seq)), i == 3 ? 2 : 0);
		for (size_t n = 0; n < 2; n++) {
			assert_int_equal(k.result[both[n]].state, i == 3 ? HAWK_CHECK_DONE : HAWK_CHECK_PARTLY);
			assert_true(i == 3 || strstr(k.result[both[n]].note, "are not judged"));
		}
	}
	assert_string_equal(kernel_text(&k, 0, "module"), "mod1");
}

static void entries_of_another_size(void **state)
{
	const int32_t known = k.layout.sizeof_pde;

	(void)state;
	k.layout.sizeof_pde = HAWK_STRUCT_MAX + 1;
	assert_int_equal(kernel_check(&k, BIT(proc)), 0);
	assert_int_equal(k.result[HAWK_CHECK_proc].state, HAWK_CHECK_PARTLY);
	assert_non_null(strstr(k.result[HAWK_CHECK_proc].note, "entries of /proc"));
	k.layout.sizeof_pde = known;
	k.layout.proc_ops.size = 0;
	assert_int_equal(kernel_check(&k, BIT(proc)), 0);
	assert_int_equal(k.result[HAWK_CHECK_proc].state, HAWK_CHECK_PARTLY);
}

static uint64_t address_of(const char *name)
{
	struct hawk_ksyms *ksyms;
	uint64_t address;

	assert_int_equal(hawk_ksyms_read(&ksyms, k.kallsyms), 0);
	address = hawk_ksyms_find(ksyms, name);
	hawk_ksyms_free(ksyms);
	return address;
}

static void files_of_one_function(void **state)
{
	uint64_t table = kernel_alloc(&k, 48);

	(void)state;
	kernel_set(&k, k.file_pde + 8, address_of("proc_single_ops"));
	kernel_set(&k, k.file_pde + 16, FUNCTION(5));
	assert_int_equal(kernel_check(&k, BIT(proc)), 0);
	kernel_set(&k, k.file_pde + 16, NOWHERE);
	assert_int_equal(kernel_check(&k, BIT(proc)), 1);
	assert_string_equal(kernel_text(&k, 0, "member"), "single_show");
	/* and with a table of its own */
	kernel_set(&k, k.file_pde + 8, address_of("proc_seq_ops"));
	kernel_set(&k, k.file_pde + 16, table);
	assert_int_equal(kernel_check(&k, BIT(proc)), 0);
	kernel_set(&k, table + 16, NOWHERE);
	assert_int_equal(kernel_check(&k, BIT(proc)), 1);
	assert_string_equal(kernel_text(&k, 0, "member"), "show");
	assert_string_equal(kernel_text(&k, 0, "path"), "/proc/fs/file");
}

static void network(void **state)
{
	(void)state;
	kernel_set(&k, k.tcp_ops + 16, EVIL);
	assert_int_equal(kernel_check(&k, BIT(seq)), 1);
	assert_int_equal(k.findings.v[0].event, HAWK_EV_HOOKED_SEQ_OPS);
	assert_string_equal(kernel_text(&k, 0, "table"), "tcp4_seq_ops");
	assert_string_equal(kernel_text(&k, 0, "member"), "show");
	kernel_set(&k, kernel_get(&k, kernel_get(&k, k.net_pde + 24) - 32 + 8) + 8, NOWHERE);
	assert_int_equal(kernel_check(&k, BIT(proc)), 1);
	assert_string_equal(kernel_text(&k, 0, "path"), "/proc/net/tcp");
}

static void proc_that_leads_nowhere(void **state)
{
	uint64_t first = kernel_get(&k, k.root_pde + 24), next = first + (uint64_t)k.layout.rb_right;
	uint64_t second = kernel_get(&k, next);

	(void)state;
	kernel_set(&k, next, first); /* for ever */
	assert_int_equal(kernel_check(&k, BIT(proc)), 0);
	assert_int_equal(k.result[HAWK_CHECK_proc].state, HAWK_CHECK_PARTLY);
	kernel_set(&k, next, second);
	kernel_set(&k, k.file_pde + 64, S_IFDIR); /* a directory in itself */
	kernel_set(&k, k.file_pde + 24, k.file_pde + 32);
	assert_int_equal(kernel_check(&k, BIT(proc)), 0);
	assert_int_equal(k.result[HAWK_CHECK_proc].state, HAWK_CHECK_PARTLY);
	kernel_set(&k, k.file_pde + 56, 0x10); /* no name */
	assert_int_equal(kernel_check(&k, BIT(proc)), 0);
	assert_int_equal(k.result[HAWK_CHECK_proc].state, HAWK_CHECK_PARTLY);
}

static void no_symbols(void **state)
{
	(void)state;
	/* as the kernel shows them without CAP_SYSLOG */
	kernel_write(k.kallsyms, "0000000000000000 T _stext\n0000000000000000 T _etext\n");
	assert_int_equal(kernel_check(&k, HAWK_CHECKS_ALL), 0);
	for (int i = 0; i < HAWK_CHECK_MAX; i++) {
		if (i == HAWK_CHECK_ftrace)
			continue;
		assert_int_equal(k.result[i].state, HAWK_CHECK_SKIPPED);
		assert_non_null(strstr(k.result[i].note, "kptr_restrict"));
	}
	/* the kernel gives it names */
	kernel_write(k.hooks, "vfs_read (1)     \ttramp: 0xffffffffc0a00000 (hook+0x0/0x8 [evil])\n");
	assert_int_equal(kernel_check(&k, BIT(ftrace)), 1);
	assert_int_equal(k.result[HAWK_CHECK_ftrace].state, HAWK_CHECK_DONE);
	k.env.kallsyms = "/nonexistent/kallsyms";
	assert_int_equal(kernel_check(&k, BIT(seq)), 0);
	assert_non_null(strstr(k.result[HAWK_CHECK_seq].note, "/nonexistent/kallsyms: No such file"));
}

static void dump(void **state)
{
	char *why;

	(void)state;
	kernel_set(&k, k.calls, 0x6c65636e72654bULL);
	assert_int_equal(hawk_integrity_dump(&k.env, "sys_call_table", 8, &k.findings, &why), 0);
	assert_string_equal(kernel_text(&k, 0, "bytes"), "Kerncel");
	assert_int_equal(kernel_number(&k, 0, "length"), 8);
	assert_string_equal(kernel_text(&k, 0, "symbol_name"), "sys_call_table");
	assert_int_equal(hawk_integrity_dump(&k.env, "0xffffffff83000000", 4096, &k.findings, &why), 0);
	assert_int_equal(kernel_number(&k, 1, "address"), KERNEL_DATA);
	assert_int_equal(hawk_integrity_dump(&k.env, "nothing", 8, &k.findings, &why), -ENOENT);
	assert_non_null(strstr(why, "nothing"));
	free(why);
	assert_int_equal(hawk_integrity_dump(&k.env, "0x10", 8, &k.findings, &why), -EFAULT);
	free(why);
	assert_int_equal(hawk_integrity_dump(&k.env, "0x1000000000000000000", 8, &k.findings, &why), -ENOENT);
	free(why);
	assert_int_equal(hawk_integrity_dump(&k.env, "modules", 4097, &k.findings, &why), -ERANGE);
	free(why);
	/* an address needs no symbols */
	kernel_write(k.kallsyms, "");
	assert_int_equal(hawk_integrity_dump(&k.env, "0xffffffff83000000", 8, &k.findings, &why), 0);
	assert_int_equal(hawk_integrity_dump(&k.env, "modules", 8, &k.findings, &why), -EACCES);
	assert_non_null(strstr(why, "hides"));
	free(why);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(sound), TEST(calls), TEST(interrupts), TEST(proc_operations), TEST(operations_of_modules),
		TEST(where_modules_are_is_not_known), TEST(entries_of_another_size), TEST(files_of_one_function), TEST(network), TEST(proc_that_leads_nowhere), TEST(no_symbols), TEST(dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
