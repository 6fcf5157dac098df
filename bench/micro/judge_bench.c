/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a condition costs in a generated program, and in a program that
 * interprets a table (interpreter.bpf.c): a JSON object per figure. Each is the
 * lower quartile of rounds in which all take turns, less that of the same without
 * conditions. Root.
 *
 *	judge_bench OBJECT
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/ir/ir.h"
#include "tests/kernel/judge/kern.h"

/* behind abi.h */
#include "bench/micro/interpreter.h"
#include "bench/micro/measure.h"

#define ROUNDS 21
#define RUNS 20000
#define CONTESTANTS_MAX 24
#define PER_POLICY 6

struct contestant {
	char name[48];
	int fd;
	double ns[ROUNDS];
	struct kern_programs programs;
	size_t n; /* of the interpreter's table */
	bool interpreter;
};

struct bench {
	struct kern kern;
	struct interpreter_table *table;
	struct contestant c[CONTESTANTS_MAX];
	size_t n;
	int numbers_fd, paths_fd;
};

/* Our own time: others may need the CPU, too. */
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* All but the last are true for the record of fill_slot(), so none is left out. */
static void put_policy(struct hawk_buf *out, size_t i)
{
	hawk_buf_printf(out, "process.uid>=%zu process.gid!=%zu process.euid<=%zu data.inode!=%zu data.flags=64 data.dev=%zu",
			i % 50, 5000 + i, 100000 + i, 900 + i, 100 + i);
}

static void put_path(struct hawk_buf *out, size_t i)
{
	hawk_buf_printf(out, "data.pathname=/usr/share/application-%zu/data/*", i);
}

static void put_comm(struct hawk_buf *out, size_t i)
{
	hawk_buf_printf(out, "process.comm=command-%zu", i);
}

static void put_uid(struct hawk_buf *out, size_t i)
{
	hawk_buf_printf(out, "process.uid=%zu", 3000 + i);
}

/* Generates and loads N policies; which of the two programs is measured is POINT. */
static int add_generated(struct bench *b, const char *name, size_t n, void (*put)(struct hawk_buf *, size_t),
			 unsigned int point)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_ir *trees[HAWK_POLICIES_MAX];
	struct hawk_cgen_rule rules[HAWK_POLICIES_MAX] = { { .bit = 0 } };
	struct contestant *c = &b->c[b->n];
	struct hawk_ir_error error;
	struct hawk_cgen *cg = NULL;
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		hawk_buf_reset(&text);
		put(&text, i);
		if (hawk_ir_parse(&trees[i], hawk_buf_str(&text), &error) < 0) {
			fprintf(stderr, "%s: %s\n", hawk_buf_str(&text), error.message);
			exit(1);
		}
		rules[i] = (struct hawk_cgen_rule){ .bit = (unsigned int)i, .filter = trees[i] };
	}
	r = hawk_cgen_build(&cg, hawk_event_by_id(HAWK_EV_FILE_OPEN), rules, n ? n : 1);
	if (r == 0)
		r = kern_load(&b->kern, cg, &c->programs, true);
	hawk_cgen_free(cg);
	for (size_t i = 0; i < n; i++)
		hawk_ir_free(trees[i]);
	if (r < 0)
		return r;
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->fd = c->programs.fd[point];
	b->n++;
	return 0;
}

static void add_interpreter(struct bench *b, const char *name, int fd, size_t n)
{
	struct contestant *c = &b->c[b->n++];

	snprintf(c->name, sizeof(c->name), "%s", name);
	c->fd = fd;
	c->n = n;
	c->interpreter = true;
}

