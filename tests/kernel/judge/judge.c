/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Generated programs in this kernel.
 *
 *	judge [--label TEXT] [--pairs N]    default: 300,000 pairs; HAWK_SEED as in tests/lib/xorshift.h
 *	judge --cases FILE                             what the verifier looks at for the policies of golden
 *tests
 *
 * Random predicates, several policies at once, and random events, against
 * hawk_ir_eval() on what the decoder makes of the same record: the kernel must
 * pass what eval says is true; where it decides a policy wholly and knows every
 * value, it must say the same. Then the largest sets that there may be (limits.c).
 * Root; prints "skip" where there is no BPF.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "src/base/cleanup.h"
#include "tests/golden/cases.h"
#include "tests/kernel/judge/limits.h"
#include "tests/lib/xorshift.h"

#define RANDOM_RULES 40
#define VECTORS 60

static const char *label = "";

static void random_rules(struct set *s)
{
	size_t spread = random_below(2) ? 4 : HAWK_POLICIES_MAX,
	       n = 1 + random_below(random_below(3) ? 6 : RANDOM_RULES);

	memset(s, 0, sizeof(*s));
	s->desc = random_desc();
	for (size_t i = 0; i < n; i++) {
		unsigned int bit = random_below(4) ? (unsigned int)random_below(spread) : HAWK_INTEREST_COLUMN;

		if (bit < HAWK_POLICIES_MAX && !s->scope[bit] && random_below(3))
			s->scope[bit] = random_predicate(s->desc, RANDOM_PROCESS);
		set_add(s, bit, random_below(6) ? random_predicate(s->desc, RANDOM_ALL) : NULL);
	}
}

static int random_pairs(struct run *run, uint64_t pairs, uint64_t seed)
{
	_cleanup_free_ struct set *s = calloc(1, sizeof(*s));
	int r = s ? 0 : -ENOMEM;

	random_start(seed);
	while (r == 0 && run->pairs < pairs && run->failed < 5) {
		random_rules(s);
		r = set_load(run, s);
		if (r == 0)
			r = set_compare(run, s, VECTORS);
		set_free(s);
	}
	printf("# %" PRIu64 " sets, %" PRIu64 " pairs (%" PRIu64 " decided wholly), %" PRIu64
	       " passed, %" PRIu64 " matched, %" PRIu64 " parts left to user space\n",
	       run->sets, run->pairs, run->exact, run->passed, run->right, run->left);
	return r < 0 ? r : run->failed ? -EINVAL : 0;
}

static int tell(int r, const char *what)
{
	printf("%s %s%s%s%s\n", r ? "not ok" : "ok", label, what, r ? " # " : "", r ? strerror(-r) : "");
	fflush(stdout);
	return r;
}

static int all(struct run *run, uint64_t pairs, uint64_t seed)
{
	char what[80];
	int status = 0;

	snprintf(what, sizeof(what), "generated programs against eval, seed %" PRIu64, seed);
	if (tell(random_pairs(run, pairs, seed), what) < 0)
		status = 1;
	if (tell(limit_percpu(), "programs with maps per CPU") < 0)
		status = 1;
	for (size_t i = 0; i < n_limits; i++) {
		run->failed = 0;
		if (tell(limit_check(run, &limits[i]), limits[i].name) < 0)
			status = 1;
	}
	return status;
}

/*
 * A line per case: instructions, and those that the verifier looked at, of both programs; as stored in
 * programs.verified.
 */
static int verify_case(const struct run *run, const struct golden_case *c)
{
	struct kern_programs programs;
	struct hawk_cgen *cg = NULL;
	int r = hawk_cgen_build(&cg, c->desc, c->rules, c->n);

	if (r == 0)
		r = kern_load(&run->kern, cg, &programs, true);
	if (r == 0) {
		printf("%zu %u %zu %u %s\n", cg->programs[0].n_insns, programs.verified[0],
		       cg->programs[1].n_insns, programs.verified[1], c->name);
		kern_unload(&programs);
	}
	hawk_cgen_free(cg);
	return r;
}

static int verify_cases(const struct run *run, const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	struct golden_case *c = calloc(1, sizeof(*c));
	int r = f && c ? 1 : -ENOENT;

	while (r > 0 && (r = golden_case_read(f, c)) > 0) {
		int bad = verify_case(run, c);

		golden_case_done(c);
		r = bad < 0 ? bad : 1;
	}
	free(c);
	return r;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "pairs", required_argument, NULL, 'p' },
		{ "label", required_argument, NULL, 'l' },
		{ "cases", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	const char *cases = NULL;
	uint64_t pairs = 300000;
	struct run run = { .failed = 0 };
	int c, r;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'p')
			pairs = strtoull(optarg, NULL, 0);
		else if (c == 'l')
			label = optarg;
		else if (c == 'c')
			cases = optarg;
		else
			return 2;
	}
	r = kern_open(&run.kern, false);
	if (r == -EPERM || r == -ENOSYS) {
		printf("skip %sgenerated programs # BPF: %s\n", label, strerror(-r));
		return 0;
	}
	if (r == 0)
		r = run_begin(&run);
	if (r < 0)
		return tell(r, "generated programs") ? 1 : 0;
	if (cases)
		r = verify_cases(&run, cases) < 0;
	else
		r = all(&run, pairs, random_seed());
	run_end(&run);
	return r;
}
