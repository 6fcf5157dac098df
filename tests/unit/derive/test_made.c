/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/derive/made.h"
#include "src/probe/plan.h"

static struct hawk_made_table table;
static struct hawk_event call, out;
static _Atomic uint64_t wanted[HAWK_EVENT_ID_MAX / 64];
static char seen[1024];

static int setup(void **state)
{
	(void)state;
	hawk_made_init(&table);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		wanted[i] = UINT64_MAX;
	seen[0] = '\0';
	return 0;
}

static struct hawk_value *field(struct hawk_event *event, const char *name)
{
	int i = hawk_event_field(event->desc, name);

	assert_true(i >= 0);
	return &event->data[i];
}

static void begin(const char *name, int64_t retval)
{
	call = (struct hawk_event){ .desc = hawk_event_by_name(name), .time = 7, .tgid = 42, .rec_flags = HAWK_REC_MAKES };
	for (size_t i = 0; i < call.desc->n_fields; i++)
		call.data[i].flags = HAWK_VAL_ABSENT;
	*field(&call, "retval") = (struct hawk_value){ .s = retval };
}

static void text(const char *name, const char *value)
{
	uint32_t len = (uint32_t)strlen(value);

	*field(&call, name) = (struct hawk_value){ .bytes = (const uint8_t *)value, .len = len, .full = len };
}

static void number(const char *name, uint64_t value)
{
	*field(&call, name) = (struct hawk_value){ .u = value };
}

/* One line for each event: its name, and its fields that are there. */
static void note(void *ctx, struct hawk_event *made)
{
	(void)ctx;
	assert_int_equal(made->time, 7);
	assert_int_equal(made->tgid, 42);
	assert_int_equal(made->rec_flags, 0);
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s", made->desc->name);
	for (size_t i = 0; i < made->desc->n_fields; i++) {
		const struct hawk_value *v = &made->data[i];
		const struct hawk_type_desc *type = hawk_type_desc(made->desc->fields[i].type);
		size_t n = strlen(seen);

		if (v->flags & HAWK_VAL_ABSENT)
			continue;
		if (type->vclass == HAWK_V_BYTES)
			snprintf(seen + n, sizeof(seen) - n, " %s=%.*s", made->desc->fields[i].name, (int)v->len,
				 (const char *)v->bytes);
		else
			snprintf(seen + n, sizeof(seen) - n, " %s=%lld", made->desc->fields[i].name, (long long)v->s);
	}
	strcat(seen, "\n");
}

static const char *made(void)
{
	seen[0] = '\0';
	hawk_made_of(&table, wanted, &call, &out, note, NULL);
	return seen;
}

/* Each row names fields that are there, and fields of the same class of values. */
static void rows_fit(void **state)
{
	size_t n;
	const struct hawk_made *rows = hawk_made_rows(&n);

	(void)state;
	assert_in_range(n, 1, HAWK_MADE_ROWS_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct hawk_event_desc *event = hawk_event_by_id(rows[i].event), *from = hawk_event_by_id(rows[i].call);

		assert_true(from->syscall);
		for (const struct hawk_made_item *item = rows[i].items; item->how != HAWK_MADE_END; item++) {
			int to = item->field ? hawk_event_field(event, item->field) : -1;
			int source = item->source ? hawk_event_field(from, item->source) : -1;
			const struct hawk_type_desc *a = to < 0 ? NULL : hawk_type_desc(event->fields[to].type);
			const struct hawk_type_desc *b = source < 0 ? NULL : hawk_type_desc(from->fields[source].type);

			if ((item->field && !a) || (item->source && !b))
				fail_msg("%s of %s: no field %s or %s", event->name, from->name, item->field ?: "-",
					 item->source ?: "-");
			if (item->how == HAWK_MADE_TAKE && (a->vclass == HAWK_V_BYTES) != (b->vclass == HAWK_V_BYTES))
				fail_msg("%s.%s is of another kind than %s.%s", event->name, item->field, from->name, item->source);
			if (item->how == HAWK_MADE_NUMBER)
				assert_in_range(item->size, 1, sizeof(uint64_t));
		}
	}
}

/* The -1 of 16 bits says the same as that of 32 bits. */
static void old_ids(void **state)
{
	(void)state;
	begin("chown16", 0);
	text("pathname_abs", "/a");
	number("owner", 65535);
	number("group", 65534);
	assert_string_equal(made(), "chown_common retval=0 uid=4294967295 gid=65534 pathname=/a\n");
	begin("chown", 0);
	text("pathname_abs", "/a");
	number("owner", UINT32_MAX);
	number("group", 65535);
	assert_string_equal(made(), "chown_common retval=0 uid=4294967295 gid=65535 pathname=/a\n");
}

