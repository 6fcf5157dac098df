/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/daemon/policyshow.h"

#include <string.h>

#include "src/base/cleanup.h"
#include "src/control/server.h"

/* A predicate or all predicates of a policy as text. */
#define TEXT_MAX ((size_t)4 * 1024 * 1024)

static json_t *words(char *const *v, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, hawk_json_text(v[i]));
	return list;
}

static json_t *event_names(const uint64_t *bits)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	json_t *list = json_array();

	for (size_t row = 0; row < n; row++)
		if (hawk_bit(bits, row))
			json_array_append_new(list, json_string(descs[row]->name));
	return list;
}

/* The events of all rules that can match. */
static void all_events(const struct hawk_policy *p, uint64_t bits[static HAWK_POLICY_EVENT_WORDS])
{
	memset(bits, 0, HAWK_POLICY_EVENT_WORDS * sizeof(*bits));
	for (size_t i = 0; !p->n_pending && i < p->n_rules; i++)
		for (size_t w = 0; !p->rules[i].n_pending && w < HAWK_POLICY_EVENT_WORDS; w++)
			bits[w] |= p->rules[i].events[w];
}

/* Adds a text that is not there yet; takes it over. */
static void add_once(json_t *list, json_t *text)
{
	size_t at = 0;

	while (at < json_array_size(list) && !json_equal(json_array_get(list, at), text))
		at++;
	if (at == json_array_size(list))
		json_array_append(list, text);
	json_decref(text);
}

/* The signatures that the rule waits for: what is loaded changes without it. */
static void add_waiting(json_t *list, const struct hawk_policies *all, const struct hawk_policy_rule *rule)
{
	static const char *const why[] = {
		[HAWK_POLICY_NO_SIGNATURE] = "no such signature is loaded", /* also when the word is a tag */
		[HAWK_POLICY_SIGNATURE_OFF] = "the signature is disabled, or pending itself",
	};
	const struct hawk_policy_signatures *s = hawk_policies_names(all);

	for (size_t i = 0; s && i < rule->n_signatures; i++) {
		const enum hawk_policy_signature state = hawk_policy_signature_of(s, rule->signatures[i]);

		if (state != HAWK_POLICY_SIGNATURE_ON)
			add_once(list, json_sprintf("%s: %s", rule->signatures[i], why[state]));
	}
}

static json_t *rule_pending(const struct hawk_policies *all, const struct hawk_policy_rule *rule)
{
	json_t *list = words(rule->pending, rule->n_pending);

	add_waiting(list, all, rule);
	return list;
}

/* What is missing of the scope and of all rules, each once. */
static json_t *all_pending(const struct hawk_policies *all, const struct hawk_policy *p)
{
	json_t *list = words(p->pending, p->n_pending);

	for (size_t i = 0; i < p->n_rules; i++) {
		for (size_t k = 0; k < p->rules[i].n_pending; k++)
			add_once(list, hawk_json_text(p->rules[i].pending[k]));
		add_waiting(list, all, &p->rules[i]);
	}
	return list;
}

/* The lines of TEXT; NULL is none. */
static json_t *lines(const char *text)
{
	json_t *list = json_array();

	while (text && *text) {
		size_t len = strcspn(text, "\n");
		_cleanup_free_ char *line = strndup(text, len);

		if (line)
			json_array_append_new(list, hawk_json_text(line));
		text += len + (text[len] == '\n');
	}
	return list;
}

/* What the kernel leaves over of the policy with BIT. */
static json_t *residue(const struct hawk_policies *p, const struct hawk_cgen *code, const struct hawk_event_desc *desc,
		       int bit)
{
	json_t *list = json_array();
	struct hawk_policy_set_rule rule;

	for (size_t i = 0; i < code->n_left; i++)
		if (hawk_policies_rule(p, desc, code->left[i].rule, &rule) && rule.bit == (unsigned int)bit)
			json_array_append_new(list, json_sprintf("%s: %s", code->left[i].why, code->left[i].text));
	return list;
}

enum decided { IN_KERNEL, PARTLY, IN_DAEMON };
static const char *const decided_names[] = { "kernel", "partly", "daemon" };

/* Where a policy in force is decided for one event; *ret_left (may be NULL): what the kernel leaves over, new. */
static enum decided decided_for(const struct hawk_policies *p, const struct hawk_policies_entry *e, size_t row,
				const struct hawk_event_desc *desc, json_t **ret_left)
{
	const struct hawk_cgen *code = hawk_policies_code(p, row);
	int bit = hawk_policies_bit(p, e);
	json_t *left = code && bit >= 0 ? residue(p, code, desc, bit) : json_array();
	enum decided decided = !code || bit < 0 ? IN_DAEMON :
			       json_array_size(left) || e->policy->follow ? PARTLY : IN_KERNEL;

	if (ret_left)
		*ret_left = left;
	else
		json_decref(left);
	return decided;
}

/* The same for all its events together; NULL: it is not in force. */
static const char *decided_in_all(const struct hawk_policies *p, const struct hawk_policies_entry *e,
				  const uint64_t *events)
{
	unsigned int seen = 0;
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t row = 0; row < n && hawk_policies_bit(p, e) >= 0; row++)
		if (hawk_bit(events, row))
			seen |= 1U << decided_for(p, e, row, descs[row], NULL);
	return !seen ? NULL : decided_names[seen == 1U << IN_KERNEL ? IN_KERNEL : seen == 1U << IN_DAEMON ? IN_DAEMON : PARTLY];
}

