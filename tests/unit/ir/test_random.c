/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random expressions: printed and parsed again they mean the same; none is true for an event it denies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/ir/ir.h"
#include "tests/lib/xorshift.h"

#define EXPRESSIONS 10000
#define EVENTS 64

static uint64_t rng_state;

static size_t below(size_t n)
{
	return random_next(&rng_state) % n;
}

static const char *const texts[] = {
	"0", "1", "5", "100", "1000", "4294967295", "-1", "-EPERM", "O_RDONLY", "O_RDWR", "O_CREAT",
	"memfd", "setuid", "CAP_SYS_ADMIN", "SIGKILL", "AF_INET", "PTRACE_TRACEME", "CLONE_NEWNS",
	"10.0.0.0/8", "10.1.2.3", "::/0", "2024-01-01T00:00:00Z", "5s", "0644", "true", "false",
	"/etc/passwd", "\"x y\"", "'a\"b'", "\"\\x01\\xff\"", "\"\"", "zsh", "ls", "ENOENT", "kill",
	"execve", "sched_process_exec", "proc", "fs", "*", "\"/e\"*", "*wd", "*s*", "host", "S_IFREG",
	"1..5", "..1000", "1000..", "-5..-1", "/e*p?ss[v-x]d", "[!a]*", "?s", "^/e", "'(s|d)$'",
};
static const char *const operators[] = {
	"=", "=", "=", "!=", "!=", "<", "<=", ">", ">=", "^=", "$=", " *= ", "~=", "!~", "&=", "!&", "==", "!==",
};
static const char *const joints[] = { " AND ", " OR ", " ", ", " };

static void put_field(struct hawk_buf *out)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n), *d = descs[below(n)];
	const char *process;

	switch (below(8)) {
	case 0:
		hawk_buf_puts(out, below(2) ? "event" : "set");
		return;
	case 1:
		hawk_buf_puts(out, below(2) ? "tree" : "time");
		return;
	case 2:
	case 3:
	case 4:
		process = hawk_process_field(below(hawk_process_fields()))->name;
		if (below(3) == 0)
			hawk_buf_printf(out, "%s.%s", below(2) ? "parent" : "ancestor", process + strlen("process."));
		else
			hawk_buf_puts(out, process + (below(2) ? strlen("process.") : 0));
		return;
	default:
		hawk_buf_printf(out, "data.%s", d->n_fields ? d->fields[below(d->n_fields)].name : "retval");
	}
}

static bool accepted(const char *text)
{
	struct hawk_ir_error e;
	struct hawk_ir *ir;

	if (hawk_ir_parse(&ir, text, &e) < 0)
		return false;
	hawk_ir_free(ir);
	return true;
}

/* A condition that passes the checks. */
static void put_condition(struct hawk_buf *out)
{
	struct hawk_buf one = HAWK_BUF_INIT;

	do {
		hawk_buf_reset(&one);
		put_field(&one);
		hawk_buf_puts(&one, operators[below(ARRAY_SIZE(operators))]);
		for (size_t more = below(4) ? 0 : below(4), i = 0; i <= more; i++) {
			hawk_buf_puts(&one, i ? "|" : "");
			hawk_buf_puts(&one, texts[below(ARRAY_SIZE(texts))]);
		}
	} while (!accepted(hawk_buf_str(&one)));
	hawk_buf_puts(out, hawk_buf_str(&one));
	hawk_buf_done(&one);
}

static void put_tree(struct hawk_buf *out, unsigned int depth)
{
	size_t kind = depth ? below(4) : 0;

	if (kind == 0) {
		put_condition(out);
	} else if (kind == 1) {
		hawk_buf_puts(out, "NOT (");
		put_tree(out, depth - 1);
		hawk_buf_putc(out, ')');
	} else {
		const char *joint = joints[below(ARRAY_SIZE(joints))];
		bool wrap = below(2);

		hawk_buf_puts(out, wrap ? "(" : "");
		for (size_t more = 1 + below(3), i = 0; i <= more; i++) {
			hawk_buf_puts(out, i ? joint : "");
			put_tree(out, depth - 1);
		}
		hawk_buf_puts(out, wrap ? ")" : "");
	}
}

/* Some bytes that the texts above are about. */
static struct hawk_value random_bytes(void)
{
	static const struct {
		const char *bytes;
		uint32_t len;
	} pool[] = {
		{ "/etc/passwd", 11 }, { "zsh", 3 },      { "", 0 },          { "x y", 3 },
		{ "\x01\xff", 2 },     { "ls\0-l\0", 6 }, { "a\"b\0zsh\0", 8 }, { "\2\0\0\x50\x0a\1\2\3", 8 },
		{ "\1\0/etc", 6 },     { "\1\0\0a", 4 },
	};
	size_t i = below(ARRAY_SIZE(pool));

	return (struct hawk_value){ .bytes = (const uint8_t *)pool[i].bytes, .len = pool[i].len };
}

static struct hawk_value random_value(enum hawk_type type)
{
	static const uint64_t numbers[] = { 0, 1, 2, 5, 9, 66, 100, 1000, 4294967295, 0x20000, 0x200000,
					    1704067200000000000, 5000000000, UINT64_MAX };
	static const uint8_t ips[2][16] = { { [10] = 0xff, 0xff, 10, 1, 2, 3 }, { [15] = 1 } };
	struct hawk_value v = { .u = numbers[below(ARRAY_SIZE(numbers))] };
	enum hawk_vclass class = hawk_type_desc(type)->vclass;

	if (class == HAWK_V_IP)
		v = (struct hawk_value){ .bytes = ips[below(2)], .len = 16 };
	else if (class == HAWK_V_BYTES || class == HAWK_V_STRV)
		v = random_bytes();
	v.flags = below(6) ? 0 : HAWK_VAL_ABSENT;
	return v;
}

