/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Expressions over events: what they give, and what is refused. */
#include "tests/unit/cel/fixture.h"

static void literals(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	only(NULL);
	expect(&e, "1 + 2 * 3 - 4 / 2", "5");
	expect(&e, "-7 % 3", "-1");
	expect(&e, "0x1f", "31");
	expect(&e, "18446744073709551615u", "18446744073709551615");
	expect(&e, "-9223372036854775808", "-9223372036854775808");
	expect(&e, "9223372036854775807 + 1", "?");
	expect(&e, "1 / 0", "?");
	expect(&e, "1u - 2u", "-1");
	expect(&e, "1.5 * 2.0", "3");
	expect(&e, "1 < 1.5 && 2u > -1", "true");
	expect(&e, "'a' + \"b\\n\\x41\\u00e9\\101\" + r'\\d' + b'\\xff'", "ab\nA\xc3\xa9" "A\\d\xff");
	expect(&e, "'''a'b'''", "a'b");
	expect(&e, "true ? 'x' : 'y' // comment", "x");
	expect(&e, "[1, 2] + [3]", "1 2 3");
	expect(&e, "[1, 2][1]", "2");
	expect(&e, "[1, 2][2]", "?");
	expect(&e, "[1, 2] == [1, 2u]", "true");
	expect(&e, "duration('1500ms') + duration('1s')", "2.5s");
	expect(&e, "duration('1s') < duration('1min')", "true");
	expect(&e, "(time - process.start_time) == duration('500ms')", "true");
	expect(&e, "time - duration('1s')", "2023-11-14T22:13:20.000000000Z");
	expect(&e, "time > '2020-01-01T00:00:00Z'", "true");
	expect(&e, "int('-5') + int(2.9) + int(true)", "-2");
	expect(&e, "string(5) + string(true)", "5true");
	expect(&e, "size('abc') + size([1])", "4");
}

static void three_values(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	only(NULL);
	expect(&e, "data.pathname == '/x'", "?");
	expect(&e, "data.pathname != '/x'", "?");
	expect(&e, "!(data.pathname == '/x')", "?");
	expect(&e, "has(data.pathname)", "false");
	expect(&e, "!has(data.pathname)", "true");
	expect(&e, "data.pathname == '/x' && false", "false");
	expect(&e, "false && data.pathname == '/x'", "false");
	expect(&e, "data.pathname == '/x' || true", "true");
	expect(&e, "data.pathname == '/x' || false", "?");
	expect(&e, "data.pathname == '/x' ? 1 : 2", "?");
	expect(&e, "data.pathname.startsWith('/x')", "?");
	expect(&e, "data.pathname in ['/x']", "?");
	expect(&e, "1 / 0 == 1 || uid == 1000", "true");
}

static void fields(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	only("file_open");
	put(&e, "pathname", "/etc/passwd", 11);
	set(&e, "flags", (struct hawk_value){ .u = O_WRONLY | O_CREAT });
	expect(&e, "data.pathname", "/etc/passwd");
	expect(&e, "process.exe + ' ' + comm", "/usr/bin/ls zsh");
	expect(&e, "parent.comm == 'login' && parent.uid == 0", "true");
	expect(&e, "uid >= 1000 && uid < 1001", "true");
	expect(&e, "process.loginuid == -1", "true");
	expect(&e, "event == 'file_open'", "true");
	expect(&e, "argv", "ls -l");
	expect(&e, "'-l' in argv && !('-a' in argv)", "true");
	expect(&e, "argv[0] == 'ls' && size(argv) == 2", "true");
	expect(&e, "data.flags", "O_WRONLY|O_CREAT");
	expect(&e, "data.flags == 'O_WRONLY|O_CREAT'", "true");
	expect(&e, "data.flags == 0x41", "true");
	expect(&e, "data.flags.has('O_WRONLY')", "true");
	expect(&e, "data.flags.has('O_WRONLY|O_EXCL')", "false");
	expect(&e, "data.flags.has('O_RDONLY')", "false");
	expect(&e, "data.flags.any('O_RDWR | O_WRONLY')", "true");
	expect(&e, "data.flags.any('O_EXCL', 'O_TRUNC')", "false");
	expect(&e, "opened_for_write(data.flags)", "true");
	expect(&e, "opened_for_read(data.flags)", "false");
	set(&e, "flags", (struct hawk_value){ .u = O_PATH | O_DIRECTORY });
	expect(&e, "opened_for_read(data.flags)", "false");
	only("ptrace");
	e = make_event("ptrace");
	set(&e, "request", (struct hawk_value){ .s = 0 });
	expect(&e, "data.request", "PTRACE_TRACEME");
	expect(&e, "data.request == 'PTRACE_TRACEME'", "true");
	expect(&e, "data.request in ['PTRACE_ATTACH', 'PTRACE_SEIZE']", "false");
	expect(&e, "string(data.request).startsWith('PTRACE_')", "true");
	expect(&e, "data.request + 1", "1");
}

