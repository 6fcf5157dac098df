/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/integrity/ksyms.h"
#include "tests/unit/integrity/kernel.h"

static void lines(void **state)
{
	static const char *const bad[] = {
		"", "ffffffff81000000", "ffffffff81000000 T", "ffffffff81000000 T ", "x T name", " T name",
		"11112222333344445 T name", "ffffffff81000000T name", "ffffffff81000000 1 name",
		"ffffffff81000000 T na me", "ffffffff81000000 T name\t", "ffffffff81000000 T name\t[]",
		"ffffffff81000000 T name\t[mod", "ffffffff81000000 T \t[mod]", "ffffffff81000000 T name\t[m d]",
		"ffffffff81000000 T na\x80me",
	};
	struct hawk_ksym_line s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(hawk_ksym_parse(&s, bad[i], strlen(bad[i])), -EINVAL);
	assert_int_equal(hawk_ksym_parse(&s, "ffffFFFF81000000 T _stext", 25), 0);
	assert_int_equal(s.address, 0xffffffff81000000ULL);
	assert_int_equal(s.type, 'T');
	assert_int_equal(s.name_len, 6);
	assert_int_equal(s.owner_len, 0);
	assert_int_equal(hawk_ksym_parse(&s, "ffffffffc0000010 t go.cold\t[mod]", 32), 0);
	assert_int_equal(s.name_len, 7);
	assert_int_equal(s.owner_len, 3);
	assert_memory_equal(s.owner, "mod", 3);
}

static char path[] = "/tmp/hawk-ksyms-XXXXXX";

static struct hawk_ksyms *read_text(const char *text)
{
	struct hawk_ksyms *k;

	kernel_write(path, text);
	assert_int_equal(hawk_ksyms_read(&k, path), 0);
	return k;
}

static void by_name(void **state)
{
	/* several things have this name: the kernel's own goes before a module's, a global one before a local one */
	struct hawk_ksyms *k = read_text("0000000000000500 d modules\nnonsense\n0000000000000100 D modules\n"
					 "0000000000000300 D modules\t[evil]\n0000000000000200 d modules\n"
					 "0000000000000400 d tcp6_seq_ops\t[ipv6]\n");

	(void)state;
	assert_int_equal(hawk_ksyms_known(k, HAWK_SYM_modules), 0x100);
	assert_int_equal(hawk_ksyms_known(k, HAWK_SYM_tcp6_seq_ops), 0x400);
	assert_int_equal(hawk_ksyms_known(k, HAWK_SYM__stext), 0);
	assert_int_equal(hawk_ksyms_find(k, "modules"), 0x500); /* the first in the file */
	assert_int_equal(hawk_ksyms_find(k, "module"), 0);
	hawk_ksyms_free(k);
}

static void by_address(void **state)
{
	struct hawk_ksyms *k = read_text("0000000000000200 T two\n0000000000000100 T one\n0000000000000200 t alias\n"
					 "0000000000000300 t three\t[mod]\n");
	struct hawk_ksym s;

	(void)state;
	assert_int_equal(hawk_ksyms_at(k, 0xff, &s), -ENOENT);
	assert_int_equal(hawk_ksyms_at(k, 0x1ff, &s), 0);
	assert_string_equal(s.name, "one");
	assert_int_equal(s.next, 0x200);
	assert_int_equal(hawk_ksyms_at(k, 0x200, &s), 0);
	assert_string_equal(s.name, "two");
	assert_string_equal(s.owner, "");
	assert_int_equal(s.next, 0x300);
	assert_int_equal(hawk_ksyms_at(k, UINT64_MAX, &s), 0);
	assert_string_equal(s.name, "three");
	assert_string_equal(s.owner, "mod");
	assert_int_equal(s.next, 0);
	hawk_ksyms_free(k);
	k = read_text("");
	assert_int_equal(hawk_ksyms_at(k, 1, &s), -ENOENT);
	hawk_ksyms_free(k);
	assert_int_equal(hawk_ksyms_read(&k, "/nonexistent/kallsyms"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(by_name),
		cmocka_unit_test(by_address),
	};
	int fd = mkstemp(path), r;

	if (fd < 0)
		return 1;
	close(fd);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return r;
}