/* The same conditions as put_policy(). */
static void fill_conditions(struct interpreter_table *t)
{
	const size_t task = offsetof(struct hawk_abi_scratch, judge.task);
	const size_t body = offsetof(struct hawk_abi_scratch, bytes) + sizeof(struct hawk_abi_rec);
	size_t n = 0;

	for (uint16_t i = 0; i < HAWK_POLICIES_MAX; i++) {
		const struct interpreter_condition policy[PER_POLICY] = {
			{ task + offsetof(struct hawk_abi_task, uid), i, INTERPRETER_GE, UINT32_MAX, i % 50 },
			{ task + offsetof(struct hawk_abi_task, gid), i, INTERPRETER_NE, UINT32_MAX, 5000 + i },
			{ task + offsetof(struct hawk_abi_task, euid), i, INTERPRETER_LE, UINT32_MAX, 100000 + i },
			{ body + offsetof(struct hawk_abi_FILE_OPEN, inode), i, INTERPRETER_NE, UINT64_MAX, 900 + i },
			{ body + offsetof(struct hawk_abi_FILE_OPEN, flags), i, INTERPRETER_BITS, UINT32_MAX, 64 },
			{ body + offsetof(struct hawk_abi_FILE_OPEN, dev), i, INTERPRETER_EQ, UINT32_MAX, 100 + i },
		};

		memcpy(&t->conditions[n], policy, sizeof(policy));
		n += PER_POLICY;
	}
	memset(t->start, 0xff, sizeof(t->start) / 2);
}

static void fill_paths(struct interpreter_table *t)
{
	for (size_t i = 0; i < INTERPRETER_PATHS; i++) {
		char text[sizeof(t->paths[i].words)] = "";
		int len = snprintf(text, sizeof(text), "/usr/share/application-%zu/data/", i);

		memcpy(t->paths[i].words, text, sizeof(text));
		memset(t->paths[i].masks, 0, sizeof(t->paths[i].masks));
		memset(t->paths[i].masks, 0xff, (size_t)len);
	}
}

static void fill_slot(struct hawk_abi_scratch *s)
{
	static const char path[] = "/usr/share/application-5/icons/hicolor/48x48/apps/application.png";
	struct hawk_abi_FILE_OPEN *body = (void *)(s->bytes + sizeof(struct hawk_abi_rec));

	s->judge.task.uid = s->judge.task.gid = s->judge.task.euid = 1000;
	body->inode = 123456;
	body->flags = 64;
	body->dev = 1;
	strcpy((char *)s->judge.comm, "bash");
	memcpy(s->judge.text[0].bytes, path, sizeof(path));
	s->judge.text[0].bits = 8 * sizeof(path);
	memset(s->judge.pass, 0xff, sizeof(s->judge.pass) / 2);
}

/* Loads the interpreter with our slot. */
static int open_interpreter(struct bench *b, const char *path, struct bpf_object **ret)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct bpf_object *o = bpf_object__open(path);
	struct bpf_map *m;
	void *p;

	if (!o)
		return -1;
	*ret = o;
	m = bpf_object__find_map_by_name(o, "hawk_scratch");
	if (!m || bpf_map__reuse_fd(m, b->kern.slot_fd) < 0 || bpf_object__load(o) < 0)
		return -1;
	m = bpf_object__find_map_by_name(o, "conditions");
	p = mmap(NULL, (sizeof(*b->table) + page - 1) / page * page, PROT_READ | PROT_WRITE, MAP_SHARED,
		 bpf_map__fd(m), 0);
	if (p == MAP_FAILED)
		return -1;
	b->table = p;
	b->numbers_fd = bpf_program__fd(bpf_object__find_program_by_name(o, "numbers"));
	b->paths_fd = bpf_program__fd(bpf_object__find_program_by_name(o, "paths"));
	return 0;
}

static int measure(struct bench *b)
{
	for (size_t round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < b->n; i++) {
			struct contestant *c = &b->c[(i + round) % b->n];
			double begun;

			if (c->interpreter)
				b->table->n = c->n;
			fill_slot(b->kern.slot);
			begun = now();
			for (int k = 0; k < RUNS; k++)
				if (kern_run_one(c->fd) < 0)
					return -1;
			c->ns[round] = (now() - begun) / RUNS;
		}
	}
	for (size_t i = 0; i < b->n; i++)
		qsort(b->c[i].ns, ROUNDS, sizeof(b->c[i].ns[0]), by_value);
	return 0;
}

