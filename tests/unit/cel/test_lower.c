/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What follows from expressions as predicates of ir. */
#include "tests/unit/cel/fixture.h"

static void conditions(void **state)
{
	(void)state;
	only("file_open");
	lowers("data.pathname == '/etc/passwd'", "data.pathname=/etc/passwd", true);
	lowers("!(data.pathname == '/etc/passwd')", "data.pathname!=/etc/passwd", true);
	lowers("'a b' != data.pathname", "data.pathname!=\"a b\"", true);
	lowers("data.pathname.startsWith('/etc/')", "data.pathname=/etc/*", true);
	lowers("!data.pathname.endsWith('.so')", "data.pathname!=*.so", true);
	lowers("data.pathname.contains('/.')", "data.pathname=*/.*", true);
	lowers("data.pathname.glob('/etc/*.d/[a-c]?')", "data.pathname=/etc/*.d/[a-c]?", true);
	lowers("data.pathname.matches('^/(a|b)')", "data.pathname~=\"^/(a|b)\"", true);
	lowers("comm in ['sh', 'bash']", "process.comm=bash|sh", true);
	lowers("!(comm in ['sh', 'bash'])", "process.comm!=bash|sh", true);
	lowers("uid == 0 && process.loginuid != -1", "process.uid=0 AND process.loginuid!=4294967295", true);
	lowers("1000 <= uid", "process.uid>=1000", true);
	lowers("!(uid < 1000)", "process.uid>=1000", true);
	lowers("uid > -5", "", false);
	lowers("uid != -5", "", false);
	lowers("data.flags.has('O_CREAT|O_EXCL')", "data.flags=O_CREAT|O_EXCL", true);
	lowers("!data.flags.any('O_CREAT|O_EXCL')", "data.flags!&O_CREAT|O_EXCL", true);
	lowers("data.flags == 'O_WRONLY'", "data.flags==1", true);
	lowers("opened_for_write(data.flags)", "(data.flags=O_WRONLY OR data.flags=O_RDWR) AND data.flags!=O_PATH", true);
	lowers("!opened_for_read(data.flags)", "data.flags=O_PATH OR data.flags!=O_RDONLY AND data.flags!=O_RDWR",
	       true);
	lowers("has(data.pathname)", "data.pathname=*", true);
	lowers("!has(data.pathname)", "NOT data.pathname=*", true);
	lowers("basename(process.exe) == 'sh'", "process.exe=sh|*/sh", true);
	lowers("!(basename(process.exe) in ['a', 'b'])", "process.exe!=a|b|*/a|*/b", true);
	lowers("basename(process.exe) == 'a/b'", "", false);
	lowers("'-c' in argv", "process.argv=-c", true);
	lowers("!('-c' in argv)", "process.argv!=-c", true);
	lowers("argv.exists(a, a.startsWith('-') || a == 'x')", "process.argv=-* OR process.argv=x", true);
	lowers("argv.exists(a, a.startsWith('-') && a.endsWith('x'))", "process.argv=-* AND process.argv=*x", false);
	lowers("!argv.exists(a, a == 'x')", "NOT process.argv=x", false);
	lowers("argv.all(a, a != 'x')", "NOT process.argv=x", false);
	lowers("!argv.all(a, a != 'x')", "process.argv=x", true);
	lowers("argv.exists(a, a != 'x')", "", false);
	lowers("argv.exists_one(a, a == 'x')", "process.argv=x", false);
	lowers("!argv.exists_one(a, a == 'x')", "", false);
	lowers("ancestors.exists(a, a.comm == 'sshd')", "ancestor.comm=sshd", true);
	lowers("ancestors.exists(a, a.uid < 1000)", "ancestor.uid<1000", true);
	lowers("!ancestors.exists(a, a.comm in ['b', 'a'])", "NOT ancestor.comm=a|b", false);
	lowers("ancestors.exists(a, basename(a.exe) == 'sshd')", "ancestor.exe=sshd|*/sshd", true);
	lowers("tree(5)", "tree=5", true);
	lowers("container.id != ''", "process.container_id=*", true);
	lowers("container.id == ''", "NOT process.container_id=*", true);
	lowers("container.id != 'a'", "NOT process.container_id=a", true);
	lowers("container.started", "process.container_id=*", false);
	lowers("container.runtime", "process.container_id=*", false);
	lowers("container.age < '5s'", "process.container_id=*", false);
	lowers("process.new", "process.new=true", true);
	lowers("!process.new", "process.new=false", true);
	lowers("event in ['file_open', 'open']", "event=file_open|open", true);
}

static void joints(void **state)
{
	(void)state;
	only("file_open,ptrace,security_socket_connect");
	lowers("uid == 0 || comm == 'x' && first_seen(uid)", "process.uid=0 OR process.comm=x", false);
	lowers("uid == 0 || first_seen(uid)", "", false);
	lowers("uid == 0 && first_seen(uid)", "process.uid=0", false);
	lowers("!(uid == 0 || comm == 'x')", "process.uid!=0 AND process.comm!=x", true);
	lowers("!(uid == 0 && comm == 'x')", "process.uid!=0 OR process.comm!=x", true);
	lowers("uid == 0 ? comm == 'a' : comm == 'b'",
	       "process.uid=0 AND process.comm=a OR process.uid!=0 AND process.comm=b", true);
	lowers("true", "", true);
	lowers("false", "", false);
	lowers("lower(comm) == 'x'", "", false);
	lowers("data.remote_addr == '/run/docker.sock'", "data.remote_addr=/run/docker.sock", false);
	lowers("cidr(data.remote_addr.sin_addr, '10.0.0.0/8', '::1')", "data.remote_addr.sin_addr=10.0.0.0/8|::1", true);
	lowers("data.remote_addr.sin_port == 443", "data.remote_addr.sin_port=443", true);
	lowers("data.remote_addr.sin_port != 70000", "", false);
	lowers("data.request == 'PTRACE_ATTACH'", "data.request=16", true);
	lowers("data.request in ['PTRACE_ATTACH', 'PTRACE_SEIZE']", "data.request=16|16902", true);
}

static void variables(void **state)
{
	struct hawk_cel_variable variable = { .name = "shell" };

	(void)state;
	only(NULL);
	variable.expr = compiled("comm == 'sh' || uid == 0");
	scope.variables = &variable;
	scope.n_variables = 1;
	lowers("shell && pid == 1", "(process.comm=sh OR process.uid=0) AND process.pid=1", true);
	lowers("!shell", "process.comm!=sh AND process.uid!=0", true);
	hawk_cel_free((struct hawk_cel *)(uintptr_t)variable.expr);
	memset(&scope, 0, sizeof(scope));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions), cmocka_unit_test(joints), cmocka_unit_test(variables),
	};

	return cmocka_run_group_tests_name("cel/lower", tests, NULL, NULL);
}
