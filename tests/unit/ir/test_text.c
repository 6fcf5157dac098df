/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Expressions as text: normal forms, errors with their places, limits, joins. */
#include "tests/unit/ir/fixture.h"

static const struct {
	const char *text, *normal; /* NULL: the text itself */
} normal_forms[] = {
	{ "", NULL },
	{ " \n\t", "" },
	{ "event=ptrace", NULL },
	{ "comm=zsh event=execve", "process.comm=zsh AND event=execve" },
	{ "uid = 5 , gid >= 7\nand pid<9", "process.uid=5 AND process.gid>=7 AND process.pid<9" },
	{ "uid=1 OR uid=2 AND uid=3", "process.uid=1 OR process.uid=2 AND process.uid=3" },
	{ "(uid=1 OR uid=2) uid=3", "(process.uid=1 OR process.uid=2) AND process.uid=3" },
	{ "uid=1 AND (uid=2 AND (uid=3))", "process.uid=1 AND process.uid=2 AND process.uid=3" },
	{ "(uid=1 OR uid=2) OR (uid=3 OR uid=4)",
	  "process.uid=1 OR process.uid=2 OR process.uid=3 OR process.uid=4" },
	{ "NOT NOT uid=1", "process.uid=1" },
	{ "uid=1 NOT NOT (uid=2 uid=3)", "process.uid=1 AND process.uid=2 AND process.uid=3" },
	{ "NOT (uid=1 uid=2)", "NOT (process.uid=1 AND process.uid=2)" },
	{ "NOT uid=1 OR uid=2", "NOT process.uid=1 OR process.uid=2" },
	{ "comm=c|a|b|a", "process.comm=a|b|c" },
	{ "exe^=/usr exe$=.sh exe*=\"a b\"",
	  "process.exe=/usr* AND process.exe=*.sh AND process.exe=*\"a b\"*" },
	{ "exe=\"/usr\"*", "process.exe=/usr*" },
	{ "exe='a\"\\'", "process.exe=\"a\\\"\\\\\"" },
	{ "exe=\"*\"", NULL },
	{ "exe=\"\\x00\\x1b\xc3\xa9\"", NULL },
	{ "exe=\"\"", NULL },
	{ "exe=**", "process.exe=*" },
	{ "exe^=\"\"", "process.exe=*" },
	{ "argv=--x=1", "process.argv=\"--x=1\"" },
	{ "data.flags=O_RDWR|O_CREAT", "data.flags=O_CREAT|O_RDWR" },
	{ "tree=1|7 set=proc", NULL },
	{ "parent.exe!=/bin/sh", NULL },
	{ "data.addr.sun_path=/run/* OR data.msg.name.sin_port<1024", NULL },
	{ "data.previous.euid=1000", NULL },
	{ "policy=*", "policies=*" },
	{ "ancestor.exe=/a ancestor.ns.mnt.is_host=false", "ancestor.exe=/a AND ancestor.ns.mnt.is_host=false" },
	{ "cpu=1 ns_tid=5 process.new=true", "cpu=1 AND process.ns_tid=5 AND process.new=true" },
	{ "exe=/a*/b", "process.exe=/a*/b" },
	{ "exe=/a**b?c", "process.exe=/a*b?c" },
	{ "exe=\"/a b\"*[!]a-z]\"*?[\"x", "process.exe=\"/a b\"*[!]a-z]\"*?[x\"" },
	{ "exe=***", "process.exe=*" },
	{ "exe=[]]\\", "process.exe=[]]\"\\\\\"" },
	{ "exe=\"\\x00\"?", NULL },
	{ "exe=/ab*|/a*|x|/a/b/*", "process.exe=x|/a*" },
	{ "exe=*.so.1|*.1|*.so|*so.1", "process.exe=*.1|*.so" },
	{ "exe=/b|/a*|c*d|*e|*f*", "process.exe=/b|/a*|*e|*f*|c*d" },
	{ "comm~=^a.*[bc]$", "process.comm~=\"^a.*[bc]$\"" },
	{ "comm!~'(a|b)\\.c'|^d", "process.comm!~\"(a|b)\\\\.c\"|\"^d\"" },
	{ "data.flags&=O_TRUNC|O_CREAT", "data.flags&=O_CREAT|O_TRUNC" },
	{ "data.flags!&3", "data.flags!&3" },
	{ "data.flags==O_RDWR data.flags!==0", "data.flags==O_RDWR AND data.flags!==0" },
	{ "uid=1000..2000|5|..3|70000..", "process.uid=..3|1000..2000|5|70000.." },
};

