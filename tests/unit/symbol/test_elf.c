/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/symbol/library.h"
#include "tests/unit/symbol/sample.h"

#define FUNCTION(name, bind) { name, bind, STT_FUNC, STV_DEFAULT, 1 }

static const struct sample_symbol symbols[] = {
	FUNCTION("first", STB_GLOBAL),
	{ "needed", STB_GLOBAL, STT_FUNC, STV_DEFAULT, SHN_UNDEF },
	{ "version", STB_GLOBAL, STT_OBJECT, STV_DEFAULT, SHN_ABS },
	{ "hidden", STB_GLOBAL, STT_FUNC, STV_HIDDEN, 1 },
	{ "local", STB_LOCAL, STT_FUNC, STV_DEFAULT, 1 },
	{ "thread", STB_GLOBAL, STT_TLS, STV_DEFAULT, 1 },
	FUNCTION("", STB_GLOBAL),
	FUNCTION("weak", STB_WEAK),
	{ "object", STB_GLOBAL, STT_OBJECT, STV_PROTECTED, 1 },
	{ NULL, 0, 0, 0, 0 },
};

static void note(void *ctx, const struct hawk_elf_symbol *symbol)
{
	char *text = ctx;

	assert_int_equal(strlen(symbol->name), symbol->len);
	if (strlen(text) + symbol->len + 3 < 256) {
		strcat(text, symbol->name);
		strcat(text, symbol->strong ? "! " : " ");
	}
}

static int exports(struct sample *s, char text[256])
{
	text[0] = '\0';
	return hawk_elf_exports(&(struct hawk_elf_source){ sample_read, s }, note, text);
}

static void all_kinds(void **state)
{
	char text[256];

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct sample s = { .wide = kind & 1, .gnu = kind & 2, .symbols = symbols };

		sample_build(&s);
		assert_int_equal(exports(&s, text), 0);
		assert_string_equal(text, "first! weak object! ");
	}
}

static void nothing(void **state)
{
	static const struct sample_symbol none[] = { { NULL, 0, 0, 0, 0 } };
	struct sample s = { .wide = true, .gnu = true, .symbols = none };
	char text[256];

	(void)state;
	sample_build(&s);
	assert_int_equal(exports(&s, text), 0);
	assert_string_equal(text, "");
}

/* A file that ends anywhere is refused; only padding could be missed. */
static void cut(void **state)
{
	char text[256];

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		struct sample s = { .wide = kind & 1, .gnu = kind & 2, .symbols = symbols };

		sample_build(&s);
		while (s.len--)
			assert_int_equal(exports(&s, text), -EBADMSG);
	}
}

static void others(void **state)
{
	struct sample s = { .wide = true, .symbols = symbols };
	char text[256];

	(void)state;
	sample_build(&s);
	s.bytes[16] = ET_EXEC;
	assert_int_equal(exports(&s, text), -EBADMSG);
	s.bytes[16] = ET_DYN;
	s.bytes[EI_DATA] = ELFDATA2MSB;
	assert_int_equal(exports(&s, text), -EBADMSG);
	memcpy(s.bytes, "#!/bin/sh\n", 10);
	assert_int_equal(exports(&s, text), -EBADMSG);
}

static long fails(void *ctx, uint64_t offset, void *buf, size_t len)
{
	(void)ctx, (void)offset, (void)buf, (void)len;
	return -EIO;
}

static void unreadable(void **state)
{
	char text[256] = "";

	(void)state;
	assert_int_equal(hawk_elf_exports(&(struct hawk_elf_source){ fails, NULL }, note, text), -EIO);
}

/* Names without end, and very many long ones that share their text. */
static void hostile_names(void **state)
{
	static char name[HAWK_ELF_NAME_MAX + 1];
	struct sample_symbol one[] = { FUNCTION(name, STB_GLOBAL), { NULL, 0, 0, 0, 0 } };
	struct sample s = { .wide = true, .symbols = one };
	char text[256];

	(void)state;
	memset(name, 'x', HAWK_ELF_NAME_MAX);
	sample_build(&s);
	assert_int_equal(exports(&s, text), 0);
	assert_string_equal(text, "");
}

static struct hawk_rules *make_rules(void)
{
	static char *watched[] = { "object", "first" }, *allowed[] = { "/opt/ours/", "libc" }, *ignored[] = { "weak" };
	struct hawk_rules *rules;

	assert_int_equal(hawk_rules_new(&rules, &(struct hawk_symbols_config){ { watched, 2 }, { allowed, 2 },
									     { ignored, 1 } }), 0);
	return rules;
}

static void rules(void **state)
{
	struct hawk_rules *r = make_rules();

	(void)state;
	assert_true(hawk_rules_allow(r, "/lib/libc.so.6"));
	assert_true(hawk_rules_allow(r, "/lib/libc-2.31.so"));
	assert_true(hawk_rules_allow(r, "/opt/ours/any.so"));
	assert_false(hawk_rules_allow(r, "/lib/libcap.so.2"));
	assert_false(hawk_rules_allow(r, "/lib/libc-hide.so"));
	assert_false(hawk_rules_allow(r, "/tmp/opt/ours/any.so"));
	hawk_rules_free(r);
}

static struct hawk_library read_library(const struct hawk_rules *r, const struct sample_symbol *y)
{
	struct sample s = { .wide = true, .gnu = true, .symbols = y };
	struct hawk_library l = { .n = 0 };

	sample_build(&s);
	assert_int_equal(hawk_library_read(&l, r, &(struct hawk_elf_source){ sample_read, &s }), 0);
	return l;
}

static void collisions(void **state)
{
	static const struct sample_symbol other[] = {
		FUNCTION("weak", STB_GLOBAL), FUNCTION("object", STB_WEAK), FUNCTION("one", STB_WEAK),
		FUNCTION("two", STB_WEAK), { NULL, 0, 0, 0, 0 },
	};
	static const struct sample_symbol third[] = {
		FUNCTION("one", STB_WEAK), FUNCTION("two", STB_GLOBAL), { NULL, 0, 0, 0, 0 },
	};
	struct hawk_rules *r = make_rules();
	struct hawk_library a = read_library(r, symbols), b = read_library(r, other), c = read_library(r, third);
	struct hawk_buf names = HAWK_BUF_INIT;

	(void)state;
	assert_int_equal(a.watched.len, sizeof("first\0object"));
	assert_memory_equal(a.watched.data, "first\0object", sizeof("first\0object"));
	assert_int_equal(hawk_library_collide(&a, &b, &names), 1);
	assert_int_equal(names.len, sizeof("object"));
	assert_memory_equal(names.data, "object", names.len);
	hawk_buf_reset(&names);
	assert_int_equal(hawk_library_collide(&c, &b, &names), 1);
	assert_memory_equal(names.data, "two", names.len);
	assert_int_equal(hawk_library_collide(&a, &c, &names), 0);
	hawk_buf_done(&names);
	hawk_library_done(&a);
	hawk_library_done(&b);
	hawk_library_done(&c);
	hawk_rules_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds),	 cmocka_unit_test(nothing), cmocka_unit_test(cut),
		cmocka_unit_test(others),	 cmocka_unit_test(unreadable), cmocka_unit_test(hostile_names),
		cmocka_unit_test(rules),	 cmocka_unit_test(collisions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
