/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine with signatures whose conditions are guards: what is found, by whom, when. */
#include "src/event/process.h"
#include "tests/unit/sig/fixture.h"

static struct hawk_sig_engine *engine_of(const struct hawk_sig_set *s)
{
	const struct hawk_sig_limits limits = { .state_bytes = 1024 * 1024 };
	struct hawk_sig_engine *e = NULL;

	assert_int_equal(hawk_sig_engine_new(&e, &limits), 0);
	hawk_sig_engine_use(e, s);
	told[0] = 0;
	return e;
}

static struct hawk_event file_open(const char *path)
{
	struct hawk_event e = make_event("file_open");

	put(&e, "pathname", path, strlen(path));
	return e;
}

/* Every kind of anchor finds, and only what its guard is true for. */
static void anchors(void **state)
{
	static const struct {
		const char *name, *guard, *yes, *no;
	} rows[] = {
		{ "exact", "data.pathname=/etc/shadow", "/etc/shadow", "/etc/shadow-" },
		{ "list", "data.pathname=/etc/a|/etc/b|*.key", "/x/y.key", "/etc/c" },
		{ "prefix", "data.pathname=/var/lib/dpkg/*", "/var/lib/dpkg/status", "/var/lib/dpk" },
		{ "short_prefix", "data.pathname=/q*", "/qq", "/r" },
		{ "suffix", "data.pathname=*/authorized_keys", "/root/.ssh/authorized_keys", "/authorized_keys2" },
		{ "contains", "data.pathname=*miner*", "/tmp/xminerd", "/tmp/mine" },
		{ "short_contains", "data.pathname=*zz*", "/tmp/azzb", "/tmp/az" },
		{ "glob", "data.pathname=/proc/*/mem", "/proc/17/mem", "/proc/17/maps" },
		{ "glob_middle", "data.pathname=*/secret/*/x?", "/a/secret/b/xy", "/a/secret/b/y" },
		{ "glob_set", "data.pathname=/dev/sd[a-c]", "/dev/sdb", "/dev/sdd" },
		{ "regex", "data.pathname~='^/opt/[0-9]+$'", "/opt/12", "/opt/x" },
		{ "either", "data.pathname=/one OR data.pathname=/two*", "/two2", "/tw" },
		{ "both", "uid=1000 data.pathname=/three", "/three", "/four" },
		{ "not", "NOT data.pathname=/n* data.pathname=*five", "/five", "/nfive" },
		{ "other_event", "event=ptrace OR data.pathname=/six", "/six", "/seven" },
	};
	struct made m[ARRAY_SIZE(rows)];
	struct hawk_sig_set *s;
	struct hawk_sig_engine *e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		make(&m[i], rows[i].name);
		add_step(&m[i], "file_open sched_process_exec", rows[i].guard);
	}
	s = set_of(m, ARRAY_SIZE(rows));
	e = engine_of(s);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct hawk_event yes = file_open(rows[i].yes), no = file_open(rows[i].no);

		look_at(e, &yes, (double)i);
		expect_told(rows[i].name);
		assert_string_equal(evidence, "file_open");
		look_at(e, &no, (double)i);
		expect_told("");
	}
	assert_int_equal(hawk_sig_engine_stats(e).found, ARRAY_SIZE(rows));
	assert_true(hawk_sig_set_wants(s, HAWK_EV_FILE_OPEN));
	assert_false(hawk_sig_set_wants(s, hawk_event_by_name("ptrace")->id));
	hawk_sig_engine_free(e);
	hawk_sig_set_free(s);
	unmake(m, ARRAY_SIZE(rows));
}

/* Numbers, lists and fields of the process; those without a condition. */
static void fields(void **state)
{
	struct made m[5];
	struct hawk_sig_set *s;
	struct hawk_sig_engine *e;
	struct hawk_event event = file_open("/x");
	const struct hawk_ir *guard;
	size_t n = 0;

	(void)state;
	make(&m[0], "inode");
	add_step(&m[0], "file_open", "data.inode=77|78");
	make(&m[1], "argv");
	add_step(&m[1], "file_open", "process.argv=-l");
	make(&m[2], "uid");
	add_step(&m[2], "file_open", "uid=0");
	make(&m[3], "all");
	add_step(&m[3], "file_open", NULL);
	make(&m[4], "pending");
	add_step(&m[4], "ptrace", NULL);
	m[4].sig.n_pending = 1;
	s = set_of(m, 5);
	e = engine_of(s);
	set(&event, "inode", (struct hawk_value){ .u = 78 });
	look_at(e, &event, 1);
	expect_told("inode argv all");
	set(&event, "inode", (struct hawk_value){ .u = 79 });
	look_at(e, &event, 2);
	expect_told("argv all");
	event = make_event("ptrace");
	look_at(e, &event, 3);
	expect_told("");
	assert_true(hawk_sig_set_guard(s, hawk_event_by_name("file_open"), n++, &guard));
	assert_null(guard);
	assert_false(hawk_sig_set_guard(s, hawk_event_by_name("file_open"), n, &guard));
	hawk_sig_engine_free(e);
	hawk_sig_set_free(s);
	unmake(m, 5);
}