static char *printed(const struct hawk_ir *ir)
{
	struct hawk_buf out = HAWK_BUF_INIT;

	assert_int_equal(hawk_ir_print(ir, &out), 0);
	assert_non_null(hawk_buf_str(&out));
	return out.data;
}

static void normal_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(normal_forms); i++) {
		struct hawk_ir *a = parsed(normal_forms[i].text), *b;
		_cleanup_free_ char *first = printed(a), *second = NULL;

		b = parsed(first);
		second = printed(b);
		assert_string_equal(first, second);
		if (normal_forms[i].normal)
			assert_string_equal(first, normal_forms[i].normal);
		hawk_ir_free(a);
		hawk_ir_free(b);
	}
}

static const struct {
	const char *parts[4]; /* to NULL */
	const char *all, *any; /* the AND and the OR of them */
} joins[] = {
	{ { "uid=1" }, "process.uid=1", "process.uid=1" },
	{ { "uid=1", "pid=2 tid=3", "gid=4" },
	  "process.uid=1 AND process.pid=2 AND process.tid=3 AND process.gid=4",
	  "process.uid=1 OR process.pid=2 AND process.tid=3 OR process.gid=4" },
	{ { "uid=1 OR uid=2", "NOT (comm=a OR comm=b)", "data.pathname=/a*|/b" },
	  "(process.uid=1 OR process.uid=2) AND NOT (process.comm=a OR process.comm=b) AND data.pathname=/b|/a*",
	  "process.uid=1 OR process.uid=2 OR NOT (process.comm=a OR process.comm=b) OR data.pathname=/b|/a*" },
	{ { "", "uid=1", "" }, "process.uid=1", "" },
	{ { "", "" }, "", "" },
	{ { "event=kill", "event=ptrace" }, "event=kill AND event=ptrace", "event=kill OR event=ptrace" },
};

/* Joins are as if the texts had been joined, and the parts may go. */
static void joined(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(joins); i++) {
		bool all = i % 2;
		const char *const *texts = joins[i / 2].parts;
		struct hawk_ir *parts[4], *ir;
		_cleanup_free_ char *text = NULL;
		size_t n = 0;

		for (; n < 4 && texts[n]; n++)
			parts[n] = parsed(texts[n]);
		assert_int_equal(hawk_ir_join(&ir, (const struct hawk_ir *const *)parts, n, all), 0);
		while (n)
			hawk_ir_free(parts[--n]);
		text = printed(ir);
		assert_string_equal(text, all ? joins[i / 2].all : joins[i / 2].any);
		hawk_ir_free(ir);
	}
}

static void joins_have_limits(void **state)
{
	struct hawk_ir *one = parsed("uid=1"), *ir = NULL, *not = parsed("NOT (uid=1 pid=2)"), *next;
	const struct hawk_ir *many[5000];

	(void)state;
	assert_int_equal(hawk_ir_join(&ir, NULL, 0, false), -EINVAL);
	assert_int_equal(hawk_ir_join(&ir, NULL, 0, true), 0);
	hawk_ir_free(ir);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = one;
	assert_int_equal(hawk_ir_join(&ir, many, ARRAY_SIZE(many), true), -E2BIG);
	/* deeper and deeper, until it is refused; what was taken parses */
	ir = not;
	for (int i = 0, r = 0; r == 0; i++) {
		const struct hawk_ir *const two[] = { ir, one };
		_cleanup_free_ char *text = printed(ir);

		hawk_ir_free(parsed(text));
		r = hawk_ir_join(&next, two, 2, i % 2);
		assert_true(r == 0 || r == -E2BIG);
		assert_true(i < 100);
		hawk_ir_free(ir);
		ir = r == 0 ? next : NULL;
	}
	hawk_ir_free(one);
}

static void quoted(void **state)
{
	struct hawk_buf out = HAWK_BUF_INIT;

	(void)state;
	hawk_ir_quote(&out, "/etc/x-1", 8);
	hawk_buf_putc(&out, ' ');
	hawk_ir_quote(&out, "a*b \"\n", 6);
	assert_string_equal(hawk_buf_str(&out), "/etc/x-1 \"a*b \\\"\\x0a\"");
	hawk_buf_done(&out);
}

