/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/event/event.h"

/* Calls FN with each item of a comma-separated list, as a string. */
static void each_item(const char *list, void (*fn)(const char *item, const struct hawk_event_desc *owner),
		      const struct hawk_event_desc *owner)
{
	while (*list) {
		char item[64];
		size_t n = strcspn(list, ",");

		assert_in_range(n, 1, sizeof(item) - 1);
		memcpy(item, list, n);
		item[n] = '\0';
		fn(item, owner);
		list += n + (list[n] == ',');
	}
}

static void alias_is_unique(const char *alias, const struct hawk_event_desc *owner)
{
	size_t n, holders = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(alias);

		/* Never the name of an event, so never that of a system call. */
		assert_string_not_equal(alias, descs[i]->name);
		for (const char *p = descs[i]->aliases; (p = strstr(p, alias)) != NULL; p += len)
			holders += (p == descs[i]->aliases || p[-1] == ',') && (p[len] == ',' || !p[len]);
	}
	assert_int_equal(holders, 1);
	assert_ptr_equal(hawk_event_by_name(alias), owner);
}

static void names_and_ids_are_unique(void **state)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	assert_true(n > 20);
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(hawk_event_by_id(descs[i]->id), descs[i]);
		assert_ptr_equal(hawk_event_by_name(descs[i]->name), descs[i]);
		each_item(descs[i]->aliases, alias_is_unique, descs[i]);
	}
	assert_null(hawk_event_by_id(0));
	assert_null(hawk_event_by_id(99));
	assert_null(hawk_event_by_id(UINT16_MAX));
	assert_null(hawk_event_by_name(""));
	assert_null(hawk_event_by_name("process"));
	assert_null(hawk_event_by_name("process_exec,exec"));
}

static void aliases_lead_to_the_event(void **state)
{
	assert_int_equal(hawk_event_by_name("process_exec")->id, HAWK_EV_SCHED_PROCESS_EXEC);
	assert_int_equal(hawk_event_by_name("exec")->id, HAWK_EV_SCHED_PROCESS_EXEC);
	assert_int_equal(hawk_event_by_name("tcp_accept")->id, HAWK_EV_NET_TCP_ACCEPT);
	assert_int_equal(hawk_event_by_name("openat2")->id, HAWK_EV_SYS_openat2);
}

static void functions_lead_to_system_calls(void **state)
{
	const struct hawk_event_desc *openat = hawk_event_by_id(HAWK_EV_SYS_openat);

	assert_ptr_equal(hawk_event_by_name("sys_openat"), openat);
	assert_ptr_equal(hawk_event_by_name("__x64_sys_openat"), openat);
	assert_ptr_equal(hawk_event_by_name("__arm64_sys_openat"), openat);
	assert_ptr_equal(hawk_event_by_name("sys_enter_openat"), openat);
	assert_null(hawk_event_by_name("sys_file_open"));
	assert_null(hawk_event_by_name("sys_"));
	assert_null(hawk_event_by_name("sys_sys_openat"));
	assert_int_equal(hawk_event_by_name("pread")->id, HAWK_EV_SYS_pread64);
}

static void what_is_to_come_is_no_event(void **state)
{
	const struct hawk_pending_desc *p = hawk_event_pending("container_create");
	size_t n;

	assert_non_null(p);
	assert_true(hawk_event_pending_in_set(p, "containers"));
	assert_null(hawk_event_pending("openat"));
	assert_null(hawk_event_by_name("container_create"));
	for (p = hawk_event_pending_descs(&n); n; n--, p++) {
		assert_true(*p->reason);
		assert_ptr_equal(hawk_event_pending(p->name), p);
	}
}

static void sets_are_whole_words(void **state)
{
	const struct hawk_event_desc *d = hawk_event_by_id(HAWK_EV_SECURITY_FILE_OPEN);

	assert_true(hawk_event_in_set(d, "fs"));
	assert_true(hawk_event_in_set(d, "lsm"));
	assert_false(hawk_event_in_set(d, "ls"));
	assert_false(hawk_event_in_set(d, "fs,lsm"));
	assert_false(hawk_event_in_set(d, ""));
	assert_false(hawk_event_in_set(hawk_event_by_id(HAWK_EV_CHAIN), "fs"));
}

