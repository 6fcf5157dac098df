/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What expressions ask beyond the event, outputs of findings, templates, hashes. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tests/unit/cel/fixture.h"

static bool in_tree(void *ctx, const struct hawk_process *p, uint32_t ancestor)
{
	(void)ctx;
	return (uint32_t)p->task.pid == ancestor;
}

static bool dns_name(void *ctx, const uint8_t address[16], size_t i, const char **ret, size_t *ret_len)
{
	static const char *const names[] = { "evil.example", "other.example" };

	(void)ctx;
	if (address[12] != 10 || i >= 2)
		return false;
	*ret = names[i];
	*ret_len = strlen(names[i]);
	return true;
}

static uint64_t started;
static bool runtime;

static bool container(void *ctx, const struct hawk_process *p, struct hawk_model_container *ret)
{
	(void)ctx;
	*ret = (struct hawk_model_container){ .started = started, .runtime = runtime };
	return p->container_id.len;
}

static bool package(void *ctx, const struct hawk_process *p, const uint8_t *path, size_t len,
		    struct hawk_model_package *ret)
{
	(void)ctx;
	(void)p;
	*ret = (struct hawk_model_package){ .name = "coreutils", .state = HAWK_ORIGIN_INTACT };
	if (len > 4 && memcmp(path, "/tmp", 4) == 0)
		ret->name[0] = '\0';
	return path[0] == '/';
}

static int stdio_socket(void *ctx, const struct hawk_process *p, unsigned int fd, char *out, size_t size)
{
	(void)ctx;
	(void)p;
	return fd == 0 ? snprintf(out, size, "10.0.0.1:4444") : fd == 1 ? 0 : -ENODATA;
}

static int connection(void *ctx, const struct hawk_process *p, char *out, size_t size)
{
	(void)ctx;
	return p->task.pid == 99 ? snprintf(out, size, "10.0.0.2:443") : -ENODATA;
}

static const struct hawk_model answers = {
	.env.in_tree = in_tree, .dns_name = dns_name, .container = container, .package = package,
	.stdio_socket = stdio_socket, .connection = connection,
};

static void questions(void **state)
{
	static const char *const sources[] = {
		"tree(100)", "dns_names('10.0.0.1')", "package('/x')", "stdio_socket(0)", "ancestor_connection(1)",
		"first_seen(1)",
	};
	struct hawk_event e = make_event("file_open");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		struct hawk_cel *cel = compiled(sources[i]);

		expect(&e, sources[i], "?"); /* nobody answers */
		assert_true(hawk_cel_impure(cel));
		hawk_cel_free(cel);
	}
	model = &answers;
	expect(&e, "tree(100) && !tree(5)", "true");
	expect(&e, "dns_names('10.0.0.1')", "evil.example other.example");
	expect(&e, "dns_names('11.0.0.1')", "");
	expect(&e, "dns_names('10.0.0.1').exists(n, n.endsWith('evil.example'))", "true");
	expect(&e, "package(process.exe) + ' ' + package_state(process.exe)", "coreutils intact");
	expect(&e, "package('/tmp/x') == '' && package_state('/tmp/x') == 'none'", "true");
	expect(&e, "package('x') != 'y'", "?");
	expect(&e, "stdio_socket(0).startsWith('10.') && stdio_socket(1) == ''", "true");
	parent.task.pid = 99;
	expect(&e, "ancestor_connection(1) == '10.0.0.2:443'", "true");
	expect(&e, "ancestor_connection(0) == '' || ancestor_connection(5) == ''", "?");
	expect(&e, "stdio_socket(2) == '' || stdio_socket(3) == ''", "?");
}

static void set_data(struct hawk_event *e, const char *name, struct hawk_value v)
{
	const int field = hawk_event_field(e->desc, name);

	assert_true(field >= 0);
	e->data[field] = v;
}

