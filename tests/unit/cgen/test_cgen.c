/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is decided where. That the programs are right: tests/kernel/judge. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/cgen/cgen.h"
#include "src/event/process.h"
#include "src/ir/ir.h"

static struct hawk_ir *parse(const char *text)
{
	struct hawk_ir_error error;
	struct hawk_ir *ir;

	if (!text)
		return NULL;
	if (hawk_ir_parse(&ir, text, &error) < 0)
		fail_msg("%s: %s", text, error.message);
	return ir;
}

/* The programs for one policy on file_open. */
static struct hawk_cgen *build(const char *scope, const char *filter)
{
	struct hawk_ir *trees[] = { parse(scope), parse(filter) };
	const struct hawk_cgen_rule rule = { .bit = 3, .scope = trees[0], .filter = trees[1] };
	struct hawk_cgen *cg;

	assert_int_equal(hawk_cgen_build(&cg, hawk_event_by_id(HAWK_EV_FILE_OPEN), &rule, 1), 0);
	hawk_ir_free(trees[0]);
	hawk_ir_free(trees[1]);
	return cg;
}

static bool exact(const struct hawk_cgen *cg)
{
	return cg->exact[0] >> 3 & 1;
}

static void test_points(void **state)
{
	static const struct {
		const char *scope, *filter;
		bool args, exact;
		uint32_t needs;
		bool by_task;
	} rows[] = {
		{ NULL, NULL, false, true, 0, false },
		{ "uid=0", NULL, false, true, HAWK_NEED_UID, true },
		{ "euid=0", NULL, false, true, HAWK_NEED_CRED, false },
		{ "process.ns.mnt.inode=5", NULL, false, true, HAWK_NEED_NS, false },
		{ "process.ns_pid=5", NULL, false, true, HAWK_NEED_PARENT, false },
		{ "comm=a pid=1", NULL, false, true, HAWK_NEED_COMM | HAWK_NEED_PROCESS, true },
		{ "comm=a OR uid=0", NULL, false, true, HAWK_NEED_COMM | HAWK_NEED_UID, true },
		{ "comm=a euid=0", NULL, false, true, HAWK_NEED_COMM | HAWK_NEED_CRED, false },
		{ "comm=a", "data.pathname=/etc/*", true, true, HAWK_NEED_COMM, true },
		{ NULL, "comm=a OR data.pathname=/etc/*", true, true, HAWK_NEED_COMM, false },
		{ NULL, "event=openat", false, true, 0, true },
		{ NULL, "data.pathname=/etc/*", true, true, 0, false },
		{ NULL, "data.inode=1", true, true, 0, false },
		{ NULL, "tid=1", true, true, 0, false },
		{ NULL, "event=file_open", false, true, 0, false },
		{ NULL, "event=openat OR event=file_open", false, true, 0, false },
		{ NULL, "data.pathname=*a*", false, false, 0, false },
		{ NULL, "data.pathname=*a* uid=0", false, false, HAWK_NEED_UID, true },
		{ NULL, "data.pathname=*a* OR uid=0", false, false, 0, false },
		{ "process.argv=a", NULL, false, false, 0, false },
		{ "process.start_time>2024-01-01T00:00:00Z", NULL, false, false, 0, false },
		{ "parent.exe=/a", NULL, false, false, 0, false },
		{ "exe=/a", NULL, false, false, HAWK_NEED_KNOWN, true },
		{ "ppid=1", NULL, false, false, HAWK_NEED_KNOWN, true },
		{ "exe=/a OR uid=0", NULL, false, false, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct hawk_cgen *cg = build(rows[i].scope, rows[i].filter);

		print_message("%s ; %s\n", rows[i].scope ? rows[i].scope : "",
			      rows[i].filter ? rows[i].filter : "");
		assert_non_null(cg->programs[HAWK_JUDGE_SCOPE].insns);
		assert_int_equal(cg->programs[HAWK_JUDGE_ARGS].insns != NULL, rows[i].args);
		assert_int_equal(exact(cg), rows[i].exact);
		assert_int_equal(cg->n_left == 0, rows[i].exact);
		assert_int_equal(cg->needs, rows[i].needs);
		assert_int_equal(cg->by_task, rows[i].by_task);
		hawk_cgen_free(cg);
	}
}

static uint64_t rated(const char *filter, uint32_t per_second, size_t n)
{
	struct hawk_ir *ir = NULL;
	struct hawk_ir_error error;
	struct hawk_cgen *cg = NULL;
	struct hawk_cgen_rule rules[2];
	uint64_t bits;

	assert_int_equal(hawk_ir_parse(&ir, filter, &error), 0);
	for (size_t i = 0; i < 2; i++)
		rules[i] = (struct hawk_cgen_rule){ .bit = 3, .filter = ir, .per_second = per_second };
	assert_int_equal(hawk_cgen_build(&cg, hawk_event_by_name("file_open"), rules, n), 0);
	bits = cg->rated[0];
	if (bits)
		assert_int_equal(cg->maps[cg->n_maps - 1].kind, HAWK_CGEN_RATE);
	hawk_cgen_free(cg);
	hawk_ir_free(ir);
	return bits;
}

/* A limit is kept where a match is sure, and where it is clear whose it is. */
static void test_rated(void **state)
{
	(void)state;
	assert_int_equal(rated("uid=0", 5, 1), 8);
	assert_int_equal(rated("data.pathname=/etc/*", 5, 1), 8);
	assert_int_equal(rated("data.pathname=/etc/*", 0, 1), 0);
	assert_int_equal(rated("data.pathname=*a*", 5, 1), 0);
	assert_int_equal(rated("uid=0", 5, 2), 0);
}

/* The host's namespaces are part of the program: without them the kernel cannot tell. */
static void test_host(void **state)
{
	const struct hawk_host_ns known = { .pid = 7 }, none = { .pid = 0 };
	struct hawk_cgen *cg;

	(void)state;
	hawk_host_ns_set(&none);
	cg = build("process.ns.pid.is_host=false", NULL);
	assert_false(exact(cg));
	assert_string_equal(cg->left[0].text, "process.ns.pid.is_host=false");
	hawk_cgen_free(cg);
	hawk_host_ns_set(&known);
	cg = build("process.ns.pid.is_host=false", NULL);
	assert_true(exact(cg));
	hawk_cgen_free(cg);
}

static void check_learned(const char *scope, const char *want)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_ir *ir = parse(scope), *learned;

	assert_int_equal(hawk_cgen_learned(&learned, ir), 0);
	if (!want) {
		assert_null(learned);
	} else {
		assert_non_null(learned);
		assert_int_equal(hawk_ir_print(learned, &text), 0);
		assert_string_equal(hawk_buf_str(&text), want);
	}
	hawk_ir_free(learned);
	hawk_ir_free(ir);
}

