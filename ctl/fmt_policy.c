/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>

#include "ctl/fmt.h"
#include "ctl/term.h"
#include "src/base/cleanup.h"

/* The event of ROW as a heading. */
static void put_event_heading(FILE *to, const json_t *row)
{
	fprintf(to, "\n%s", hawk_term_style(HAWK_BOLD));
	hawk_put(to, hawk_get_string(row, "event"));
	fprintf(to, "%s\n", hawk_term_style(HAWK_PLAIN));
}

static void put_row(struct hawk_table *table, const json_t *policy)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	const char *state = hawk_get_string(policy, "state");

	hawk_table_put(table, hawk_get_string(policy, "name"));
	hawk_table_put(table, state);
	hawk_table_style(table, hawk_state_style(state));
	hawk_table_put(table, hawk_get_string(policy, "decided"));
	hawk_table_put_u64(table, hawk_get_u64(policy, "rules"));
	hawk_table_put_u64(table, hawk_get_u64(policy, "hits"));
	hawk_join(&text, json_object_get(policy, "events"), ",");
	hawk_table_put(table, hawk_buf_str(&text));
}

void hawk_fmt_policy_list(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *policies = json_object_get(reply, "policies");

	(void)command;
	hawk_put_rows(to, "POLICY,STATE,DECIDED IN,>RULES,>HITS,EVENTS", policies, put_row);
	/* what never matches, and what is not loaded, is never cut */
	for (size_t i = 0; i < json_array_size(policies); i++) {
		const json_t *policy = json_array_get(policies, i);

		if (!json_array_size(json_object_get(policy, "pending")))
			continue;
		fputc('\n', to);
		hawk_put(to, hawk_get_string(policy, "name"));
		fputs(":\n", to);
		hawk_put_list(to, "pending", json_object_get(policy, "pending"));
	}
	hawk_put_problems(to, json_object_get(reply, "problems"));
}

static void put_policy(FILE *to, const json_t *policy)
{
	const char *state = hawk_get_string(policy, "state");

	fprintf(to, "%s", hawk_term_style(HAWK_BOLD));
	hawk_put(to, hawk_get_string(policy, "name"));
	fprintf(to, "%s  %s", hawk_term_style(HAWK_PLAIN), hawk_term_style(hawk_state_style(state)));
	hawk_put(to, state);
	fprintf(to, "%s\n", hawk_term_style(HAWK_PLAIN));
	if (*hawk_get_string(policy, "description")) {
		hawk_put_label(to, "Description");
		hawk_put(to, hawk_get_string(policy, "description"));
		fputc('\n', to);
	}
	hawk_put_label(to, "From");
	hawk_put(to, hawk_get_string(policy, "path"));
	fputs(hawk_get_bool(policy, "by_hand") ? " (until the daemon ends)\n" : "\n", to);
	hawk_put_label(to, "Hits");
	fprintf(to, "%" PRIu64 "\n", hawk_get_u64(policy, "hits"));
	if (hawk_get_u64(policy, "disagreements")) {
		hawk_put_label(to, "Disagreed");
		fprintf(to, "%" PRIu64 " times kernel and daemon: please report this\n",
			hawk_get_u64(policy, "disagreements"));
	}
	hawk_put_list(to, "Pending", json_object_get(policy, "pending"));
	hawk_put_list(to, "Warning", json_object_get(policy, "warnings"));
}

static void put_rule(FILE *to, const json_t *rule)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	uint64_t hits = hawk_get_u64(rule, "hits"), seen = hawk_get_u64(rule, "seen");

	put_event_heading(to, rule);
	hawk_join(&text, json_object_get(rule, "events"), ", ");
	hawk_put_label(to, "Events");
	hawk_put(to, text.len ? hawk_buf_str(&text) : "none");
	fputc('\n', to);
	if (*hawk_get_string(rule, "filter")) {
		hawk_put_label(to, "Filter");
		hawk_put(to, hawk_get_string(rule, "filter"));
		fputc('\n', to);
	}
	hawk_put_label(to, "Hits");
	fprintf(to, "%" PRIu64, hits);
	if (seen > hits)
		fprintf(to, " of %" PRIu64 ", the rest left out by its rate", seen);
	fputc('\n', to);
	hawk_put_list(to, "Pending", json_object_get(rule, "pending"));
}

