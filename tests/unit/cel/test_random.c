/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random expressions over random events: what follows from one is true whenever it is, and only then when it says so. */
#include "tests/lib/xorshift.h"
#include "tests/unit/cel/fixture.h"

#define EXPRESSIONS 6000
#define EVENTS 48

static uint64_t rng_state;

static size_t below(size_t n)
{
	return random_next(&rng_state) % n;
}

/* Subjects by what is compared with them. */
static const char *const texts[] = {
	"data.pathname", "process.exe", "comm", "parent.comm", "container.id", "data.remote_addr", "event",
	"data.remote_addr.sun_path", "parent.exe", "data.new_pathname",
};
static const char *const numbers[] = {
	"uid", "process.loginuid", "parent.uid", "data.flags", "data.remote_addr.sin_port", "data.request", "data.mode",
	"data.signal", "data.inode_mode", "process.exec_flags", "data.exit_code", "data.type", "data.dst_port", "data.fd",
};
static const char *const addresses[] = { "data.dst", "data.src", "data.remote_addr", "data.remote_addr.sin_addr" };
static const char *const lists[] = { "argv", "data.argv", "data.env", "policies" };
static const char *const words[] = {
	"'/etc/passwd'", "'zsh'", "'ls'", "''", "'x y'", "'passwd'", "'-l'", "'/etc'", "'a\"b'", "b'\\x01\\xff'", "'@'",
	"'10.1.2.3'", "'10.0.0.0/8'", "'file_open'", "'ptrace'", "'/'", "'cont'",
};
static const char *const values[] = {
	"0", "1", "2", "5", "-1", "1000", "4294967295", "70000", "1u", "'O_WRONLY'", "'O_CREAT|O_RDWR'", "443",
	"'PTRACE_ATTACH'", "'SIGKILL'", "0x20000", "'AF_INET'", "3.5", "-5",
};
static const char *const flags[] = { "'O_WRONLY'", "'O_RDONLY'", "'O_CREAT|O_EXCL'", "'0x41'", "'0'", "'O_RDWR|O_CREAT'" };
static const char *const patterns[] = {
	"startsWith(", "endsWith(", "contains(", "glob(", "matches(",
};
static const char *const forms[] = { "'/etc/*'", "'?sh'", "'[a-z]*'", "'*'", "'^/e'", "'(s|d)$'", "'l'", "'/e*p?ss*'" };

#define ONE_OF(list) list[below(ARRAY_SIZE(list))]

static void put_text(struct hawk_buf *out, const char *subject)
{
	switch (below(5)) {
	case 0:
		hawk_buf_printf(out, "%s %s %s", subject, below(2) ? "==" : "!=", ONE_OF(words));
		break;
	case 1:
		hawk_buf_printf(out, "%s in [%s, %s]", subject, ONE_OF(words), ONE_OF(words));
		break;
	case 2:
		hawk_buf_printf(out, "basename(%s) %s %s", subject, below(2) ? "==" : "!=", ONE_OF(words));
		break;
	case 3:
		hawk_buf_printf(out, "%s < %s", subject, ONE_OF(words));
		break;
	default:
		hawk_buf_printf(out, "%s.%s%s)", subject, ONE_OF(patterns), below(2) ? ONE_OF(forms) : ONE_OF(words));
	}
}

static void put_number(struct hawk_buf *out, const char *subject)
{
	static const char *const signs[] = { "==", "!=", "<", "<=", ">", ">=" };

	switch (below(6)) {
	case 0:
		hawk_buf_printf(out, "%s in [%s, %s]", subject, ONE_OF(values), ONE_OF(values));
		break;
	case 1:
		hawk_buf_printf(out, "%s.%s(%s)", subject, below(2) ? "has" : "any", ONE_OF(flags));
		break;
	case 2:
		hawk_buf_printf(out, "opened_for_%s(%s)", below(2) ? "read" : "write", subject);
		break;
	case 3:
		hawk_buf_printf(out, "%s %s %s", ONE_OF(values), ONE_OF(signs), subject);
		break;
	default:
		hawk_buf_printf(out, "%s %s %s", subject, ONE_OF(signs), ONE_OF(values));
	}
}

static void put_tree(struct hawk_buf *out, unsigned int depth, const char *item);

static void put_list(struct hawk_buf *out, unsigned int depth)
{
	static const char *const macros[] = { "exists", "exists_one", "all" };

	switch (below(3)) {
	case 0:
		hawk_buf_printf(out, "%s in %s", ONE_OF(words), ONE_OF(lists));
		break;
	case 1:
		hawk_buf_printf(out, "%s.%s(i, ", ONE_OF(lists), ONE_OF(macros));
		put_tree(out, depth > 1 ? 1 : 0, "i");
		hawk_buf_putc(out, ')');
		break;
	default:
		hawk_buf_printf(out, "ancestors.%s(i, ", ONE_OF(macros));
		put_tree(out, depth > 1 ? 1 : 0, "i.");
		hawk_buf_putc(out, ')');
	}
}

