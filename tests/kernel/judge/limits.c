/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/kernel/judge/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "src/base/cleanup.h"
#include "src/ir/node.h"

#define VECTORS 200
#define SET_VALUES 10000

static void put_prefix(struct hawk_buf *out, size_t i)
{
	hawk_buf_printf(out, "data.pathname=\"/etc/%zu/a\"*", i);
}

static void put_mixed(struct hawk_buf *out, size_t i)
{
	hawk_buf_printf(out,
			"process.uid>=%zu process.uid<=%zu process.comm!=\"a%zu\" "
			"data.pathname=\"/a%zu\"*|\"/b/%zu\" "
			"data.flags!=%zu NOT data.pathname=*\".so%zu\"",
			i % 7, 1000 + i, i, i % 50, i, i % 5, i % 30);
}

static void put_numbers(struct hawk_buf *out, size_t i)
{
	(void)i;
	hawk_buf_puts(out, "data.inode=0");
	for (size_t k = 1; k < SET_VALUES; k++)
		hawk_buf_printf(out, "|%zu", 2 * k);
}

static void put_paths(struct hawk_buf *out, size_t i)
{
	(void)i;
	hawk_buf_puts(out, "data.pathname!=/0");
	for (size_t k = 1; k < SET_VALUES; k++)
		hawk_buf_printf(out, "|/%zu%s", k, k % 2 ? "" : "*");
}

/* More values than a table has, in all. */
static void put_many_paths(struct hawk_buf *out, size_t i)
{
	hawk_buf_printf(out, "data.pathname=/%zu", i);
	for (size_t k = 1; k < SET_VALUES / 4; k++)
		hawk_buf_printf(out, "|/%zu/%zu", i, k);
}

static void put_names(struct hawk_buf *out, size_t i)
{
	(void)i;
	hawk_buf_puts(out, "process.comm=0");
	for (size_t k = 1; k < SET_VALUES; k++)
		hawk_buf_printf(out, "|%zu", k);
}

/* More alternatives than there are columns. */
static void put_alternatives(struct hawk_buf *out, size_t i)
{
	hawk_buf_printf(out, "process.uid=%zu OR process.gid=%zu OR data.pathname=/%zu", i, i, i);
}

/* More ends of ranges than a tree has leaves. */
static void put_ranges(struct hawk_buf *out, size_t i)
{
	hawk_buf_printf(out, "data.inode>%zu data.inode<%zu", 10 * i, 100000 + 10 * i);
	for (size_t k = 0; k < 30; k++)
		hawk_buf_printf(out, " NOT (data.inode>=%zu data.inode<=%zu)", 50 * i + 7 * k,
				50 * i + 7 * k + 3);
}

/* All fields at once. */
static void put_fields(struct hawk_buf *out, size_t i)
{
	static const char *const fields[] = {
		"process.uid",           "process.gid",          "process.euid",
		"process.egid",          "process.suid",         "process.sgid",
		"process.fsuid",         "process.fsgid",        "process.loginuid",
		"process.sessionid",     "process.securebits",   "process.pid",
		"process.ns_pid",        "process.cgroup.id",    "process.exec_id",
		"process.ns.mnt.inode",  "process.ns.pid.inode", "process.ns.net.inode",
		"process.ns.user.inode", "data.inode",           "data.ctime",
	};

	for (size_t k = 0; k < ARRAY_SIZE(fields); k++) {
		const char *wall = k + 1 == ARRAY_SIZE(fields) ? "!=2024-01-01T00:00:00Z" : NULL;

		if (wall)
			hawk_buf_printf(out, "%s%s ", fields[k], wall);
		else
			hawk_buf_printf(out, "%s!=%zu ", fields[k], (i * 3 + k) % 64);
	}
}

const struct limit limits[] = {
	{ "256 policies of a path each", HAWK_EV_FILE_OPEN, 256, false, put_prefix },
	{ "256 policies of seven conditions", HAWK_EV_FILE_OPEN, 256, false, put_mixed },
	{ "256 policies of all fields", HAWK_EV_FILE_OPEN, 256, false, put_fields },
	{ "10,000 numbers", HAWK_EV_FILE_OPEN, 1, false, put_numbers },
	{ "10,000 paths", HAWK_EV_FILE_OPEN, 1, false, put_paths },
	{ "50 policies of 2,500 paths", HAWK_EV_FILE_OPEN, 50, true, put_many_paths },
	{ "10,000 names of programs", HAWK_EV_FILE_OPEN, 1, false, put_names },
	{ "256 policies of three alternatives", HAWK_EV_FILE_OPEN, 256, true, put_alternatives },
	{ "256 policies of 30 ranges", HAWK_EV_FILE_OPEN, 256, true, put_ranges },
};
const size_t n_limits = sizeof(limits) / sizeof(limits[0]);

static double ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int make_rules(const struct limit *limit, struct set *s)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	struct hawk_ir_error error;
	struct hawk_ir *ir;

	s->desc = hawk_event_by_id(limit->event);
	for (size_t i = 0; i < limit->rules; i++) {
		hawk_buf_reset(&text);
		limit->put(&text, i);
		if (hawk_ir_parse(&ir, hawk_buf_str(&text), &error) < 0) {
			fprintf(stderr, "%.80s: %u: %s\n", hawk_buf_str(&text), error.column, error.message);
			return -EINVAL;
		}
		set_add(s, (unsigned int)i, ir);
	}
	return 0;
}

/* The slot and hawk_now are per CPU then. */
int limit_percpu(void)
{
	_cleanup_free_ struct set *s = calloc(1, sizeof(*s));
	struct run run = { .failed = 0 };
	int r = s ? kern_open(&run.kern, true) : -ENOMEM;

	if (r < 0)
		return r;
	r = make_rules(&limits[1], s);
	if (r == 0)
		r = set_load(&run, s);
	set_free(s);
	kern_close(&run.kern);
	return r;
}

int limit_check(struct run *run, const struct limit *limit)
{
	_cleanup_free_ struct set *s = calloc(1, sizeof(*s));
	double begun;
	int r = s ? make_rules(limit, s) : -ENOMEM;

	if (r < 0)
		return r;
	begun = ms();
	r = set_load(run, s);
	if (r == 0) {
		printf("# %s: %zu + %zu instructions, %u + %u verified, %u columns, %zu tables, %zu parts "
		       "left, %.1f ms\n",
		       limit->name, s->cg->programs[0].n_insns, s->cg->programs[1].n_insns,
		       s->programs.verified[0], s->programs.verified[1], s->cg->columns, s->cg->n_maps,
		       s->cg->n_left, ms() - begun);
		r = set_compare(run, s, VECTORS);
	}
	if (r == 0 && (run->failed || (s->cg->n_left != 0) != limit->left))
		r = -EINVAL;
	for (size_t i = 0; r < 0 && s->cg && i < s->cg->n_left && i < 4; i++)
		fprintf(stderr, "left: %.80s: %s\n", s->cg->left[i].text, s->cg->left[i].why);
	set_free(s);
	return r;
}