static const struct {
	const char *text;
	unsigned int line, column;
	const char *says;
} bad[] = {
	{ "a=1", 1, 1, "there is no field \"a\"" },
	{ "uid=1\n data.pathnmae=x", 2, 2, "no field \"data.pathnmae\"; did you mean data.pathname" },
	{ "data.addr.sun_pth=x", 1, 1, "data.addr has no member \"sun_pth\"; did you mean data.addr.sun_path" },
	{ "data.msg.name.sinport=x", 1, 1, "did you mean data.msg.name.sin_port" },
	{ "data.pathname.x=1", 1, 1, "data.pathname has no members" },
	{ "data.addr.=1", 1, 1, "no member \"\"" },
	{ "data.adr.sun_path=1", 1, 1, "no field \"data.adr.sun_path\"" },
	{ "data.addr.sin_port=http", 1, 20, "\"http\" does not fit" },
	{ "data.addr.sin_port=65536", 1, 20, "does not fit" },
	{ "data.addr.sun_path<5", 1, 20, "has no order" },
	{ "data.previous.eeuid=0", 1, 1, "did you mean data.previous.euid" },
	{ "data.previous.euid=root", 1, 20, "does not fit" },
	{ "event=openat data.previous.euid=0", 1, 1, "no event fits all" },
	{ "event=connect data.how.flags=O_CREAT", 1, 1, "no event fits all" },
	{ "retval=1", 1, 1, "did you mean data.retval" },
	{ "ancestor.exee=x", 1, 1, "did you mean ancestor.exe" },
	{ "ancestor.tid=1", 1, 1, "no field \"ancestor.tid\"" },
	{ "ancestor.uid=x", 1, 14, "does not fit" },
	{ "evnt=x", 1, 1, "did you mean event" },
	{ "parent.exee=x", 1, 1, "did you mean parent.exe" },
	{ "event=ptrac", 1, 7, "no event \"ptrac\"; did you mean ptrace" },
	{ "event=process_exc", 1, 7, "did you mean process_exec" },
	{ "event=zz*", 1, 7, "no event" },
	{ "event<ptrace", 1, 7, "event takes = and != only" },
	{ "set=prc", 1, 5, "no set \"prc\"; did you mean proc" },
	{ "set=pr*", 1, 5, "whole names" },
	{ "uid=root", 1, 5, "\"root\" does not fit this field" },
	{ "uid=1|x", 1, 7, "\"x\" does not fit" },
	{ "uid=1*", 1, 5, "fit text only" },
	{ "uid<1|2", 1, 5, "take one value" },
	{ "uid<*", 1, 5, "without * ? or [" },
	{ "uid=4294967296", 1, 5, "does not fit" },
	{ "exe<5", 1, 5, "has no order" },
	{ "compat<true", 1, 8, "has no order" },
	{ "data.flags=nothing", 1, 12, "\"nothing\" does not fit" },
	{ "data.flags<O_CREAT", 1, 12, "has no order" },
	{ "data.dst=10.0.0.0/33", 1, 10, "does not fit" },
	{ "data.dst=10.0.0.0/", 1, 10, "does not fit" },
	{ "data.dst=::1/129", 1, 10, "does not fit" },
	{ "data.dst=*10", 1, 10, "fit text only" },
	{ "data.run_time<5y", 1, 15, "does not fit" },
	{ "data.run_time<99999999999d", 1, 15, "does not fit" },
	{ "exe=a[b", 1, 6, "expected ]" },
	{ "exe=a[]", 1, 6, "expected ]" },
	{ "exe=[z-a]", 1, 6, "range of characters is empty" },
	{ "exe=[\t]", 1, 6, "expected ASCII" },
	{ "uid=[0-9]", 1, 5, "fit text only" },
	{ "uid=?", 1, 5, "fit text only" },
	{ "exe^=a?", 1, 6, "must be quoted" },
	{ "exe~=a(b", 1, 7, "quote a regular expression" },
	{ "exe~='a(b'", 1, 6, "expected a regular expression: missing closing parenthesis, at its character 4" },
	{ "exe~='(*UTF)a'", 1, 6, "expected a regular expression" },
	{ "exe~='\\C{3'|'['", 1, 13, "expected a regular expression" },
	{ "uid~=5", 1, 6, "~= and !~ fit text only" },
	{ "data.retval!~5", 1, 14, "~= and !~ fit text only" },
	{ "tree~=5", 1, 7, "fit text only" },
	{ "tree=1..5", 1, 6, "tree takes" },
	{ "uid&=5", 1, 6, "look at flags only" },
	{ "comm!&x", 1, 7, "look at flags only" },
	{ "event&=kill", 1, 8, "event takes" },
	{ "data.flags&=O_CREAT*", 1, 13, "must be quoted" },
	{ "data.flags&=O_CREAT|O_NONE", 1, 21, "\"O_NONE\" does not fit" },
	{ "uid=5..1", 1, 5, "range \"5..1\" is empty" },
	{ "uid=..", 1, 5, "does not fit" },
	{ "uid=1..x", 1, 5, "does not fit" },
	{ "uid=1...5", 1, 5, "does not fit" },
	{ "uid<1..5", 1, 5, "does not fit" },
	{ "uid=*|5", 1, 5, "expected no others" },
	{ "exe=\"a", 1, 5, "has no end: expected \"" },
	{ "exe=\"\\q\"", 1, 7, "expected one of" },
	{ "exe=\"\\x1\"", 1, 7, "expected one of" },
	{ "exe^=a*", 1, 6, "must be quoted" },
	{ "uid=", 1, 5, "expected a value" },
	{ "uid=1|", 1, 7, "expected a value" },
	{ "uid==1", 1, 6, "compare flags only" },
	{ "uid===1", 1, 6, "begins with =" },
	{ "uid 5", 1, 5, "expected one of = !=" },
	{ "uid", 1, 4, "expected one of = !=" },
	{ "(uid=1", 1, 7, "expected AND, OR or )" },
	{ "uid=1)", 1, 6, "or the end" },
	{ "uid=1 OR", 1, 9, "expected a condition" },
	{ "uid=1,", 1, 7, "expected a condition" },
	{ "()", 1, 2, "expected a condition" },
	{ "NOT", 1, 4, "expected a condition" },
	{ "uid=1 OR event=ptrace event=kill", 1, 10, "no event fits all" },
	{ "event=kill data.pathname=/x", 1, 1, "no event fits all" },
	{ "event=sched_process_exec data.flags=O_CREAT", 1, 1, "no event fits all" },
	{ "NOT event=*", 1, 1, "no event fits it" },
	{ "tree=x", 1, 6, "does not fit" },
	{ "tree<1", 1, 6, "tree takes" },
};