static void put_leaf(struct hawk_buf *out, unsigned int depth, const char *item)
{
	char name[32];

	if (item && below(4)) {
		bool member = item[1] == '.';
		bool number = member && below(2);

		snprintf(name, sizeof(name), "%s%s", item, !member ? "" : number ? "uid" : below(2) ? "comm" : "exe");
		(number ? put_number : put_text)(out, name);
		return;
	}
	switch (below(8)) {
	case 0:
		hawk_buf_printf(out, "has(%s)", below(2) ? ONE_OF(texts) : ONE_OF(numbers));
		break;
	case 1:
		hawk_buf_printf(out, "cidr(%s, '10.0.0.0/8', '::1')", ONE_OF(addresses));
		break;
	case 2:
		hawk_buf_printf(out, below(2) ? "private(%s)" : "%s == '10.1.2.3'", ONE_OF(addresses));
		break;
	case 3:
		hawk_buf_puts(out, below(3) == 0 ? "tree(50)" : below(2) ? "process.new" : "container.started");
		break;
	case 4:
		put_list(out, depth);
		break;
	case 5:
		put_number(out, ONE_OF(numbers));
		break;
	default:
		put_text(out, ONE_OF(texts));
	}
}

static void put_tree(struct hawk_buf *out, unsigned int depth, const char *item)
{
	size_t kind = depth ? below(5) : 0;
	const char *joint = below(2) ? " && " : " || ";

	if (kind == 0) {
		put_leaf(out, depth, item);
		return;
	}
	hawk_buf_puts(out, kind == 1 ? "!(" : "(");
	put_tree(out, depth - 1, item);
	if (kind == 4) {
		hawk_buf_puts(out, " ? ");
		put_tree(out, depth - 1, item);
		hawk_buf_puts(out, " : ");
		put_tree(out, depth - 1, item);
	} else if (kind > 1) {
		for (size_t more = 1 + below(2); more; more--) {
			hawk_buf_puts(out, joint);
			put_tree(out, depth - 1, item);
		}
	}
	hawk_buf_putc(out, ')');
}

/* Some bytes that the words above are about. */
static struct hawk_value random_bytes(void)
{
	static const struct {
		const char *bytes;
		uint32_t len;
	} pool[] = {
		{ "/etc/passwd", 11 }, { "zsh", 3 }, { "", 0 }, { "x y", 3 }, { "\x01\xff", 2 }, { "ls\0-l\0", 6 },
		{ "a\"b\0zsh\0", 8 }, { "\2\0\1\xbb\x0a\1\2\3", 8 }, { "\1\0/etc", 6 }, { "\1\0\0a", 4 }, { "\20\0ab", 4 },
		{ "/x/ls", 5 }, { "/ls/", 4 }, { "\1\0/etc/passwd", 13 }, { "\1\0", 2 }, { "10.1.2.3", 8 },
	};
	size_t i = below(ARRAY_SIZE(pool));

	return (struct hawk_value){ .bytes = (const uint8_t *)pool[i].bytes, .len = pool[i].len };
}

static struct hawk_value random_value(enum hawk_type type)
{
	static const uint64_t pool[] = { 0, 1, 2, 3, 5, 9, 16, 66, 443, 1000, 4294967295, 0x20000, 0x41, 0x42, 70000,
					 1704067200000000000, UINT64_MAX, (uint64_t)-5 };
	static const uint8_t ips[3][16] = { { [10] = 0xff, 0xff, 10, 1, 2, 3 }, { [15] = 1 }, { 0x20, 1 } };
	struct hawk_value v = { .u = pool[below(ARRAY_SIZE(pool))] };
	const struct hawk_type_desc *t = hawk_type_desc(type);

	if (t->vclass == HAWK_V_IP)
		v = (struct hawk_value){ .bytes = ips[below(3)], .len = 16 };
	else if (t->vclass == HAWK_V_BYTES || t->vclass == HAWK_V_STRV)
		v = random_bytes();
	else
		hawk_value_load(&v, t->vclass, t->size, &(uint64_t){ type == HAWK_T_BOOL ? v.u & 1 : v.u });
	v.flags = below(6) ? 0 : below(2) ? HAWK_VAL_ABSENT : HAWK_VAL_UNREADABLE;
	return v;
}

static struct hawk_process processes[3];
static const struct hawk_process *above = &processes[2];