/* What the kernel saw at an exec is not asked for. */
static void stdio_of_exec(void **state)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(4444), .sin_addr.s_addr = htonl(0x0a000001) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(22), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in6 mapped = { .sin6_family = AF_INET6, .sin6_port = htons(80) };
	const struct sockaddr_un local = { .sun_family = AF_UNIX, .sun_path = "/run/x" };
	const struct hawk_value is_socket = { .u = S_IFSOCK }, is_pipe = { .u = S_IFIFO };
	struct hawk_event e = make_event("sched_process_exec");

	(void)state;
	model = &answers;
	expect(&e, "stdio_socket(0)", "10.0.0.1:4444"); /* the record does not say: the model is asked */
	memcpy(&mapped.sin6_addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x02", 16);
	model = NULL;
	set_data(&e, "stdin_type", is_socket);
	expect(&e, "stdio_socket(0)", "?");
	set_data(&e, "stdin_addr", (struct hawk_value){ .bytes = (uint8_t *)&v4, .len = sizeof(v4) });
	expect(&e, "stdio_socket(0)", "10.0.0.1:4444");
	set_data(&e, "stdin_addr", (struct hawk_value){ .bytes = (uint8_t *)&mapped, .len = sizeof(mapped) });
	expect(&e, "stdio_socket(0)", "10.0.0.2:80");
	set_data(&e, "stdout_type", is_socket);
	set_data(&e, "stdout_addr", (struct hawk_value){ .bytes = (uint8_t *)&v6, .len = sizeof(v6) });
	expect(&e, "stdio_socket(1)", "[::1]:22");
	set_data(&e, "stderr_type", is_socket);
	set_data(&e, "stderr_addr", (struct hawk_value){ .bytes = (uint8_t *)&local,
							  .len = offsetof(struct sockaddr_un, sun_path) + 6 });
	expect(&e, "stdio_socket(2)", "unix:/run/x");
	set_data(&e, "stderr_addr", (struct hawk_value){ .bytes = (uint8_t *)&local, .len = 2 });
	expect(&e, "stdio_socket(2)", "unix:");
	set_data(&e, "stderr_type", is_pipe);
	expect(&e, "stdio_socket(2) == ''", "true");
	expect(&e, "stdio_socket(3)", "?");
	model = &answers;
}

static void containers(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	expect(&e, "container.id == '' && !container.started && !container.entry && !container.runtime", "true");
	expect(&e, "container.id.glob('') && container.id.endsWith('') && container.id.contains('')", "true");
	expect(&e, "container.age < '5s'", "?");
	process.container_id = (struct hawk_bytes){ .data = (uint8_t *)"abc", .len = 3 };
	started = e.time - 2000000000 / 4;
	expect(&e, "container.id == 'abc' && container.started && container.entry", "true");
	expect(&e, "container.age", "0.5s");
	started = e.time;
	expect(&e, "container.started", "false");
	started = 0;
	expect(&e, "container.started", "?");
	expect(&e, "!container.started", "?");
	expect(&e, "container.runtime", "false");
	runtime = true;
	expect(&e, "container.runtime", "true");
	expect(&e, "container.age > duration('0s')", "?");
	parent.container_id = process.container_id;
	expect(&e, "container.entry", "true"); /* the parent is of a runtime */
	runtime = false;
	expect(&e, "container.entry", "false");
	process.container_id = parent.container_id = (struct hawk_bytes){ .len = 0 };
}

static uint64_t seen[8];
static size_t n_seen;

static bool first_seen(void *ctx, uint64_t hash)
{
	(void)ctx;
	for (size_t i = 0; i < n_seen; i++)
		if (seen[i] == hash)
			return false;
	seen[n_seen++] = hash;
	return true;
}

static bool test_seen(const struct hawk_event *e, const char *source)
{
	struct hawk_cel *cel = compiled(source);
	struct hawk_cel_input in = input(e);
	bool r;

	in.first_seen = first_seen;
	r = hawk_cel_test(cel, &in);
	hawk_cel_free(cel);
	return r;
}