static void addresses(void **state)
{
	static const struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/run/docker.sock" };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(443) };
	struct hawk_event e = make_event("security_socket_connect");

	(void)state;
	only("security_socket_connect");
	in.sin_addr.s_addr = htonl(0x0a010203);
	put(&e, "remote_addr", &in, sizeof(in));
	expect(&e, "data.remote_addr == '10.1.2.3'", "true");
	expect(&e, "data.remote_addr.sin_port == 443", "true");
	expect(&e, "data.remote_addr.sin_addr", "10.1.2.3");
	expect(&e, "cidr(data.remote_addr.sin_addr, '10.0.0.0/8')", "true");
	expect(&e, "cidr(data.remote_addr, ['11.0.0.0/8', 'fe80::/10'])", "false");
	expect(&e, "private(data.remote_addr)", "true");
	expect(&e, "data.remote_addr.sa_family == 'AF_INET'", "true");
	put(&e, "remote_addr", &un, sizeof(un));
	expect(&e, "data.remote_addr == '/run/docker.sock'", "true");
	expect(&e, "data.remote_addr.sun_path.endsWith('docker.sock')", "true");
	expect(&e, "data.remote_addr.sin_port == 443", "?");
	expect(&e, "cidr('10.1.2.3', '10.1.2.3')", "true");
	expect(&e, "private('8.8.8.8') || private('::1') && !private('172.32.0.1')", "true");
}

static void functions(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	only(NULL);
	expect(&e, "basename('/usr/bin/x') + dirname('/usr/bin/x') + dirname('/x') + dirname('x')", "x/usr/bin/.");
	expect(&e, "'aBc'.upper() + lower('AbC')", "ABCabc");
	expect(&e, "'  a '.trim()", "a");
	expect(&e, "'a,b,,c'.split(',')", "a b  c");
	expect(&e, "size('a,b,,c'.split(','))", "4");
	expect(&e, "['a', 'b'].join('--')", "a--b");
	expect(&e, "'aXbX'.replace('X', 'yy')", "ayybyy");
	expect(&e, "'/etc/cron.d/x'.glob('/etc/cron.*')", "true");
	expect(&e, "glob('/etc/cron.d/x', '/etc/cron.?/[a-w]')", "false");
	expect(&e, "'a*b'.glob('a\\\\*b') && !('axb'.glob('a\\\\*b'))", "true");
	expect(&e, "'/proc/12/mem'.matches('^/proc/(\\\\d+|self)/mem$')", "true");
	expect(&e, "process.exe.contains('bin/l') && process.exe.endsWith('')", "true");
}

static void macros(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	only(NULL);
	expect(&e, "argv.exists(a, a.startsWith('-'))", "true");
	expect(&e, "argv.all(a, size(a) == 2)", "true");
	expect(&e, "argv.exists_one(a, a == 'ls')", "true");
	expect(&e, "argv.filter(a, a != 'ls')", "-l");
	expect(&e, "argv.map(a, a + '!')", "ls! -l!");
	expect(&e, "[].exists(a, a == 1) || ![].all(a, a == 1)", "false");
	expect(&e, "[1, 2].exists(a, [3, 4].exists(b, a + b == 6))", "true");
	expect(&e, "[1, 0].exists(a, 1 / a == 1)", "true");
	expect(&e, "[1, 0].exists(a, 1 / a == 2)", "?");
	expect(&e, "ancestors.exists(a, a.comm == 'login' && a.uid == 0)", "true");
	expect(&e, "ancestors.map(a, a.pid)", "50");
	expect(&e, "ancestors[0].comm", "login");
}