static void errors_have_a_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct hawk_ir_error e = { .line = 0 };
		struct hawk_ir *ir = NULL;

		if (hawk_ir_parse(&ir, bad[i].text, &e) != -EINVAL || ir)
			fail_msg("accepted: %s", bad[i].text);
		if (e.line != bad[i].line || e.column != bad[i].column || !strstr(e.message, bad[i].says))
			fail_msg("%s\nsays %u:%u: %s\nnot  %u:%u: %s", bad[i].text, e.line, e.column,
				 e.message, bad[i].line, bad[i].column, bad[i].says);
	}
}

/* Parses N times PIECE, then TAIL. */
static int parse_repeated(const char *piece, size_t n, const char *tail, struct hawk_ir_error *e)
{
	struct hawk_buf text = { .max = 2 << 20 };
	struct hawk_ir *ir = NULL;
	int r;

	for (size_t i = 0; i < n; i++)
		hawk_buf_puts(&text, piece);
	hawk_buf_puts(&text, tail);
	r = hawk_ir_parse(&ir, hawk_buf_str(&text), e);
	hawk_ir_free(ir);
	hawk_buf_done(&text);
	return r;
}

static void limits(void **state)
{
	struct hawk_ir_error e;

	(void)state;
	assert_int_equal(parse_repeated("uid=1 ", 1023, "", &e), 0);
	assert_int_equal(parse_repeated("uid=1 ", 1024, "", &e), -EINVAL);
	assert_non_null(strstr(e.message, "more than 1024"));
	assert_int_equal(parse_repeated("NOT ", 32, "uid=1", &e), 0);
	assert_int_equal(parse_repeated("NOT ", 33, "uid=1", &e), -EINVAL);
	assert_non_null(strstr(e.message, "nested"));
	assert_int_equal(parse_repeated("(", 100000, "", &e), -EINVAL);
	assert_int_equal(parse_repeated("((uid=1", 17, "", &e), -EINVAL);
	assert_int_equal(parse_repeated(" ", (1 << 20) - 1, "", &e), 0);
	assert_int_equal(parse_repeated(" ", (1 << 20) + 1, "", &e), -EINVAL);
	assert_int_equal(parse_repeated("comm~=a.b OR ", 15, "comm!~'b.c'", &e), 0);
	assert_int_equal(parse_repeated("comm~=a.b OR ", 16, "comm!~'b.c'", &e), -EINVAL);
	assert_non_null(strstr(e.message, "more than 16 regular expressions"));
	assert_int_equal(parse_repeated("comm=*a*b ", 512, "comm=a*", &e), 0);
	assert_int_equal(parse_repeated("comm=*a*b ", 512, "comm=*a*", &e), -EINVAL);
	assert_non_null(strstr(e.message, "more than 512 values"));
	assert_int_equal(parse_repeated("comm=a", 1, "", &e), 0);
	assert_int_equal(parse_repeated("comm=x|", 1, "y", &e), 0);
	assert_int_equal(parse_repeated("comm=x", 1, "|y", &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_text), cmocka_unit_test(errors_have_a_place), cmocka_unit_test(limits),
		cmocka_unit_test(joined), cmocka_unit_test(joins_have_limits), cmocka_unit_test(quoted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
