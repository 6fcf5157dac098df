/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/policy/fixture.h"

/* What signatures there are: "mine", with id M-1 and the tag "web". */
static enum hawk_policy_signature find_known(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "mine") == 0 || strcmp(name, "M-1") == 0 ? HAWK_POLICY_SIGNATURE_ON : HAWK_POLICY_NO_SIGNATURE;
}

static bool has_known_tag(void *ctx, size_t i, const char *tag)
{
	(void)ctx, (void)i;
	return strcmp(tag, "web") == 0;
}

static const char *known_name(void *ctx, size_t i)
{
	(void)ctx;
	return i ? NULL : "mine";
}

static const struct hawk_policy_signatures known = { find_known, known_name, has_known_tag, NULL };

struct hawk_policy *made(const char *scope, const char *event, const char *const *filters)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT, told = HAWK_BUF_INIT;
	struct hawk_diags diags = { .path = "test" };
	struct hawk_policy *p = NULL;

	hawk_buf_printf(&text, "type: policy\nname: test\nscope:\n");
	for (const char *one = scope; *one; one += strcspn(one, ";"), one += *one == ';')
		hawk_buf_printf(&text, "  - '%.*s'\n", (int)strcspn(one, ";"), one);
	hawk_buf_printf(&text, "rules:\n  - event: '%s'\n    filters:\n", event);
	for (; filters && *filters; filters++)
		hawk_buf_printf(&text, "      - '%s'\n", *filters);
	if (hawk_policy_parse(&p, hawk_buf_str(&text), text.len, "test", &known, &diags) < 0) {
		hawk_diags_print(&diags, &told);
		fail_msg("%s\n%s", text.data, hawk_buf_str(&told));
	}
	hawk_diags_done(&diags);
	return p;
}

bool matches(const struct hawk_policy *p, const struct hawk_event *e)
{
	size_t n, row = 0;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	while (descs[row] != e->desc)
		row++;
	if (p->n_pending || (p->scope && !hawk_ir_eval(p->scope, e, NULL)))
		return false;
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct hawk_policy_rule *rule = &p->rules[i];

		if ((rule->events[row / 64] >> row % 64 & 1) && !rule->n_pending &&
		    (!rule->filter || hawk_ir_eval(rule->filter, e, NULL)))
			return true;
	}
	return false;
}