/* What the decoder relies on: fields inside the fixed part, variables in order, nothing hidden shown. */
static void fields_lie_inside(void **state)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t i = 0; i < n; i++) {
		const struct hawk_event_desc *d = descs[i];

		/* a mark in a recording says all by its time */
		assert_in_range(d->n_fields, d->internal ? 0 : 1, HAWK_EVENT_FIELDS_MAX);
		for (size_t f = 0; f < d->n_fields; f++) {
			const struct hawk_field_desc *field = &d->fields[f];
			const struct hawk_type_desc *type = hawk_type_desc(field->type);

			assert_memory_not_equal(field->name, "reserved", strlen("reserved"));
			assert_true(field->doc[0] != '\0');
			assert_int_equal(hawk_event_field(d, field->name), f);
			if (type->var)
				assert_true(field->var < d->n_vars);
			else
				assert_true(field->offset + type->size <= d->fixed_size);
		}
	}
}

static void syscalls_have_a_result(void **state)
{
	const struct hawk_event_desc *d = hawk_event_by_id(HAWK_EV_SYS_openat);
	int flags = hawk_event_field(d, "flags"), path = hawk_event_field(d, "resolved_path");

	assert_true(d->syscall);
	assert_int_equal(d->n_vars, HAWK_SYSCALL_VARS);
	assert_int_equal(d->fixed_size, sizeof(struct hawk_abi_syscall));
	assert_int_equal(flags, 4);
	assert_int_equal(d->fields[flags].offset, 8 + 8 * 2);
	assert_int_equal(d->fields[flags].type, HAWK_T_OPEN_FLAGS);
	assert_int_equal(d->fields[hawk_event_field(d, "pathname")].var, 1);
	assert_int_equal(d->fields[hawk_event_field(d, "retval")].offset, 0);
	assert_int_equal(d->fields[hawk_event_field(d, "errno")].type, HAWK_T_ERRNO);
	assert_int_equal(path, d->n_fields - 1);
	assert_int_equal(d->fields[path].var, HAWK_SYSCALL_VAR_RESOLVED);
	assert_int_equal(hawk_event_field(hawk_event_by_id(HAWK_EV_SYS_kill), "resolved_path"), -1);
	assert_true(hawk_event_field(hawk_event_by_id(HAWK_EV_SYS_execve), "errno") > 0);
}

static void alternatives_and_needs(void **state)
{
	const struct hawk_event_desc *exec = hawk_event_by_id(HAWK_EV_SCHED_PROCESS_EXEC);
	const struct hawk_event_desc *open = hawk_event_by_id(HAWK_EV_FILE_OPEN);
	const struct hawk_event_desc *chain = hawk_event_by_id(HAWK_EV_CHAIN);

	assert_int_equal(exec->needs[0], HAWK_EV_PROCESS_CONTEXT);
	assert_int_equal(exec->needs[1], 0);
	assert_null(open->needs);
	assert_int_equal(open->n_alts, 5);
	assert_string_equal(open->alts[0].name, "fexit");
	assert_string_equal(open->alts[0].programs, "file_open_fx,file_root_fx");
	assert_false(open->alts[0].before);
	assert_true(hawk_event_by_id(HAWK_EV_SECURITY_FILE_OPEN)->alts[0].before);
	assert_int_equal(chain->n_alts, 0);
	assert_true(chain->internal);
	assert_int_equal(chain->class, HAWK_CLASS_LIFE);
	assert_int_equal(open->class, HAWK_CLASS_BULK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_ids_are_unique),
		cmocka_unit_test(aliases_lead_to_the_event),
		cmocka_unit_test(functions_lead_to_system_calls),
		cmocka_unit_test(what_is_to_come_is_no_event),
		cmocka_unit_test(sets_are_whole_words),
		cmocka_unit_test(fields_lie_inside),
		cmocka_unit_test(syscalls_have_a_result),
		cmocka_unit_test(alternatives_and_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