json_t *hawk_policyshow_row(const struct hawk_policies *all, const struct hawk_policies_entry *e)
{
	const struct hawk_policy *p = e->policy;
	json_t *pending = all_pending(all, p);
	const char *state = !p->enabled ? "disabled" : json_array_size(pending) ? "pending" : "enabled";
	uint64_t bits[HAWK_POLICY_EVENT_WORDS];

	all_events(p, bits);
	return json_pack("{s:o, s:o, s:s, s:s*, s:o, s:b, s:s, s:i, s:o, s:o, s:o, s:o, s:o}", "name", hawk_json_text(p->name),
			 "description", hawk_json_text(p->description ?: ""), "state", state,
			 "decided", decided_in_all(all, e, bits), "path",
			 hawk_json_text(p->path), "by_hand", (int)e->by_hand, "dialect", p->dialect, "rules",
			 (int)p->n_rules, "events", event_names(bits), "hits", hawk_json_u64(e->counts->hits),
			 "disagreements", hawk_json_u64(e->counts->disagreed), "pending", pending, "warnings",
			 lines(e->warnings));
}

json_t *hawk_policyshow_list(const struct hawk_policies *p)
{
	const struct hawk_policies_entry *e;
	json_t *policies = json_array();

	for (size_t i = 0; (e = hawk_policies_entry(p, i)); i++)
		json_array_append_new(policies, hawk_policyshow_row(p, e));
	return json_pack("{s:o, s:o, s:i}", "policies", policies, "problems",
			 hawk_problems_json(hawk_policies_problems(p)), "max", HAWK_POLICIES_MAX);
}

/* A predicate as text; NULL: there is none, or no memory. */
static json_t *predicate(const struct hawk_ir *ir)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = TEXT_MAX };

	if (!ir || hawk_ir_print(ir, &text) < 0 || !hawk_buf_str(&text))
		return NULL;
	return hawk_json_text(text.data);
}

static json_t *rule_json(const struct hawk_policies *p, const struct hawk_policies_entry *e, size_t i)
{
	const struct hawk_policy_rule *rule = &e->policy->rules[i];
	const uint64_t left_out = hawk_policies_left_out(p, e, i);

	return json_pack("{s:o, s:i, s:o, s:o*, s:o, s:o, s:o, s:o}", "event", hawk_json_text(rule->event), "line",
			 (int)rule->line, "events", event_names(rule->events), "filter", predicate(rule->filter),
			 "hits", hawk_json_u64(e->counts->rules[i].hits), "seen",
			 hawk_json_u64(e->counts->rules[i].seen + left_out), "left_out_in_kernel", hawk_json_u64(left_out),
			 "pending", rule_pending(p, rule));
}

json_t *hawk_policyshow_show(const struct hawk_policies *p, const struct hawk_policies_entry *e)
{
	json_t *rules = json_array();

	for (size_t i = 0; i < e->policy->n_rules; i++)
		json_array_append_new(rules, rule_json(p, e, i));
	return json_pack("{s:o, s:o*, s:b, s:o, s:o}", "policy", hawk_policyshow_row(p, e), "scope",
			 predicate(e->policy->scope), "follow", (int)e->policy->follow, "rules", rules, "text",
			 hawk_json_text(e->policy->text));
}

/* Both programs as text; NULL: there are none. */
static json_t *program(const struct hawk_cgen *code)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = TEXT_MAX };

	for (unsigned int point = 0; point < HAWK_JUDGE_POINTS; point++)
		if (code->programs[point].insns) {
			hawk_buf_printf(&text, "%s, %zu instructions:\n", point == HAWK_JUDGE_SCOPE ?
					"of the task, before anything is collected" : "of the record, before it is sent",
					code->programs[point].n_insns);
			hawk_cgen_print(code, point, &text);
		}
	return text.len && hawk_buf_str(&text) ? hawk_json_text(text.data) : NULL;
}

static json_t *event_json(const struct hawk_policies *p, const struct hawk_policies_entry *e, size_t row,
			  const struct hawk_event_desc *desc)
{
	const struct hawk_cgen *code = hawk_policies_code(p, row);
	json_t *left;
	const char *decided = decided_names[decided_for(p, e, row, desc, &left)];

	return json_pack("{s:s, s:s, s:o, s:o*}", "event", desc->name, "decided", decided, "residue", left, "program",
			 code ? program(code) : NULL);
}

json_t *hawk_policyshow_explain(const struct hawk_policies *p, const struct hawk_policies_entry *e)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = TEXT_MAX };
	json_t *events = json_array();
	uint64_t bits[HAWK_POLICY_EVENT_WORDS];
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	all_events(e->policy, bits);
	for (size_t row = 0; row < n; row++)
		if (hawk_bit(bits, row))
			json_array_append_new(events, event_json(p, e, row, descs[row]));
	hawk_policy_print(e->policy, &text);
	return json_pack("{s:o, s:o, s:o}", "policy", hawk_policyshow_row(p, e), "predicates",
			 hawk_json_text(hawk_buf_str(&text) ?: ""), "events", events);
}
