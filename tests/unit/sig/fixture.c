/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/sig/fixture.h"

#include "src/ir/node.h"

char told[FOUND_MAX], evidence[FOUND_MAX];
uint64_t found_time;

void make(struct made *m, const char *name)
{
	*m = (struct made){ .sig = { .id = (char *)name, .name = (char *)name, .title = (char *)name } };
	m->sig.version = (char *)"1";
	m->sig.steps = m->steps;
}

struct hawk_sig_step *add_step(struct made *m, const char *events, const char *guard)
{
	size_t step = m->sig.n_steps++;
	struct hawk_sig_match *match = &m->matches[step];
	char name[64];

	assert_true(step < HAWK_SIG_STEPS_MAX);
	for (int n; sscanf(events, "%63s%n", name, &n) == 1; events += n) {
		const struct hawk_event_desc *desc = hawk_event_by_name(name);

		assert_non_null(desc);
		match->events[hawk_ir_row(desc) / 64] |= 1ULL << hawk_ir_row(desc) % 64;
	}
	match->guard = guard ? parsed(guard) : NULL;
	m->steps[step] = (struct hawk_sig_step){ .matches = match, .n_matches = 1, .count = 1 };
	return &m->steps[step];
}

void tie(struct made *m, enum hawk_sig_by by)
{
	m->sig.by[m->sig.n_by++].by = by;
}

void unmake(struct made *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < m[i].sig.n_steps; k++)
			hawk_ir_free(m[i].matches[k].guard);
}

struct hawk_sig_set *set_of(struct made *m, size_t n)
{
	struct hawk_sig **all = calloc(n, sizeof(struct hawk_sig *));
	struct hawk_sig_set *s = NULL;

	assert_non_null(all);
	for (size_t i = 0; i < n; i++)
		all[i] = &m[i].sig;
	assert_int_equal(hawk_sig_set_new(&s, all, n), 0);
	free(all);
	return s;
}

void tell(void *ctx, const struct hawk_sig_found *found)
{
	size_t n = strlen(told);

	(void)ctx;
	n += (size_t)snprintf(told + n, sizeof(told) - n, "%s%s", n ? " " : "", found->sig->name);
	if (found->suppressed)
		snprintf(told + n, sizeof(told) - n, "+%u", found->suppressed);
	evidence[0] = 0;
	for (size_t i = n = 0; i < found->n_evidence; i++) {
		const struct hawk_sig_evidence *e = &found->evidence[i];

		assert_true(e->len == 0 || e->json[0] == '{');
		n += (size_t)snprintf(evidence + n, sizeof(evidence) - n, "%s%s", n ? " " : "", e->event);
	}
	found_time = found->time;
}

void look_at(struct hawk_sig_engine *e, struct hawk_event *event, double time)
{
	event->time = (uint64_t)(time * 1e9);
	hawk_sig_engine_event(e, event, NULL, tell, NULL);
}

void expect_told(const char *want)
{
	assert_string_equal(told, want);
	told[0] = 0;
}
