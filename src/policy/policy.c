/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a policy is, whatever it was written in. */
#include "src/policy/policy.h"

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/policy/tracee.h"

static void free_list(char **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

static void rule_done(struct hawk_policy_rule *rule)
{
	free(rule->event);
	hawk_ir_free(rule->filter);
	for (size_t i = 0; i < rule->aggregate.n_by; i++)
		free(rule->aggregate.by[i]);
	free_list(rule->pending, rule->n_pending);
	free_list(rule->signatures, rule->n_signatures);
}

struct hawk_policy *hawk_policy_free(struct hawk_policy *p)
{
	if (!p)
		return NULL;
	for (size_t i = 0; i < p->n_rules; i++)
		rule_done(&p->rules[i]);
	free(p->rules);
	free_list(p->pending, p->n_pending);
	free_list(p->checked_syscalls, p->n_checked_syscalls);
	free_list(p->watched_symbols, p->n_watched_symbols);
	hawk_ir_free(p->scope);
	free(p->name);
	free(p->description);
	free(p->path);
	free(p->text);
	free(p);
	return NULL;
}

static void print_pending(char *const *pending, size_t n, struct hawk_buf *out)
{
	for (size_t i = 0; i < n; i++)
		hawk_buf_printf(out, "  pending: %s\n", pending[i]);
}

static void print_events(const struct hawk_policy_rule *rule, struct hawk_buf *out)
{
	size_t n, shown = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	hawk_buf_lit(out, "  events:");
	for (size_t i = 0; i < n; i++)
		if (rule->events[i / 64] >> i % 64 & 1) {
			hawk_buf_printf(out, " %s", descs[i]->name);
			shown++;
		}
	hawk_buf_puts(out, shown ? "\n" : " none\n");
}

static void print_ir(const struct hawk_ir *ir, const char *head, struct hawk_buf *out)
{
	if (!ir)
		return;
	hawk_buf_puts(out, head);
	hawk_ir_print(ir, out);
	hawk_buf_putc(out, '\n');
}

static void print_extras(const struct hawk_policy_rule *rule, struct hawk_buf *out)
{
	if (rule->rate.one_of)
		hawk_buf_printf(out, "  rate: one of %u\n", rule->rate.one_of);
	if (rule->rate.per_second)
		hawk_buf_printf(out, "  rate: %u per second\n", rule->rate.per_second);
	if (!rule->aggregate.window)
		return;
	hawk_buf_lit(out, "  aggregate: ");
	hawk_buf_u64(out, rule->aggregate.window / 1000000);
	hawk_buf_lit(out, " ms");
	for (size_t i = 0; i < rule->aggregate.n_by; i++)
		hawk_buf_printf(out, "%s%s", i ? ", " : " by ", rule->aggregate.by[i]);
	hawk_buf_putc(out, '\n');
}

enum hawk_policy_signature hawk_policy_signature_of(const struct hawk_policy_signatures *s, const char *word)
{
	enum hawk_policy_signature best = s->find(s->ctx, word);
	const bool pattern = strchr(word, '*');
	const char *name;

	for (size_t i = 0; best != HAWK_POLICY_SIGNATURE_ON && (name = s->name(s->ctx, i)); i++) {
		enum hawk_policy_signature one;

		if (pattern ? !hawk_tracee_fits(word, name) : !s->has_tag(s->ctx, i, word))
			continue;
		one = s->find(s->ctx, name);
		best = one > best ? one : best;
	}
	return best;
}

int hawk_policy_print(const struct hawk_policy *p, struct hawk_buf *out)
{
	hawk_buf_printf(out, "policy %s\n", p->name);
	print_ir(p->scope, "  scope: ", out);
	if (p->follow)
		hawk_buf_lit(out, "  follow\n");
	print_pending(p->pending, p->n_pending, out);
	for (size_t i = 0; i < p->n_checked_syscalls; i++)
		hawk_buf_printf(out, "  checks the system call %s\n", p->checked_syscalls[i]);
	for (size_t i = 0; i < p->n_watched_symbols; i++)
		hawk_buf_printf(out, "  watches the symbol %s\n", p->watched_symbols[i]);
	for (size_t i = 0; i < p->n_rules; i++) {
		hawk_buf_printf(out, "rule %s (line %u)\n", p->rules[i].event, p->rules[i].line);
		print_events(&p->rules[i], out);
		print_ir(p->rules[i].filter, "  filter: ", out);
		print_extras(&p->rules[i], out);
		print_pending(p->rules[i].pending, p->rules[i].n_pending, out);
	}
	return out->error;
}