void hawk_fmt_policy_show(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *rules = json_object_get(reply, "rules");

	(void)command;
	put_policy(to, json_object_get(reply, "policy"));
	if (*hawk_get_string(reply, "scope")) {
		hawk_put_label(to, "Scope");
		hawk_put(to, hawk_get_string(reply, "scope"));
		fputs(hawk_get_bool(reply, "follow") ? ", and the children of these\n" : "\n", to);
	}
	for (size_t i = 0; i < json_array_size(rules); i++)
		put_rule(to, json_array_get(rules, i));
	hawk_put_heading(to, "Text");
	hawk_put_lines(to, hawk_get_string(reply, "text"));
}

static void put_costs(FILE *to, const json_t *costs)
{
	for (size_t i = 0; i < json_array_size(costs); i++) {
		const json_t *cost = json_array_get(costs, i);
		uint64_t runs = hawk_get_u64(cost, "runs");

		if (!runs)
			continue;
		hawk_put_label(to, "Cost");
		hawk_put(to, hawk_get_string(cost, "name"));
		fprintf(to, ": %" PRIu64 " ns a run, of %" PRIu64 "\n", hawk_get_u64(cost, "ns") / runs, runs);
	}
}

static void put_event(FILE *to, const json_t *event)
{
	const char *probe = hawk_get_string(event, "probe"), *problem = hawk_get_string(event, "problem");
	const json_t *counts = json_object_get(event, "counts");

	put_event_heading(to, event);
	hawk_put_label(to, "Probe");
	hawk_put(to, *probe ? probe : *problem ? problem : "none: not collected now");
	fputc('\n', to);
	hawk_put_label(to, "Decided");
	hawk_put(to, hawk_get_string(event, "decided"));
	fputc('\n', to);
	hawk_put_list(to, "Left over", json_object_get(event, "residue"));
	hawk_put_label(to, "Kernel");
	fprintf(to, "%" PRIu64 " seen, %" PRIu64 " left out, %" PRIu64 " sent\n", hawk_get_u64(counts, "seen"),
		hawk_get_u64(counts, "filtered"), hawk_get_u64(counts, "sent"));
	put_costs(to, json_object_get(event, "costs"));
	hawk_put_lines(to, hawk_get_string(event, "program"));
}

void hawk_fmt_policy_explain(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *events = json_object_get(reply, "events");

	(void)command;
	put_policy(to, json_object_get(reply, "policy"));
	hawk_put_heading(to, "Predicates");
	hawk_put_lines(to, hawk_get_string(reply, "predicates"));
	for (size_t i = 0; i < json_array_size(events); i++)
		put_event(to, json_array_get(events, i));
}

void hawk_fmt_policy_load(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *policies = json_object_get(reply, "policies"), *policy;
	size_t i;

	(void)command;
	json_array_foreach(policies, i, policy) {
		hawk_put(to, hawk_get_string(policy, "name"));
		fputs(": ", to);
		hawk_put(to, hawk_get_string(policy, "state"));
		fputc('\n', to);
		hawk_put_list(to, "Pending", json_object_get(policy, "pending"));
		hawk_put_list(to, "Warning", json_object_get(policy, "warnings"));
	}
}

static bool is_any(const struct hawk_command *command, int a, int b)
{
	return (int)command->verb->id == a || (int)command->verb->id == b;
}

void hawk_fmt_policy_switch(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *changed = json_object_get(reply, "changed");
	const char *what = is_any(command, HAWK_VERB_POLICY_ENABLE, HAWK_VERB_SIGNATURE_ENABLE) ? "enabled" :
			   is_any(command, HAWK_VERB_POLICY_DISABLE, HAWK_VERB_SIGNATURE_DISABLE) ? "disabled" : "unloaded";

	if (!json_array_size(changed))
		fprintf(to, "nothing to do: already %s\n", what);
	for (size_t i = 0; i < json_array_size(changed); i++) {
		hawk_put(to, json_string_value(json_array_get(changed, i)) ?: "");
		fprintf(to, ": %s\n", what);
	}
}
