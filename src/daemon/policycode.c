/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/policycode.h"

#include <errno.h>
#include <stdlib.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/collect/filter.h"

/* Of signatures, for one event. */
#define GUARDS_MAX 128
/* In one line. */
#define NAMED_MAX 16

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

/* Adds the filters of those who look at the events themselves: what they want shares the column of signatures. */
static int add_filters(const struct hawk_interest *interest, size_t row, struct hawk_cgen_rule **v, size_t *n)
{
	const struct hawk_ir *filters[HAWK_FILTERS_MAX];
	size_t found = hawk_interest_filters(interest, row, filters);
	struct hawk_cgen_rule *grown = reallocarray(*v, *n + found + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*v = grown;
	for (size_t i = 0; i < found; i++)
		grown[(*n)++] = (struct hawk_cgen_rule){ .bit = HAWK_INTEREST_COLUMN, .filter = filters[i] };
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
			.per_second = rule.per_second,
		};
	*ret_n = n;
	return 0;
}

/* Whom programs are made for. */
struct asking {
	struct hawk_policy_set *set;
	const struct hawk_sig_set *signatures;
	const struct hawk_interest *interest;
};

static bool is_asked(const struct asking *a, const struct hawk_event_desc *desc, size_t row)
{
	const struct hawk_ir *filters[HAWK_FILTERS_MAX];

	return hawk_policy_set_wants(a->set, desc->id) ||
	       (a->signatures && hawk_sig_set_wants(a->signatures, desc->id)) ||
	       hawk_interest_filters(a->interest, row, filters);
}

static int make_event(struct hawk_policycode *c, const struct asking *a, const struct hawk_event_desc *desc, size_t row)
{
	_cleanup_free_ struct hawk_cgen_rule *rules = NULL;
	size_t n = 0;
	int r = add_policies(a->set, desc, &rules, &n);

	if (r == 0 && a->signatures)
		r = add_guards(a->signatures, desc, &rules, &n);
	if (r == 0)
		r = add_filters(a->interest, row, &rules, &n);
	if (r == 0)
		r = hawk_cgen_build(&c->code[c->n], desc, rules, n);
	if (r < 0)
		return r;
	c->v[c->n] = (struct hawk_filter){ .row = row, .code = c->code[c->n] };
	tell_exact(a->set, desc, c->code[c->n]);
	c->n++;
	return 0;
}

int hawk_policycode_new(struct hawk_policycode **ret, struct hawk_policy_set *set,
			const struct hawk_sig_set *signatures, const struct hawk_interest *interest)
{
	const struct asking asking = { set, signatures, interest };
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
		if (hawk_plan_judged(descs[row]) && is_asked(&asking, descs[row], row))
			r = make_event(c, &asking, descs[row], row);
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

char *hawk_policycode_unloaded(const struct hawk_policycode *c, const struct hawk_collect *collect)
{
	struct hawk_buf text = { .max = 4096 };
	struct hawk_filter_state state;
	const char *why = NULL;
	size_t n, found = 0;

	for (size_t i = 0; i < c->n; i++) {
		hawk_collect_filter_state(collect, c->v[i].row, &state);
		if (!state.why)
			continue;
		why = why ?: state.why;
		if (found++ < NAMED_MAX)
			hawk_buf_printf(&text, "%s%s", found > 1 ? ", " : "", hawk_event_descs(&n)[c->v[i].row]->name);
	}
	if (found > NAMED_MAX)
		hawk_buf_printf(&text, " and %zu more", found - NAMED_MAX);
	if (found)
		hawk_buf_printf(&text, ": the kernel does not filter them (%s); each one is sent and decided by the daemon: nothing "
				       "is missing, but it costs more (a reload tries again)", why);
	if (!found || !hawk_buf_str(&text))
		hawk_buf_done(&text);
	return text.data;
}

bool hawk_policycode_find(const struct hawk_policycode *c, const struct hawk_cgen *code, size_t *ret_row)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->code[i] == code) {
			*ret_row = c->v[i].row;
			return true;
		}
	return false;
}

const struct hawk_cgen *hawk_policycode_of(const struct hawk_policycode *c, size_t row)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].row == row)
			return c->code[i];
	return NULL;
}