static struct hawk_process processes[2];

static void random_process(struct hawk_process *p)
{
	struct hawk_value exe = random_bytes(), argv = random_bytes();

	*p = (struct hawk_process){ .task = { .pid = (int32_t)below(200),
					      .uid = (uint32_t)below(2) * 1000 } };
	memcpy(p->comm, below(2) ? "zsh" : "ls", 3);
	p->exe = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)exe.bytes, .len = exe.len };
	p->argv = (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)argv.bytes, .len = argv.len };
	p->task.cap_effective = below(2) ? UINT64_MAX : 0;
}

static struct hawk_event random_event(size_t *ret_row)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	struct hawk_event e = { .time = 7, .walltime = 1704067200000000000, .tid = (uint32_t)below(200) };

	*ret_row = below(n);
	e.desc = descs[*ret_row];
	for (size_t i = 0; i < e.desc->n_fields; i++)
		e.data[i] = random_value(e.desc->fields[i].type);
	random_process(&processes[0]);
	random_process(&processes[1]);
	e.process = &processes[0];
	e.parent = below(4) ? &processes[1] : NULL;
	return e;
}

static bool in_tree(void *ctx, const struct hawk_process *p, uint32_t ancestor)
{
	(void)ctx;
	return (uint32_t)p->task.pid >= ancestor;
}

static const struct hawk_ir_env env = { .in_tree = in_tree };

/* Checks one text. Returns false when the parser refuses it (a part that is never true, or too much). */
static bool check(const char *text, size_t *n_true)
{
	struct hawk_buf first = HAWK_BUF_INIT, second = HAWK_BUF_INIT;
	uint64_t bits[HAWK_EVENT_ID_MAX / 64] = { 0 };
	struct hawk_ir *a, *b;
	struct hawk_ir_error e;
	bool restricts;

	if (hawk_ir_parse(&a, text, &e) < 0) {
		if (!strstr(e.message, "never true") && !strstr(e.message, "nested") && !strstr(e.message, "more than"))
			fail_msg("%s\n%u:%u: %s", text, e.line, e.column, e.message);
		return false;
	}
	assert_int_equal(hawk_ir_print(a, &first), 0);
	if (hawk_ir_parse(&b, hawk_buf_str(&first), &e) < 0)
		fail_msg("%s\n%s\n%u:%u: %s", text, hawk_buf_str(&first), e.line, e.column, e.message);
	assert_int_equal(hawk_ir_print(b, &second), 0);
	assert_string_equal(hawk_buf_str(&first), hawk_buf_str(&second));
	restricts = hawk_ir_events(a, bits);
	for (size_t i = 0; i < EVENTS; i++) {
		size_t row;
		struct hawk_event event = random_event(&row);
		bool is = hawk_ir_eval(a, &event, &env);

		if (is != hawk_ir_eval(b, &event, &env))
			fail_msg("%s\nand %s differ", text, hawk_buf_str(&first));
		if (is && restricts && !(bits[row / 64] >> row % 64 & 1))
			fail_msg("%s\nis true for %s, which is not among its events", text, event.desc->name);
		*n_true += is;
	}
	hawk_ir_free(a);
	hawk_ir_free(b);
	hawk_buf_done(&first);
	hawk_buf_done(&second);
	return true;
}

/* A tree of at most two levels that the parser takes. */
static struct hawk_ir *random_tree(void)
{
	struct hawk_ir *ir = NULL;
	struct hawk_ir_error e;

	while (!ir) {
		struct hawk_buf text = HAWK_BUF_INIT;

		put_tree(&text, (unsigned int)below(3));
		if (hawk_ir_parse(&ir, hawk_buf_str(&text), &e) < 0)
			ir = NULL;
		hawk_buf_done(&text);
	}
	return ir;
}

/* A join is true when all of its parts are, or any; its parts are free to go. */
static void joins(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXPRESSIONS / 10; i++) {
		struct hawk_ir *parts[4], *all, *any;
		size_t n = 1 + below(ARRAY_SIZE(parts));

		for (size_t k = 0; k < n; k++)
			parts[k] = random_tree();
		assert_int_equal(hawk_ir_join(&all, (const struct hawk_ir *const *)parts, n, true), 0);
		assert_int_equal(hawk_ir_join(&any, (const struct hawk_ir *const *)parts, n, false), 0);
		for (size_t k = 0; k < EVENTS; k++) {
			size_t row, n_true = 0;
			struct hawk_event event = random_event(&row);

			for (size_t p = 0; p < n; p++)
				n_true += hawk_ir_eval(parts[p], &event, &env);
			assert_int_equal(hawk_ir_eval(all, &event, &env), n_true == n);
			assert_int_equal(hawk_ir_eval(any, &event, &env), n_true > 0);
		}
		while (n)
			hawk_ir_free(parts[--n]);
		hawk_ir_free(all);
		hawk_ir_free(any);
	}
}

static void round_trip(void **state)
{
	const char *wanted = getenv("HAWK_EXPRESSIONS");
	size_t n_true = 0, n = wanted ? strtoul(wanted, NULL, 0) : EXPRESSIONS, n_all = n * EVENTS;

	(void)state;
	rng_state = random_seed() * 2 + 1;
	for (size_t done = 0; done < n;) {
		struct hawk_buf text = HAWK_BUF_INIT;

		put_tree(&text, 1 + (unsigned int)below(3));
		done += check(hawk_buf_str(&text), &n_true);
		hawk_buf_done(&text);
	}
	/* Else the events would show nothing. */
	assert_true(n > 0);
	assert_true(n_true > n_all / 20 && n_true < n_all / 20 * 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(round_trip), cmocka_unit_test(joins) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