static void names(void **state)
{
	static const char *const shells[] = { "/bin/sh", "/usr/bin/ls" }, *const held[] = { "target", "path" };
	const struct hawk_cel_list lists[] = { { "SHELLS", shells, 2 } };
	struct hawk_cel_variable variables[2] = { { .name = "shell" }, { .name = "both" } };
	struct hawk_event e = make_event("file_open");

	(void)state;
	only("file_open");
	scope.lists = lists;
	scope.n_lists = 1;
	variables[0].expr = compiled("process.exe in SHELLS && argv.exists(a, a == '-l')");
	scope.variables = variables;
	scope.n_variables = 1;
	variables[1].expr = compiled("shell && [1].all(x, shell)");
	scope.n_variables = 2;
	scope.captures = held;
	scope.n_captures = 2;
	captures[0] = (struct hawk_cel_value){ .type = HAWK_CEL_INT, .named = HAWK_T_MAX, .i = 100 };
	captures[1] = (struct hawk_cel_value){ .type = HAWK_CEL_UNKNOWN };
	expect(&e, "shell && [2].exists(y, y == 2 && both)", "true");
	expect(&e, "captured.target == pid && !has(captured.path)", "true");
	expect(&e, "captured.path == 'x'", "?");
	refused("captured.tarjet == 1", 1, "did you mean captured.target");
	refused("process.exe in SHELS", 16, "did you mean SHELLS");
	hawk_cel_free((struct hawk_cel *)(uintptr_t)variables[0].expr);
	hawk_cel_free((struct hawk_cel *)(uintptr_t)variables[1].expr);
	memset(&scope, 0, sizeof(scope));
}

static void refusals(void **state)
{
	(void)state;
	only("file_open,ptrace");
	refused("data.pathnam == '/x'", 1, "did you mean data.pathname");
	refused("pathname == '/x'", 1, "did you mean data.pathname");
	refused("uid == 0 &&\n data.module == 'x'", 2, "none of these");
	refused("proces.exe == 'x'", 1, "there is no field");
	refused("process.exee == 'x'", 1, "did you mean process.exe");
	refused("data.request == 'PTRACE_TRACEM'", 17, "did you mean PTRACE_TRACEME");
	refused("data.flags.has('O_CRAET')", 16, "did you mean O_CREAT");
	refused("data.request.has('X')", 14, "this field has no flags");
	refused("uid == 'root'", 8, "does not fit this field");
	refused("process.exe == 5", 13, "is never compared with");
	refused("process.exe && true", 9, "expected a truth value beside &&, not text");
	refused("uid = 0", 5, "expected ==");
	refused("uid == 0 & true", 10, "expected &&");
	refused("process.exe.startWith('x')", 13, "did you mean startsWith");
	refused("process.exe.matches('(')", 21, "expected a regular expression");
	refused("process.exe.matches(comm)", 21, "takes a regular expression in quotes");
	refused("startsWith('x')", 1, "takes 2 arguments");
	refused("process.exe == 'x", 16, "the text has no end");
	refused("(1", 3, "expected an operator or )");
	refused("", 1, "expected a value, not the end");
	refused("1 2", 3, "expected an operator or the end");
	refused("9223372036854775808", 1, "too large");
	refused("event == 'file_opn'", 10, "did you mean file_open");
	refused("argv.exists(a, a)", 16, "as the condition");
	refused("uid == null", 5, "nothing is null");
	refused("ancestors.exists(a, a.commm == 'x')", 23, "did you mean .comm");
	refused("{'a': 1}", 1, "maps");
}

static void bounds(void **state)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_event e = make_event("file_open");
	struct hawk_cel_input in = input(&e);
	struct hawk_cel *cel;

	(void)state;
	only(NULL);
	for (int i = 0; i < 40; i++)
		hawk_buf_putc(&text, '(');
	refused(hawk_buf_str(&text), 33, "nested more than");
	hawk_buf_reset(&text);
	hawk_buf_puts(&text, "1");
	for (int i = 0; i < 200; i++)
		hawk_buf_puts(&text, "+1");
	refused(hawk_buf_str(&text), 144, "deep");
	/* 30 * 30 * 30 steps and more */
	cel = compiled("'1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0'.split(',').all(a, "
		       "'1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0'.split(',').all(b, "
		       "'1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0'.split(',').all(c, true)))");
	in.arena->used = in.arena->exhausted = 0;
	assert_false(hawk_cel_test(cel, &in));
	assert_int_equal(in.arena->exhausted, 1);
	assert_int_equal(in.arena->used, 0);
	hawk_cel_free(cel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals),  cmocka_unit_test(three_values), cmocka_unit_test(fields),
		cmocka_unit_test(addresses), cmocka_unit_test(functions),    cmocka_unit_test(macros),
		cmocka_unit_test(names),     cmocka_unit_test(refusals),     cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests_name("cel", tests, NULL, NULL);
}
