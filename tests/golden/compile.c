/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes what becomes of the policies of a file of cases: normal form, instructions, tables, what is left
 * over.
 */
#include <inttypes.h>
#include <stdio.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/event/process.h"
#include "tests/golden/cases.h"

DEFINE_CLEANUP(struct hawk_cgen, hawk_cgen_free)

static void put_tree(struct hawk_buf *out, const char *what, const struct hawk_ir *ir)
{
	if (!ir)
		return;
	hawk_buf_printf(out, "  %s: ", what);
	hawk_ir_print(ir, out);
	hawk_buf_putc(out, '\n');
}

static int put_policy(struct hawk_buf *out, const struct golden_case *c, const struct hawk_cgen *cg, size_t i)
{
	const struct hawk_cgen_rule *rule = &c->rules[i];
	struct hawk_ir *learned = NULL;
	int r = 0;

	hawk_buf_printf(out, "policy %u%s\n", rule->bit,
			cg->exact[rule->bit / 64] >> rule->bit % 64 & 1 ? ", wholly in the kernel" : "");
	put_tree(out, "scope", rule->scope);
	put_tree(out, "filter", rule->filter);
	if (rule->scope)
		r = hawk_cgen_learned(&learned, rule->scope);
	put_tree(out, "asked of user space once per process", learned);
	hawk_ir_free(learned);
	for (size_t k = 0; k < cg->n_left; k++)
		if (cg->left[k].rule == i)
			hawk_buf_printf(out, "  left: %s: %s\n", cg->left[k].text, cg->left[k].why);
	return r;
}

static int put_case(struct hawk_buf *out, const struct golden_case *c)
{
	static const char *const points[HAWK_JUDGE_POINTS] = { "scope", "arguments" };
	_cleanup_(hawk_cgen_freep) struct hawk_cgen *cg = NULL;
	int r = hawk_cgen_build(&cg, c->desc, c->rules, c->n);

	if (r < 0)
		return r;
	hawk_buf_printf(out, "== %s (%s)\n", c->name, c->desc->name);
	for (size_t i = 0; i < c->n && r == 0; i++)
		r = put_policy(out, c, cg, i);
	hawk_buf_printf(out, "columns %u, needs %u, paths %d\n", cg->columns, cg->needs,
			(cg->text_at[0] != 0) + (cg->text_at[1] != 0));
	for (unsigned int point = 0; point < HAWK_JUDGE_POINTS && r == 0; point++) {
		if (!cg->programs[point].insns)
			continue;
		hawk_buf_printf(out, "-- %s: %zu instructions\n", points[point], cg->programs[point].n_insns);
		r = hawk_cgen_print(cg, point, out);
	}
	hawk_buf_putc(out, '\n');
	return r;
}

int main(int argc, char **argv)
{
	const struct hawk_host_ns host = {
		.mnt = 4026531841, .pid = 4026531836, .net = 4026531840, .uts = 4026531838
	};
	_cleanup_(hawk_buf_done) struct hawk_buf out = { .max = 64 << 20 };
	_cleanup_fclose_ FILE *f = argc == 2 ? fopen(argv[1], "re") : NULL;
	struct golden_case c;
	int r;

	if (!f)
		return 2;
	hawk_host_ns_set(&host);
	while ((r = golden_case_read(f, &c)) > 0) {
		r = put_case(&out, &c);
		golden_case_done(&c);
		if (r < 0)
			return 1;
	}
	if (r < 0 || !hawk_buf_str(&out))
		return 1;
	fwrite(out.data, 1, out.len, stdout);
	return 0;
}
