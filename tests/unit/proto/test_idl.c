/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The interface descriptions against the grammar of Varlink: a small parser of our own. */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/cleanup.h"
#include "src/proto/proto.h"

#define NAMES_MAX 256

struct parser {
	const char *p;
	char *types[NAMES_MAX], *used[NAMES_MAX], *symbols[NAMES_MAX];
	size_t n_types, n_used, n_symbols, n_methods;
};

static void space(struct parser *s)
{
	for (;;) {
		s->p += strspn(s->p, " \t\r\n");
		if (*s->p != '#')
			return;
		s->p += strcspn(s->p, "\n");
	}
}

static void expect(struct parser *s, const char *token)
{
	space(s);
	if (strncmp(s->p, token, strlen(token)))
		fail_msg("expected %s before: %.40s", token, s->p);
	s->p += strlen(token);
}

static bool accept(struct parser *s, const char *token)
{
	space(s);
	if (strncmp(s->p, token, strlen(token)))
		return false;
	s->p += strlen(token);
	return true;
}

/* A member name: [A-Za-z]([_]?[A-Za-z0-9])*; a symbol: [A-Z][A-Za-z0-9]*. */
static char *name(struct parser *s, bool symbol)
{
	const char *start;

	space(s);
	start = s->p;
	if (!(symbol ? isupper((unsigned char)*s->p) : isalpha((unsigned char)*s->p)))
		fail_msg("no name here: %.40s", s->p);
	while (isalnum((unsigned char)*s->p) || (!symbol && *s->p == '_')) {
		if (*s->p == '_')
			assert_true(isalnum((unsigned char)s->p[1]));
		s->p++;
	}
	return strndup(start, s->p - start);
}

static void type(struct parser *s)
{
	static const char *const plain[] = { "bool", "int", "float", "string", "object" };

	accept(s, "?");
	accept(s, "[]");
	space(s);
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (!strncmp(s->p, plain[i], strlen(plain[i])) &&
		    !isalnum((unsigned char)s->p[strlen(plain[i])])) {
			s->p += strlen(plain[i]);
			return;
		}
	assert_true(s->n_used < NAMES_MAX);
	s->used[s->n_used++] = name(s, true);
}

static void structure(struct parser *s)
{
	char *members[NAMES_MAX];
	size_t n = 0;

	expect(s, "(");
	if (accept(s, ")"))
		return;
	do {
		members[n] = name(s, false);
		for (size_t i = 0; i < n; i++)
			assert_string_not_equal(members[i], members[n]);
		n++;
		expect(s, ":");
		type(s);
	} while (accept(s, ","));
	expect(s, ")");
	while (n)
		free(members[--n]);
}

static void symbol(struct parser *s)
{
	char *symbol = name(s, true);

	for (size_t i = 0; i < s->n_symbols; i++)
		assert_string_not_equal(symbol, s->symbols[i]);
	assert_true(s->n_symbols < NAMES_MAX);
	s->symbols[s->n_symbols++] = symbol;
}

static void member(struct parser *s)
{
	if (accept(s, "type ")) {
		symbol(s);
		s->types[s->n_types++] = strdup(s->symbols[s->n_symbols - 1]);
		structure(s);
	} else if (accept(s, "error ")) {
		symbol(s);
		structure(s);
	} else {
		expect(s, "method ");
		symbol(s);
		structure(s);
		expect(s, "->");
		structure(s);
		s->n_methods++;
	}
}

static void free_names(char **names, size_t n)
{
	while (n)
		free(names[--n]);
}

static size_t parse(const char *text, const char *interface)
{
	struct parser s = { .p = text };

	expect(&s, "interface ");
	expect(&s, interface);
	for (space(&s); *s.p; space(&s))
		member(&s);
	for (size_t i = 0; i < s.n_used; i++) {
		bool known = false;

		for (size_t k = 0; k < s.n_types; k++)
			known |= !strcmp(s.used[i], s.types[k]);
		if (!known)
			fail_msg("type %s is not described", s.used[i]);
	}
	free_names(s.types, s.n_types);
	free_names(s.used, s.n_used);
	free_names(s.symbols, s.n_symbols);
	return s.n_methods;
}

static void control_interface(void **state)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	size_t verbs = 0;

	(void)state;
	assert_int_equal(hawk_idl_write(&out, HAWK_INTERFACE), 0);
	for (int id = 0; id < HAWK_VERB_MAX; id++)
		verbs += hawk_verb(id)->kind != HAWK_KIND_LOCAL;
	assert_int_equal(parse(hawk_buf_str(&out), HAWK_INTERFACE), verbs);
	/* What sechawkctl keeps to itself is no part of it. */
	assert_null(strstr(out.data, "timeout"));
	for (size_t i = 0; i < out.len; i++)
		assert_true(out.data[i] == '\n' || out.data[i] == '\t' ||
			    (out.data[i] >= ' ' && out.data[i] < 127));
}

static void service_interface(void **state)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;

	(void)state;
	assert_int_equal(hawk_idl_write(&out, HAWK_SERVICE_INTERFACE), 0);
	assert_int_equal(parse(hawk_buf_str(&out), HAWK_SERVICE_INTERFACE), 2);
	assert_int_equal(hawk_idl_write(&out, "com.example.Other"), -ENOENT);
	assert_int_equal(hawk_idl_write(&out, ""), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_interface),
		cmocka_unit_test(service_interface),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