static struct hawk_bytes owned(struct hawk_value v)
{
	return (struct hawk_bytes){ .data = (uint8_t *)(uintptr_t)v.bytes, .len = v.len };
}

static void random_process(struct hawk_process *p)
{
	*p = (struct hawk_process){
		.task = { .pid = (int32_t)below(200), .uid = (uint32_t)below(2) * 1000, .start = below(2),
			  .loginuid = below(2) ? UINT32_MAX : 1000 },
		.source = below(5) ? HAWK_FROM_EVENT : HAWK_FROM_HEADER,
	};
	memcpy(p->comm, below(2) ? "zsh" : "ls", 3);
	p->exe = owned(random_bytes());
	p->argv = owned(random_bytes());
	if (below(2))
		p->container_id = (struct hawk_bytes){ .data = (uint8_t *)"cont", .len = 4 };
}

static struct hawk_event random_event(void)
{
	static const char *const kinds[] = { "file_open", "security_socket_connect", "ptrace", "openat", "memfd_create",
					     "sched_process_exec", "sched_process_exit", "chmod", "openat2", "kill" };
	struct hawk_event e = { .time = 7, .walltime = 1704067200000000000, .tid = (uint32_t)below(200) };
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	e.desc = below(4) ? hawk_event_by_name(ONE_OF(kinds)) : descs[below(n)];
	assert_non_null(e.desc);
	for (size_t i = 0; i < e.desc->n_fields; i++)
		e.data[i] = random_value(e.desc->fields[i].type);
	for (size_t i = 0; i < ARRAY_SIZE(processes); i++)
		random_process(&processes[i]);
	e.process = &processes[0];
	e.parent = below(4) ? &processes[1] : NULL;
	e.ancestors = &above;
	e.n_ancestors = (uint8_t)below(2);
	if (below(2))
		e.policies = random_bytes();
	return e;
}

static bool in_tree(void *ctx, const struct hawk_process *p, uint32_t ancestor)
{
	(void)ctx;
	return (uint32_t)p->task.pid >= ancestor;
}

static bool container(void *ctx, const struct hawk_process *p, struct hawk_model_container *ret)
{
	(void)ctx;
	*ret = (struct hawk_model_container){ .started = 5 };
	return p->container_id.len;
}

static const struct hawk_model answers = { .env.in_tree = in_tree, .container = container };

static size_t n_lowered, n_exact, n_true;

static void check(const char *text, const struct hawk_cel *cel)
{
	_cleanup_(hawk_buf_done) struct hawk_buf lowered = HAWK_BUF_INIT;
	struct hawk_ir *ir;
	bool exact;

	assert_int_equal(hawk_cel_lower(cel, &ir, &exact), 0);
	n_lowered += ir != NULL;
	n_exact += ir && exact;
	for (size_t i = 0; i < EVENTS; i++) {
		struct hawk_event e = random_event();
		struct hawk_cel_input in = input(&e);
		bool holds = hawk_cel_test(cel, &in), follows = !ir || hawk_ir_eval(ir, &e, &answers.env);
		struct hawk_cel_value v;

		n_true += holds;
		hawk_cel_eval(cel, &in, &v);
		assert_int_equal(holds, v.type == HAWK_CEL_BOOL && v.b);
		in.arena->used = 0;
		if ((holds && !follows) || (exact && holds != follows)) {
			if (ir)
				hawk_ir_print(ir, &lowered);
			fail_msg("%s\nis %d for %s, and %s %s is %d", text, holds, e.desc->name,
				 hawk_buf_str(&lowered) ?: "", exact ? "(exact)" : "", follows);
		}
		assert_int_equal(in.arena->exhausted, 0);
	}
	hawk_ir_free(ir);
}

static void follows(void **state)
{
	struct hawk_buf text = HAWK_BUF_INIT;
	size_t n = 0;

	(void)state;
	model = &answers;
	only(NULL);
	while (n < EXPRESSIONS) {
		struct hawk_cel_error error;
		struct hawk_cel *cel;

		hawk_buf_reset(&text);
		put_tree(&text, below(4), NULL);
		if (hawk_cel_compile(&cel, hawk_buf_str(&text), text.len, &scope, &error) < 0)
			continue;
		check(text.data, cel);
		hawk_cel_free(cel);
		n++;
	}
	hawk_buf_done(&text);
	print_message("%zu lowered, %zu exactly, %zu true\n", n_lowered, n_exact, n_true);
	/* the test says something */
	assert_true(n_lowered > EXPRESSIONS / 4 && n_exact > EXPRESSIONS / 10 && n_true > EXPRESSIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(follows) };

	rng_state = random_seed() * 2 + 1;
	return cmocka_run_group_tests_name("cel/random", tests, NULL, NULL);
}