static double of(const struct bench *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->c[i].name, name) == 0)
			return b->c[i].ns[ROUNDS / 4];
	abort();
}

static void tell(const char *name, double value)
{
	printf("{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"ns\"}\n", name, value);
}

static int add_all(struct bench *b)
{
	static const size_t sizes[] = { 1, 10, 100, 256 };
	char name[48];
	int r = add_generated(b, "scope_none", 0, put_uid, HAWK_JUDGE_SCOPE);

	/* the smallest second program: one condition */
	r |= add_generated(b, "args_one", 1, put_policy, HAWK_JUDGE_ARGS);
	r |= add_generated(b, "scope_256", 256, put_policy, HAWK_JUDGE_SCOPE);
	r |= add_generated(b, "args_256", 256, put_policy, HAWK_JUDGE_ARGS);
	add_interpreter(b, "numbers_none", b->numbers_fd, 0);
	add_interpreter(b, "numbers_256", b->numbers_fd, HAWK_POLICIES_MAX * PER_POLICY);
	add_interpreter(b, "paths_none", b->paths_fd, 0);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		snprintf(name, sizeof(name), "judge_paths_%zu", sizes[i]);
		r |= add_generated(b, name, sizes[i], put_path, HAWK_JUDGE_ARGS);
		snprintf(name, sizeof(name), "interpreter_paths_%zu", sizes[i]);
		add_interpreter(b, name, b->paths_fd, sizes[i]);
	}
	r |= add_generated(b, "judge_comm_100", 100, put_comm, HAWK_JUDGE_SCOPE);
	r |= add_generated(b, "judge_comm_1", 1, put_comm, HAWK_JUDGE_SCOPE);
	r |= add_generated(b, "judge_uid_100", 100, put_uid, HAWK_JUDGE_SCOPE);
	return r;
}

static int report(const struct bench *b)
{
	const double n = HAWK_POLICIES_MAX * PER_POLICY, none = of(b, "scope_none");
	const double generated = (of(b, "scope_256") + of(b, "args_256") - 2 * none) / n;
	const double interpreted = (of(b, "numbers_256") - of(b, "numbers_none")) / n;

	printf("{\"name\":\"judge_ns_per_condition\",\"value\":%.3f,\"unit\":\"ns\",\"limit\":1,\"ok\":%s}\n", generated,
	       generated <= 1 ? "true" : "false");
	printf("{\"name\":\"judge_against_interpreter\",\"value\":%.1f,\"unit\":\"times faster\",\"limit\":5,\"ok\":%s}\n",
	       interpreted / generated, interpreted >= 5 * generated ? "true" : "false");
	tell("interpreter_ns_per_condition", interpreted);
	for (size_t i = 0; i < b->n; i++) {
		if (strncmp(b->c[i].name, "judge_", 6) == 0)
			tell(b->c[i].name, b->c[i].ns[ROUNDS / 4] - none);
		else if (strncmp(b->c[i].name, "interpreter_", 12) == 0)
			tell(b->c[i].name, b->c[i].ns[ROUNDS / 4] - of(b, "paths_none"));
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct bpf_object *o = NULL;
	static struct bench b;
	cpu_set_t one;
	int r;

	if (argc != 2)
		return 2;
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	r = kern_open(&b.kern, false);
	if (r < 0 || open_interpreter(&b, argv[1], &o) < 0) {
		fprintf(stderr, "judge_bench: no BPF, or %s cannot be loaded\n", argv[1]);
		return 1;
	}
	fill_conditions(b.table);
	fill_paths(b.table);
	r = add_all(&b);
	if (r == 0)
		r = measure(&b);
	if (r == 0)
		r = report(&b);
	for (size_t i = 0; i < b.n; i++)
		if (!b.c[i].interpreter)
			kern_unload(&b.c[i].programs);
	bpf_object__close(o);
	kern_close(&b.kern);
	return r ? 1 : 0;
}