/* What is inside of a value leads to a signature, too: ports and addresses of a socket. */
static void parts(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(4444) };
	struct hawk_event event = make_event("security_socket_connect");
	struct made m[3];
	struct hawk_sig_set *s;
	struct hawk_sig_engine *e;

	(void)state;
	make(&m[0], "port");
	add_step(&m[0], "security_socket_connect", "data.remote_addr.sin_port=4444|4445");
	make(&m[1], "address");
	add_step(&m[1], "security_socket_connect", "data.remote_addr.sin_addr=10.0.0.1");
	make(&m[2], "path");
	add_step(&m[2], "security_socket_connect", "data.remote_addr.sun_path=/run/docker.sock");
	s = set_of(m, 3);
	e = engine_of(s);
	put(&event, "remote_addr", &in, sizeof(in));
	look_at(e, &event, 1);
	expect_told("port");
	in.sin_port = htons(80);
	in.sin_addr.s_addr = htonl(0x0a000001);
	look_at(e, &event, 2);
	expect_told("address");
	hawk_sig_engine_free(e);
	hawk_sig_set_free(s);
	unmake(m, 3);
}

static void suppression(void **state)
{
	struct made m;
	struct hawk_sig_set *s;
	struct hawk_sig_engine *e;
	struct hawk_event event = file_open("/x");
	const struct hawk_bytes exe = process.exe;

	(void)state;
	make(&m, "noisy");
	add_step(&m, "file_open", NULL);
	m.sig.suppress = 10ULL * 1000000000;
	s = set_of(&m, 1);
	e = engine_of(s);
	look_at(e, &event, 1);
	look_at(e, &event, 2);
	look_at(e, &event, 10.9);
	expect_told("noisy");
	process.exe = (struct hawk_bytes){ .data = (uint8_t *)"/other", .len = 6 };
	look_at(e, &event, 10.9);
	expect_told("noisy");
	process.exe = exe;
	look_at(e, &event, 12);
	expect_told("noisy+2");
	look_at(e, &event, 23);
	expect_told("noisy");
	hawk_sig_engine_free(e);
	hawk_sig_set_free(s);
	unmake(&m, 1);
}

/* So many in any stretch of the time, not only since the first. */
static void thresholds(void **state)
{
	struct made m;
	struct hawk_sig_set *s;
	struct hawk_sig_engine *e;
	struct hawk_event event = file_open("/x");

	(void)state;
	make(&m, "three");
	add_step(&m, "file_open", NULL)->count = 3;
	m.sig.within = 10ULL * 1000000000;
	tie(&m, HAWK_SIG_BY_PROCESS);
	s = set_of(&m, 1);
	e = engine_of(s);
	look_at(e, &event, 1);
	look_at(e, &event, 10);
	look_at(e, &event, 12);
	expect_told("");
	look_at(e, &event, 19);
	expect_told("three");
	assert_string_equal(evidence, "file_open file_open file_open");
	look_at(e, &event, 19.5);
	look_at(e, &event, 19.6);
	process.task.pid = 101;
	look_at(e, &event, 19.7);
	expect_told("");
	process.task.pid = 100;
	look_at(e, &event, 19.8);
	expect_told("three");
	hawk_sig_engine_advance(e, 60ULL * 1000000000, NULL, tell, NULL);
	assert_int_equal(hawk_sig_engine_stats(e).instances, 0);
	hawk_sig_engine_free(e);
	hawk_sig_set_free(s);
	unmake(&m, 1);
}

static void sequences(void **state)
{
	struct made m[3];
	struct hawk_sig_set *s;
	struct hawk_sig_engine *e;
	struct hawk_event a = file_open("/a"), b = file_open("/b"), c = file_open("/c");

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		make(&m[i], i == 0 ? "abc" : i == 1 ? "any_order" : "absent");
		add_step(&m[i], "file_open", "data.pathname=/a");
		add_step(&m[i], "file_open", "data.pathname=/b");
		m[i].sig.within = 10ULL * 1000000000;
		tie(&m[i], HAWK_SIG_BY_PROCESS);
	}
	add_step(&m[0], "file_open", "data.pathname=/c");
	m[1].sig.unordered = true;
	m[2].steps[1].absent = true;
	s = set_of(m, 3);
	e = engine_of(s);
	look_at(e, &b, 1);
	look_at(e, &a, 2);
	expect_told("any_order");
	assert_string_equal(evidence, "file_open file_open");
	look_at(e, &b, 3);
	look_at(e, &c, 4);
	expect_told("abc");
	look_at(e, &a, 20);
	look_at(e, &c, 21);
	expect_told("");
	look_at(e, &c, 31);
	expect_told("absent");
	assert_int_equal(found_time, 30ULL * 1000000000);
	look_at(e, &b, 32);
	look_at(e, &c, 33);
	expect_told("");
	hawk_sig_engine_free(e);
	hawk_sig_set_free(s);
	unmake(m, 3);
}

