/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The numbers of system calls against those of this system's kernel headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/event/event.h"

enum { X86_64, I386, AARCH64, TABLES };
static const char *const table_names[TABLES] = { "x86_64", "i386", "aarch64" };

static const struct call {
	const char *name, *aliases;
	int id, numbers[TABLES];
} calls[] = {
#define SYSCALL(name, id, x64, i386, arm64, how, fact, aliases, sets, doc) \
	{ #name, aliases, id, { x64, i386, arm64 } },
#define ARG(call, index, type, name, doc)
#define SYSCALL_END(name)
#include "bpf/abi/syscalls.def"
#undef SYSCALL
#undef ARG
#undef SYSCALL_END
};

/* What the headers say, written down by the build (local.mk); a table is empty where they are not there. */
static const struct number {
	const char *name;
	int table, number;
} numbers[] = {
#define NUMBER(table, name, number) { #name, table, number },
#include "tests/unit/event/numbers.def"
#undef NUMBER
	{ NULL, 0, 0 },
};

static const struct call *call_of(int table, int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].numbers[table] == number)
			return &calls[i];
	return NULL;
}

/* Headers and rows differ in what tells the variants apart: chown and chown16, chown32 and chown, _llseek and llseek. */
static bool is_variant(const char *header, const struct call *call)
{
	return strstr(header, call->name) || strstr(call->name, header) ||
	       (*call->aliases && strstr(header, call->aliases));
}

static void numbers_are_those_of_the_headers(void **state)
{
	int last[TABLES] = { 0 };
	size_t checked = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		for (int t = 0; t < TABLES; t++)
			if (calls[i].numbers[t] > last[t])
				last[t] = calls[i].numbers[t];
	for (const struct number *n = numbers; n->name; n++) {
		const struct call *call = call_of(n->table, n->number);

		if (n->number > last[n->table])
			continue; /* newer than our tables */
		if (!call)
			fail_msg("no row has %s number %d (%s)", table_names[n->table], n->number, n->name);
		if (!is_variant(n->name, call))
			fail_msg("%s number %d is %s, not %s", table_names[n->table], n->number, n->name, call->name);
		checked++;
	}
	print_message("%zu numbers checked\n", checked);
}

static void numbers_are_given_once(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		for (int t = 0; t < TABLES; t++) {
			assert_in_range(calls[i].numbers[t] + 1, 0, HAWK_SYSCALL_NR_MAX);
			if (calls[i].numbers[t] >= 0 && call_of(t, calls[i].numbers[t]) != &calls[i])
				fail_msg("%s has the %s number of %s", calls[i].name, table_names[t],
					 call_of(t, calls[i].numbers[t])->name);
		}
	}
}

static void ids_follow_the_numbers(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		const int *n = calls[i].numbers;

		assert_true(n[X86_64] >= 0 || n[I386] >= 0);
		assert_int_equal(calls[i].id, n[X86_64] >= 0 ? 1000 + n[X86_64] : 1500 + n[I386]);
	}
}

static void names_round_trip(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		const struct hawk_event_desc *d = hawk_event_by_name(calls[i].name);

		assert_non_null(d);
		assert_int_equal(d->id, calls[i].id);
		assert_true(d->syscall);
		assert_true(hawk_event_in_set(d, "syscalls"));
		assert_ptr_equal(hawk_event_by_id(d->id), d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_the_headers),
		cmocka_unit_test(numbers_are_given_once),
		cmocka_unit_test(ids_follow_the_numbers),
		cmocka_unit_test(names_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
