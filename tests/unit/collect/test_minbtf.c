/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part of the kernel's types that libbpf is given: it finds in it what it finds in the whole. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/collect/minbtf.h"

/* Gives the part, or NULL; *RET_R: what there was instead. */
static struct btf *part_of(struct btf *whole, int *ret_r)
{
	_cleanup_close_ int fd = hawk_minbtf_new(whole);
	struct btf *part;
	char path[32];

	*ret_r = fd < 0 ? fd : 0;
	if (fd < 0)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	part = btf__parse(path, NULL);
	assert_int_equal(libbpf_get_error(part), 0);
	return part;
}

static const struct btf_member *member(const struct btf *btf, const struct btf_type *t, const char *name, uint32_t *ret_i)
{
	for (*ret_i = 0; *ret_i < btf_vlen(t); (*ret_i)++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[*ret_i].name_off), name))
			return &btf_members(t)[*ret_i];
	return NULL;
}

static void expect_member(const struct btf *btf, const char *type, const char *name, uint32_t bit, uint32_t bits,
			  long long size)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const struct btf_type *t = btf__type_by_id(btf, (uint32_t)id);
	const struct btf_member *m;
	uint32_t i;

	assert_true(id > 0);
	m = member(btf, t, name, &i);
	assert_non_null(m);
	assert_int_equal(btf_member_bit_offset(t, i), bit);
	assert_int_equal(btf_member_bitfield_size(t, i), bits);
	assert_int_equal(btf__resolve_size(btf, m->type), size);
}

/* A kernel of a few types; what has to be in the part comes behind what need not. Sets *RET_FILE to an id. */
static struct btf *kernel(int *ret_file)
{
	struct btf *btf = btf__new_empty();
	int u32 = btf__add_int(btf, "unsigned int", 4, 0), u64 = btf__add_int(btf, "long unsigned int", 8, 0);
	int other = btf__add_struct(btf, "of_no_interest", 8), nameless, array, path, constant;

	btf__add_field(btf, "next", btf__type_cnt(btf) + 1, 0, 0);
	btf__add_ptr(btf, other);
	path = btf__add_struct(btf, "path", 16);
	btf__add_field(btf, "mnt", btf__type_cnt(btf), 0, 0);
	btf__add_field(btf, "dentry", btf__type_cnt(btf), 64, 0);
	btf__add_ptr(btf, other);
	array = btf__add_array(btf, u32, u64, 5);
	constant = btf__add_const(btf, array);
	nameless = btf__add_union(btf, NULL, 8);
	btf__add_field(btf, "f_count", u64, 0, 0);
	btf__add_field(btf, "f_low", u32, 0, 0);
	*ret_file = btf__add_struct(btf, "file", 80);
	btf__add_field(btf, "f_flags", u32, 0, 0);
	btf__add_field(btf, "f_bits", u32, 32, 3);
	btf__add_field(btf, "", nameless, 64, 0);
	btf__add_field(btf, "f_path", path, 128, 0);
	btf__add_field(btf, "f_list", constant, 256, 0);
	btf__add_struct(btf, "pid", 8);
	btf__add_field(btf, "level", u32, 0, 0);
	btf__add_field(btf, "numbers", btf__type_cnt(btf), 64, 0);
	btf__add_array(btf, u32, u64, 0);
	btf__add_enum(btf, "iter_type", 4);
	btf__add_enum_value(btf, "ITER_UBUF", 7);
	btf__add_enum_value(btf, "ITER_IOVEC", -1);
	btf__add_typedef(btf, "kuid_t", u32);
	return btf;
}

static void test_same_places(void **state)
{
	int file, r, id;
	struct btf *whole = kernel(&file), *part = part_of(whole, &r);
	const struct btf_type *t;

	(void)state;
	assert_int_equal(r, 0);
	expect_member(part, "file", "f_flags", 0, 0, 4);
	expect_member(part, "file", "f_bits", 32, 3, 4);
	expect_member(part, "file", "", 64, 0, 8);
	expect_member(part, "file", "f_path", 128, 0, 16);
	expect_member(part, "file", "f_list", 256, 0, 40);
	expect_member(part, "path", "dentry", 64, 0, 8);
	t = btf__type_by_id(part, (uint32_t)btf__find_by_name_kind(part, "file", BTF_KIND_STRUCT));
	assert_int_equal(t->size, 80);
	id = btf__find_by_name_kind(part, "iter_type", BTF_KIND_ENUM);
	assert_true(id > 0);
	t = btf__type_by_id(part, (uint32_t)id);
	assert_int_equal(btf_vlen(t), 2);
	assert_string_equal(btf__name_by_offset(part, btf_enum(t)[1].name_off), "ITER_IOVEC");
	assert_int_equal(btf_enum(t)[0].val, 7);
	assert_int_equal(btf_enum(t)[1].val, -1);
	assert_true(btf__find_by_name_kind(part, "kuid_t", BTF_KIND_TYPEDEF) > 0);
	/* What the objects do not name is not there, nor what pointers lead to. */
	assert_int_equal(btf__find_by_name_kind(part, "of_no_interest", BTF_KIND_STRUCT), -ENOENT);
	btf__free(part);
	btf__free(whole);
}

/* libbpf takes an array of nothing for one of any length when it is the last member. */
static void test_last_stays_last(void **state)
{
	int file, r;
	struct btf *whole = kernel(&file), *part = part_of(whole, &r);
	const struct btf_type *t;
	uint32_t i;

	(void)state;
	assert_int_equal(r, 0);
	t = btf__type_by_id(part, (uint32_t)btf__find_by_name_kind(part, "pid", BTF_KIND_STRUCT));
	assert_non_null(member(part, t, "numbers", &i));
	assert_int_equal(i, btf_vlen(t) - 1);
	btf__free(part);
	btf__free(whole);
}

static void test_ids(void **state)
{
	int file, r;
	struct btf *whole = kernel(&file), *part = part_of(whole, &r);

	(void)state;
	assert_int_equal(r, 0);
	expect_member(part, "file", "hawk_btf_id", (uint32_t)file * 8, 0, 1);
	btf__free(part);
	btf__free(whole);
}

/* Files are given by people (--btf): a structure in itself has no end, and an id can be of nothing. */
static void test_bad(void **state)
{
	struct btf *whole = btf__new_empty();
	int r;

	(void)state;
	btf__add_struct(whole, "file", 8);
	btf__add_field(whole, "file", 1, 0, 0);
	assert_null(part_of(whole, &r));
	assert_int_equal(r, -EINVAL);
	btf__free(whole);

	whole = btf__new_empty();
	btf__add_struct(whole, "file", 8);
	btf__add_field(whole, "f_inode", 77, 0, 0);
	assert_null(part_of(whole, &r));
	assert_int_equal(r, -EINVAL);
	btf__free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_places),
		cmocka_unit_test(test_last_stays_last),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