/* A process tree: who did the first step, and those below. */
static void trees(void **state)
{
	struct made m;
	struct hawk_sig_set *s;
	struct hawk_sig_engine *e;
	struct hawk_event a = file_open("/a"), b = file_open("/b");

	(void)state;
	make(&m, "tree");
	add_step(&m, "file_open", "data.pathname=/a");
	add_step(&m, "file_open", "data.pathname=/b");
	m.sig.within = 10ULL * 1000000000;
	tie(&m, HAWK_SIG_BY_TREE);
	s = set_of(&m, 1);
	e = engine_of(s);
	a.process = &parent;
	a.parent = NULL;
	look_at(e, &a, 1);
	look_at(e, &b, 2);
	expect_told("tree");
	a.process = &process;
	b.process = &parent;
	b.parent = NULL;
	look_at(e, &a, 3);
	look_at(e, &b, 4);
	expect_told("");
	hawk_sig_engine_free(e);
	hawk_sig_set_free(s);
	unmake(&m, 1);
}

/* What has the same digest keeps its state, others do not. */
static void reload(void **state)
{
	struct made m[4];
	struct hawk_sig_set *s, *next;
	struct hawk_sig_engine *e;
	struct hawk_sig_counts counts;
	struct hawk_event a = file_open("/a"), b = file_open("/b");

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		make(&m[i], i % 2 ? "changes" : "stays");
		add_step(&m[i], "file_open", "data.pathname=/a");
		add_step(&m[i], "file_open", "data.pathname=/b");
		m[i].sig.within = 10ULL * 1000000000;
		m[i].sig.digest = i == 3 ? 6 : 5;
	}
	s = set_of(m, 2);
	e = engine_of(s);
	look_at(e, &a, 1);
	assert_int_equal(hawk_sig_engine_stats(e).instances, 2);
	next = set_of(m + 2, 2);
	hawk_sig_engine_use(e, next);
	hawk_sig_set_free(s);
	assert_int_equal(hawk_sig_engine_stats(e).instances, 1);
	look_at(e, &b, 2);
	expect_told("stays");
	assert_true(hawk_sig_engine_counts(e, "stays", &counts));
	assert_int_equal(counts.found, 1);
	assert_int_equal(counts.last, 2000000000);
	assert_false(hawk_sig_engine_counts(e, "gone", &counts));
	hawk_sig_engine_free(e);
	hawk_sig_set_free(next);
	unmake(m, 4);
}

/* Who makes state without end takes its own, not that of others; and never more than the budget. */
static void budget(void **state)
{
	struct made m[2];
	struct hawk_sig_set *s;
	struct hawk_sig_engine *e;
	struct hawk_event a = file_open("/a"), b = file_open("/b"), c = file_open("/c");

	(void)state;
	make(&m[0], "quiet");
	add_step(&m[0], "file_open", "data.pathname=/a");
	make(&m[1], "flooded");
	add_step(&m[1], "file_open", "data.pathname=/c");
	for (size_t i = 0; i < 2; i++) {
		add_step(&m[i], "file_open", "data.pathname=/b");
		m[i].sig.within = 3600ULL * 1000000000;
		tie(&m[i], HAWK_SIG_BY_PROCESS);
	}
	s = set_of(m, 2);
	e = engine_of(s);
	look_at(e, &a, 1);
	for (int i = 0; i < 20000; i++) {
		process.task.pid = 1000 + i;
		look_at(e, &c, 2);
		assert_true(hawk_sig_engine_stats(e).bytes <= 1024 * 1024);
	}
	assert_true(hawk_sig_engine_stats(e).evicted > 1000);
	process.task.pid = 100;
	expect_told("");
	look_at(e, &b, 3);
	expect_told("quiet");
	hawk_sig_engine_free(e);
	hawk_sig_set_free(s);
	unmake(m, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anchors),
		cmocka_unit_test(fields),
		cmocka_unit_test(parts),
		cmocka_unit_test(suppression),
		cmocka_unit_test(thresholds),
		cmocka_unit_test(sequences),
		cmocka_unit_test(trees),
		cmocka_unit_test(reload),
		cmocka_unit_test(budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