static void test_learned(void **state)
{
	(void)state;
	check_learned("uid=0", NULL);
	check_learned("", NULL);
	check_learned("exe=/a", "process.exe=/a");
	check_learned("NOT exe=/a", "NOT process.exe=/a");
	check_learned("exe=/a uid=0 comm=x tree=5", "process.exe=/a AND tree=5");
	check_learned("exe=/a OR uid=0", NULL);
	check_learned("exe=/a OR unit=b.service", "process.exe=/a OR process.unit=b.service");
	check_learned("NOT (exe=/a OR uid=0)", "NOT process.exe=/a");
	check_learned("NOT (exe=/a uid=0)", NULL);
	check_learned("parent.exe=/a", NULL);
}

/* A bit of the learned map has a meaning for a policy, not for a rule. */
static void test_known(void **state)
{
	struct hawk_ir *a = parse("exe=/a"), *b = parse("exe=/b");
	struct hawk_cgen_rule rules[] = { { .bit = 70, .scope = a },
					  { .bit = 70, .scope = a },
					  { .bit = 5, .filter = b } };
	struct hawk_cgen *cg;

	(void)state;
	assert_int_equal(hawk_cgen_build(&cg, hawk_event_by_id(HAWK_EV_FILE_OPEN), rules, 3), 0);
	assert_true(cg->known[0] == 0 && cg->known[1] == 1 << 6);
	hawk_cgen_free(cg);
	rules[1].scope = b;
	assert_int_equal(hawk_cgen_build(&cg, hawk_event_by_id(HAWK_EV_FILE_OPEN), rules, 3), 0);
	assert_true(cg->known[0] == 0 && cg->known[1] == 0);
	hawk_cgen_free(cg);
	hawk_ir_free(a);
	hawk_ir_free(b);
}

static void test_paths(void **state)
{
	const struct hawk_event_desc *desc = hawk_event_by_id(HAWK_EV_SECURITY_INODE_RENAME);
	struct hawk_ir *ir = parse("data.new_path=/a data.old_path=/b");
	const struct hawk_cgen_rule rule = { .filter = ir };
	const size_t vars = sizeof(struct hawk_abi_rec) + sizeof(struct hawk_abi_SECURITY_INODE_RENAME);
	struct hawk_cgen *cg;

	(void)state;
	assert_int_equal(hawk_cgen_build(&cg, desc, &rule, 1), 0);
	assert_int_equal(cg->text_at[0],
			 vars + HAWK_VAR_SECURITY_INODE_RENAME_new_path * sizeof(struct hawk_abi_var));
	assert_int_equal(cg->text_at[1],
			 vars + HAWK_VAR_SECURITY_INODE_RENAME_old_path * sizeof(struct hawk_abi_var));
	hawk_cgen_free(cg);
	hawk_ir_free(ir);
}

static void test_refused(void **state)
{
	const struct hawk_cgen_rule rule = { .bit = HAWK_INTEREST_COLUMN + 1 };
	struct hawk_cgen *cg = NULL;

	(void)state;
	assert_int_equal(hawk_cgen_build(&cg, hawk_event_by_id(HAWK_EV_FILE_OPEN), &rule, 1), -EINVAL);
	assert_null(cg);
	assert_int_equal(hawk_cgen_build(&cg, hawk_event_by_id(HAWK_EV_FILE_OPEN), &rule, 0), 0);
	assert_null(cg->programs[0].insns);
	hawk_cgen_free(cg);
	assert_null(hawk_cgen_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_points),
		cmocka_unit_test(test_rated), cmocka_unit_test(test_host), cmocka_unit_test(test_learned),
		cmocka_unit_test(test_known), cmocka_unit_test(test_paths), cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
