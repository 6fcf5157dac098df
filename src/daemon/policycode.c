/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/policycode.h"

#include <errno.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/collect/filter.h"

/* Of signatures, for one event. */
#define GUARDS_MAX 128

struct hawk_policycode {
	struct hawk_filter *v;
	struct hawk_cgen **code; /* of v, owned */
	size_t n;
};

struct hawk_policycode *hawk_policycode_free(struct hawk_policycode *c)
{
	if (!c)
		return NULL;
	for (size_t i = 0; i < c->n; i++)
		hawk_cgen_free(c->code[i]);
	free(c->code);
	free(c->v);
	free(c);
	return NULL;
}

/*
 * The policies that must have matched when the kernel lets one through. Not those
 * that follow: what their scope says is not asked there.
 */
static void tell_exact(struct hawk_policy_set *set, const struct hawk_event_desc *desc, const struct hawk_cgen *code)
{
	struct hawk_policy_set_rule rule;
	uint64_t exact[HAWK_POLICY_WORDS];

	for (size_t w = 0; w < HAWK_POLICY_WORDS; w++)
		exact[w] = code->exact[w];
	for (size_t i = 0; hawk_policy_set_rule(set, desc, i, &rule); i++)
		if (rule.follow)
			exact[rule.bit / 64] &= ~(1ULL << rule.bit % 64);
	hawk_policy_set_exact(set, desc, exact);
}

/*
 * Adds what signatures ask of events of DESC to the N rules in *V. Beyond a bound, and where one asks nothing, all
 * are wanted: programs that the verifier finds too long would be of no use to policies either.
 */
static int add_guards(const struct hawk_sig_set *signatures, const struct hawk_event_desc *desc,
		      struct hawk_cgen_rule **v, size_t *n)
{
	struct hawk_cgen_rule *grown = reallocarray(*v, *n + GUARDS_MAX, sizeof(*grown));
	const struct hawk_ir *guard;
	size_t i = 0;

	if (!grown)
		return -ENOMEM;
	*v = grown;
	for (; hawk_sig_set_guard(signatures, desc, i, &guard); i++) {
		if (i == GUARDS_MAX || !guard) {
			grown[*n] = (struct hawk_cgen_rule){ .bit = HAWK_INTEREST_COLUMN };
			i = 1;
			break;
		}
		grown[*n + i] = (struct hawk_cgen_rule){ .bit = HAWK_INTEREST_COLUMN, .filter = guard };
	}
	*n += i;
	return 0;
}

/* What policies ask of events of DESC. */
static int add_policies(const struct hawk_policy_set *set, const struct hawk_event_desc *desc,
			struct hawk_cgen_rule **ret, size_t *ret_n)
{
	struct hawk_policy_set_rule rule;
	size_t n = 0;

	while (hawk_policy_set_rule(set, desc, n, &rule))
		n++;
	*ret = calloc(n + 1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	for (size_t i = 0; hawk_policy_set_rule(set, desc, i, &rule); i++)
		(*ret)[i] = (struct hawk_cgen_rule){
			.bit = rule.bit,
			/* a process that is followed is in whatever the scope says, which the kernel does not know */
			.scope = rule.follow ? NULL : rule.scope,
			.filter = rule.filter,
		};
	*ret_n = n;
	return 0;
}

static int make_event(struct hawk_policycode *c, struct hawk_policy_set *set, const struct hawk_sig_set *signatures,
		      const struct hawk_event_desc *desc, size_t row)
{
	_cleanup_free_ struct hawk_cgen_rule *rules = NULL;
	size_t n = 0;
	int r = add_policies(set, desc, &rules, &n);

	if (r == 0 && signatures)
		r = add_guards(signatures, desc, &rules, &n);
	if (r == 0)
		r = hawk_cgen_build(&c->code[c->n], desc, rules, n);
	if (r < 0)
		return r;
	c->v[c->n] = (struct hawk_filter){ .row = row, .code = c->code[c->n] };
	tell_exact(set, desc, c->code[c->n]);
	c->n++;
	return 0;
}

int hawk_policycode_new(struct hawk_policycode **ret, struct hawk_policy_set *set, const struct hawk_sig_set *signatures)
{
	struct hawk_policycode *c = calloc(1, sizeof(*c));
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	int r = 0;

	if (!c)
		return -ENOMEM;
	c->v = calloc(n, sizeof(*c->v));
	c->code = calloc(n, sizeof(*c->code));
	if (!c->v || !c->code)
		r = -ENOMEM;
	for (size_t row = 0; r == 0 && row < n; row++)
		if (hawk_plan_judged(descs[row]) &&
		    (hawk_policy_set_wants(set, descs[row]->id) || (signatures && hawk_sig_set_wants(signatures, descs[row]->id))))
			r = make_event(c, set, signatures, descs[row], row);
	if (r < 0)
		hawk_policycode_free(c);
	else
		*ret = c;
	return r;
}

bool hawk_policycode_set_unfiltered(struct hawk_policycode *c, const uint64_t *bits)
{
	bool news = false;

	for (size_t i = 0; i < c->n; i++) {
		bool all = bits[c->v[i].row / 64] >> c->v[i].row % 64 & 1;

		news |= all != c->v[i].all;
		c->v[i].all = all;
	}
	return news;
}

int hawk_policycode_load(const struct hawk_policycode *c, struct hawk_collect *collect, uint32_t generation)
{
	uint32_t given = 0;
	int r = hawk_collect_set_filters(collect, c->v, c->n, &given);

	/* the pipeline has been told a number already */
	if (r == 0 && given != generation)
		hawk_error("policies: generation %u in the kernel, %u here: what it judges is judged again", given,
			   generation);
	return r;
}

const struct hawk_cgen *hawk_policycode_of(const struct hawk_policycode *c, size_t row)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].row == row)
			return c->code[i];
	return NULL;
}
