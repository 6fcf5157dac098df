/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a signature became, as text. */
#include "src/sig/reader.h"

#define SECOND 1000000000ULL

/* In the largest unit that has no rest. */
static void print_time(struct hawk_buf *out, uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { 86400 * SECOND, "d" }, { 3600 * SECOND, "h" }, { 60 * SECOND, "min" }, { SECOND, "s" },
		      { 1000000, "ms" },	{ 1000, "us" },		 { 1, "ns" } };
	size_t i = 0;

	while (ns % units[i].ns)
		i++;
	hawk_buf_u64(out, ns / units[i].ns);
	hawk_buf_puts(out, units[i].name);
}

static void print_events(const struct hawk_sig_match *m, struct hawk_buf *out)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	hawk_buf_lit(out, "    events:");
	for (size_t i = 0; i < n; i++)
		if (m->events[i / 64] >> i % 64 & 1)
			hawk_buf_printf(out, " %s", descs[i]->name);
	for (size_t i = 0; i < m->n_findings; i++)
		hawk_buf_printf(out, " finding=%s", m->findings[i]);
	hawk_buf_putc(out, '\n');
}

static void print_match(const struct hawk_sig_match *m, struct hawk_buf *out)
{
	print_events(m, out);
	if (m->guard) {
		hawk_buf_lit(out, "      where: ");
		hawk_ir_print(m->guard, out);
		hawk_buf_putc(out, '\n');
	}
	if (m->where)
		hawk_buf_puts(out, m->guard ? "      and the rest of the condition, in the daemon\n" :
					      "      where: the condition, in the daemon\n");
}

static void print_step(const struct hawk_sig *s, size_t i, struct hawk_buf *out)
{
	const struct hawk_sig_step *step = &s->steps[i];

	hawk_buf_printf(out, "  step %zu%s%s%s:", i + 1, step->name ? " " : "", step->name ? step->name : "",
			step->absent ? ", which must not come" : "");
	if (step->count > 1)
		hawk_buf_printf(out, " %u%s of", step->count, step->distinct ? " different" : "");
	hawk_buf_lit(out, " any of\n");
	for (size_t k = 0; k < step->n_matches; k++)
		print_match(&step->matches[k], out);
	for (size_t k = 0; k < step->n_captures; k++)
		hawk_buf_printf(out, "    captures %s\n", s->captures[step->captures[k].index]);
}

static void print_keys(const struct hawk_sig_key *keys, size_t n, struct hawk_buf *out)
{
	for (size_t i = 0; i < n; i++)
		hawk_buf_printf(out, "%s%s", i ? ", " : " by ", hawk_sig_by_name(keys[i].by) ?: "an expression");
}

static void print_state(const struct hawk_sig *s, struct hawk_buf *out)
{
	if (s->within) {
		hawk_buf_lit(out, "  within ");
		print_time(out, s->within);
		hawk_buf_puts(out, s->unordered ? ", in any order," : "");
		print_keys(s->by, s->n_by, out);
		hawk_buf_putc(out, '\n');
	}
	if (s->suppress) {
		hawk_buf_lit(out, "  alike ones are counted for ");
		print_time(out, s->suppress);
		print_keys(s->suppress_by, s->n_suppress_by, out);
		hawk_buf_putc(out, '\n');
	}
}

int hawk_sig_print(const struct hawk_sig *s, struct hawk_buf *out)
{
	hawk_buf_printf(out, "signature %s (%s %s), %s%s%s%s\n", s->name, s->id, s->version,
			hawk_severity_name(s->severity), s->technique ? ", " : "", s->technique ? s->technique : "",
			s->enabled ? "" : ", off at first");
	for (size_t i = 0; i < s->n_pending; i++)
		hawk_buf_printf(out, "  pending: %s\n", s->pending[i]);
	for (size_t i = 0; i < s->n_steps; i++)
		print_step(s, i, out);
	print_state(s, out);
	for (size_t i = 0; i < s->n_exceptions; i++)
		hawk_buf_printf(out, "  not: %s\n", s->exceptions[i].name);
	if (s->n_output)
		hawk_buf_lit(out, "  tells:");
	for (size_t i = 0; i < s->n_output; i++)
		hawk_buf_printf(out, " %s%s", s->output[i].name, s->output[i].optional ? "?" : "");
	if (s->n_output)
		hawk_buf_putc(out, '\n');
	if (s->n_tests)
		hawk_buf_printf(out, "  %zu tests\n", s->n_tests);
	return out->error;
}
