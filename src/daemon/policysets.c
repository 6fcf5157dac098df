/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/policysets.h"

#include "src/base/buf.h"
#include "src/collect/filter.h"

char *hawk_policies_filters(const struct hawk_policies *p)
{
	const struct hawk_ir *filters[HAWK_FILTERS_MAX];
	struct hawk_buf text = HAWK_BUF_INIT;
	size_t n;

	hawk_event_descs(&n);
	for (size_t row = 0; row < n; row++)
		for (size_t i = 0, found = hawk_interest_filters(p->interest, row, filters); i < found; i++) {
			hawk_buf_printf(&text, "%zu: ", row);
			hawk_ir_print(filters[i], &text);
			hawk_buf_putc(&text, '\n');
		}
	if (!hawk_buf_str(&text))
		hawk_buf_done(&text);
	return text.data;
}

/* The rule of the policy with BIT that CODE was made of, when it was for H; NULL: not. */
static _Atomic uint64_t *left_out_of(const struct hawk_policies_held *h, const struct hawk_cgen *code, unsigned int bit)
{
	struct hawk_policy_set_rule rule;
	size_t row, n;

	if (!hawk_policycode_find(h->code, code, &row))
		return NULL;
	for (size_t i = 0; hawk_policy_set_rule(h->set, hawk_event_descs(&n)[row], i, &rule); i++)
		if (rule.bit == bit)
			return &h->entries[bit]->counts->rules[rule.number].left_out;
	return NULL;
}

void hawk_policies_on_left_out(void *ctx, const struct hawk_cgen *code, unsigned int bit, uint64_t n)
{
	struct hawk_policies *p = ctx;
	_Atomic uint64_t *count = NULL;

	for (const struct hawk_policies_held *h = p->sets; h && !count; h = h->next)
		count = left_out_of(h, code, bit);
	if (count)
		*count += n;
}

uint64_t hawk_policies_left_out(const struct hawk_policies *p, const struct hawk_policies_entry *e, size_t i)
{
	uint64_t sum = e->counts->rules[i].left_out;
	const int bit = hawk_policies_bit(p, e);
	struct hawk_policy_set_rule rule;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t row = 0; bit >= 0 && row < n; row++)
		for (size_t k = 0; hawk_policies_rule(p, descs[row], k, &rule); k++)
			if (rule.bit == (unsigned int)bit && rule.number == i)
				sum += hawk_collect_left_out(p->collect, row, rule.bit);
	return sum;
}