static void marks(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	assert_true(test_seen(&e, "first_seen(uid, process.exe)"));
	assert_false(test_seen(&e, "first_seen(uid, process.exe)"));
	assert_true(test_seen(&e, "first_seen(process.exe, uid)"));
	assert_int_equal(n_seen, 2);
	/* what is not known is not seen, and neither is what the rest has refused */
	assert_false(test_seen(&e, "first_seen(data.pathname)"));
	assert_false(test_seen(&e, "data.pathname == '/x' && first_seen(1)"));
	assert_false(test_seen(&e, "!(data.pathname == '/x' && first_seen(1))"));
	assert_int_equal(n_seen, 2);
}

static void hashes(void **state)
{
	const struct hawk_cel_value i = { .type = HAWK_CEL_INT, .i = 5 }, u = { .type = HAWK_CEL_UINT, .u = 5 },
				    d = { .type = HAWK_CEL_DOUBLE, .d = 5 }, s = { .type = HAWK_CEL_STRING, TEXT("5") },
				    n = { .type = HAWK_CEL_INT, .i = -1 }, m = { .type = HAWK_CEL_UINT, .u = UINT64_MAX };

	(void)state;
	assert_int_equal(hawk_cel_hash(&i, 1), hawk_cel_hash(&u, 1));
	assert_int_equal(hawk_cel_hash(&i, 1), hawk_cel_hash(&d, 1));
	assert_int_not_equal(hawk_cel_hash(&i, 1), hawk_cel_hash(&i, 2));
	assert_int_not_equal(hawk_cel_hash(&i, 1), hawk_cel_hash(&s, 1));
	assert_int_not_equal(hawk_cel_hash(&n, 1), hawk_cel_hash(&m, 1));
}

static void prints(const struct hawk_event *e, const char *source, const char *want)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	struct hawk_cel_input in = input(e);
	struct hawk_cel_template *t = NULL;
	struct hawk_cel_error error;

	if (hawk_cel_template_compile(&t, source, strlen(source), &scope, &error) < 0)
		fail_msg("%s\n%u:%u: %s", source, error.line, error.column, error.message);
	hawk_cel_template_print(t, &in, &out);
	assert_string_equal(hawk_buf_str(&out), want);
	hawk_cel_template_free(t);
}

static void no_template(const char *source, unsigned int line, unsigned int column, const char *want)
{
	struct hawk_cel_template *t;
	struct hawk_cel_error e;

	assert_int_equal(hawk_cel_template_compile(&t, source, strlen(source), &scope, &e), -EINVAL);
	if (!strstr(e.message, want) || e.line != line || e.column != column)
		fail_msg("%s\n%u:%u: %s", source, e.line, e.column, e.message);
}

static void templates(void **state)
{
	struct hawk_event e = make_event("file_open");

	(void)state;
	put(&e, "pathname", "/a\xff", 3);
	set(&e, "flags", (struct hawk_value){ .u = O_WRONLY });
	prints(&e, "{process.exe} (pid {pid}) opened {data.pathname}: {data.flags}",
	       "/usr/bin/ls (pid 100) opened /a\xff: O_WRONLY");
	prints(&e, "{{{comm + '}'}}} {data.inode} {argv}", "{zsh}} ? ls -l");
	prints(&e, "plain", "plain");
	prints(&e, "{ancestors} {time}", "login (pid 50) 2023-11-14T22:13:21.000000000Z");
	no_template("{comm", 1, 1, "has no end");
	no_template("a } b", 1, 3, "there is no {");
	no_template("a\n b {com}", 2, 5, "did you mean comm");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions), cmocka_unit_test(stdio_of_exec), cmocka_unit_test(containers),
		cmocka_unit_test(marks),     cmocka_unit_test(hashes),        cmocka_unit_test(templates),
	};

	return cmocka_run_group_tests_name("cel/model", tests, NULL, NULL);
}