/* An event has rows when, and only when, one of its alternatives says so. */
static void rows_and_alternatives(void **state)
{
	size_t n_rows, n;
	const struct hawk_made *rows = hawk_made_rows(&n_rows);
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		bool by_calls = false, has_rows = false;

		for (size_t k = 0; k < descs[i]->n_alts; k++)
			by_calls |= hawk_made_alt(&descs[i]->alts[k]);
		for (size_t k = 0; k < n_rows; k++)
			has_rows |= rows[k].event == descs[i]->id;
		if (by_calls != has_rows)
			fail_msg("%s: alternative syscalls %d, rows in made.def %d", descs[i]->name, by_calls, has_rows);
	}
}

static void takes_fields(void **state)
{
	(void)state;
	begin("renameat2", 0);
	text("oldpath_abs", "/tmp/a");
	text("newpath_abs", "/etc/cron.d/b");
	number("flags", 1);
	assert_string_equal(made(), "security_inode_rename flags=1 old_path=/tmp/a new_path=/etc/cron.d/b\n");
}

static void only_what_succeeded(void **state)
{
	(void)state;
	begin("unlink", -ENOENT);
	text("pathname_abs", "/tmp/a");
	assert_string_equal(made(), "");
	begin("connect", -EINPROGRESS);
	number("sockfd", 3);
	assert_string_equal(made(), "security_socket_connect sockfd=3\n");
}

static void conditions(void **state)
{
	(void)state;
	begin("unlinkat", 0);
	text("pathname_abs", "/tmp/a");
	number("flags", 0);
	assert_string_equal(made(), "security_inode_unlink pathname=/tmp/a\n");
	number("flags", 0x200);
	assert_string_equal(made(), "security_inode_rmdir pathname=/tmp/a\n");
	begin("mknod", 0);
	text("pathname_abs", "/tmp/p");
	number("dev", 0);
	number("mode", 0100644);
	assert_string_equal(made(), "");
	number("mode", 0010644);
	assert_string_equal(made(), "security_inode_mknod dev=0 mode=4516 file_name=/tmp/p\n");
}

static void some_bits(void **state)
{
	(void)state;
	begin("socket", 3);
	number("domain", 2);
	number("type", 02000001); /* SOCK_CLOEXEC | SOCK_STREAM */
	number("protocol", 0);
	assert_string_equal(made(), "security_socket_create type=1 protocol=0 family=2 kern=0\n");
}

/* The first source that is there counts. */
static void several_sources(void **state)
{
	(void)state;
	begin("utimensat", 0);
	text("dirfd_path", "/etc/passwd");
	assert_string_equal(made(), "vfs_utimes retval=0 pathname=/etc/passwd\n");
	text("pathname_abs", "/etc/group");
	assert_string_equal(made(), "vfs_utimes retval=0 pathname=/etc/group\n");
}

static void parts(void **state)
{
	static const uint8_t addr[16] = { 1, 0, '/' };
	uint8_t attr[72] = { [0] = 5, [8] = 2 }; /* the command, bpf_attr */

	(void)state;
	begin("bind", 0);
	*field(&call, "addr") = (struct hawk_value){ .bytes = addr, .len = 3, .full = 3 };
	assert_non_null(strstr(made(), "security_socket_bind family=1 local_addr="));
	*field(&call, "addr") = (struct hawk_value){ .bytes = addr, .len = 1, .full = 1 };
	assert_null(strstr(made(), "family"));
	memcpy(attr + 8 + 48, "nosy", 4);
	begin("bpf", 5);
	number("cmd", 5);
	*field(&call, "attr") = (struct hawk_value){ .bytes = attr, .len = sizeof(attr), .full = sizeof(attr) };
	assert_non_null(strstr(made(), "security_bpf_prog type=2 load=1 name=nosy\n"));
	number("cmd", 0);
	assert_null(strstr(made(), "security_bpf_prog"));
}

static void only_what_is_wanted(void **state)
{
	(void)state;
	begin("unlink", 0);
	text("pathname_abs", "/tmp/a");
	wanted[HAWK_EV_SECURITY_INODE_UNLINK / 64] &= ~(1ULL << HAWK_EV_SECURITY_INODE_UNLINK % 64);
	assert_string_equal(made(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(rows_fit, setup),
		cmocka_unit_test_setup(rows_and_alternatives, setup),
		cmocka_unit_test_setup(old_ids, setup),
		cmocka_unit_test_setup(takes_fields, setup),
		cmocka_unit_test_setup(only_what_succeeded, setup),
		cmocka_unit_test_setup(conditions, setup),
		cmocka_unit_test_setup(some_bits, setup),
		cmocka_unit_test_setup(several_sources, setup),
		cmocka_unit_test_setup(parts, setup),
		cmocka_unit_test_setup(only_what_is_wanted, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
