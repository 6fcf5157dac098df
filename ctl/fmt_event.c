/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "ctl/fmt.h"
#include "ctl/term.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"

DEFINE_CLEANUP(struct hawk_table, hawk_table_free)

/* How an event stands, in a word. */
static const char *event_state(const json_t *event, enum hawk_style *ret_style)
{
	*ret_style = HAWK_PLAIN;
	if (*hawk_get_string(event, "problem")) {
		*ret_style = HAWK_RED;
		return "impossible";
	}
	if (hawk_get_bool(event, "enabled")) {
		*ret_style = HAWK_GREEN;
		return "enabled";
	}
	if (hawk_get_bool(event, "collected")) {
		*ret_style = HAWK_YELLOW;
		return "collected";
	}
	return "";
}

static void put_joined(struct hawk_table *table, const json_t *list)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

	hawk_join(&text, list, ",");
	hawk_table_put(table, hawk_buf_str(&text));
}

static void put_pending(struct hawk_table *table, const json_t *pending)
{
	for (size_t i = 0; table && i < json_array_size(pending); i++) {
		const json_t *event = json_array_get(pending, i);

		hawk_table_put(table, hawk_get_string(event, "name"));
		hawk_table_put(table, "pending");
		hawk_table_style(table, HAWK_YELLOW);
		hawk_table_put(table, "");
		put_joined(table, json_object_get(event, "sets"));
		hawk_table_put(table, hawk_get_string(event, "reason"));
	}
}

void hawk_fmt_event_list(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	_cleanup_(hawk_table_freep) struct hawk_table *table =
		hawk_table_new("EVENT,STATE,PROBE,SETS,MEANING");
	const json_t *events = json_object_get(reply, "events");

	for (size_t i = 0; table && i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);
		enum hawk_style style;

		hawk_table_put(table, hawk_get_string(event, "name"));
		hawk_table_put(table, event_state(event, &style));
		hawk_table_style(table, style);
		hawk_table_put(table, hawk_get_string(event, "probe"));
		put_joined(table, json_object_get(event, "sets"));
		hawk_table_put(table, hawk_get_string(event, "doc"));
	}
	put_pending(table, json_object_get(reply, "pending"));
	if (table)
		hawk_table_print(table, to, hawk_term_width());
}

static void put_list(FILE *to, const char *label, const json_t *list)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

	if (!json_array_size(list))
		return;
	hawk_put_label(to, label);
	hawk_join(&text, list, ", ");
	if (hawk_buf_str(&text))
		hawk_put(to, text.data);
	putc('\n', to);
}

static void put_fields(FILE *to, const json_t *fields)
{
	_cleanup_(hawk_table_freep) struct hawk_table *table = hawk_table_new("  FIELD,TYPE,MEANING");
	_cleanup_(hawk_buf_done) struct hawk_buf name = HAWK_BUF_INIT;

	if (!table || !json_array_size(fields))
		return;
	for (size_t i = 0; i < json_array_size(fields); i++) {
		const json_t *field = json_array_get(fields, i);

		hawk_buf_reset(&name);
		hawk_buf_printf(&name, "  data.%s", hawk_get_string(field, "name"));
		hawk_table_put(table, hawk_buf_str(&name));
		hawk_table_put(table, hawk_get_string(field, "type"));
		hawk_table_put(table, hawk_get_string(field, "doc"));
	}
	hawk_put_heading(to, "Fields");
	hawk_table_print(table, to, hawk_term_width());
}

static void put_note(FILE *to, const char *label, const char *text, enum hawk_style style)
{
	if (!*text)
		return;
	fprintf(to, "      %s%s ", hawk_term_style(style), label);
	hawk_put(to, text);
	fprintf(to, "%s\n", hawk_term_style(HAWK_PLAIN));
}

static void put_alternative(FILE *to, const json_t *alternative)
{
	_cleanup_(hawk_buf_done) struct hawk_buf programs = HAWK_BUF_INIT;
	bool chosen = hawk_get_bool(alternative, "chosen");

	fprintf(to, "  %s%s ", chosen ? hawk_term_style(HAWK_GREEN) : "", chosen ? "●" : "○");
	hawk_put(to, hawk_get_string(alternative, "name"));
	fprintf(to, "%s, %s the fact: ", chosen ? hawk_term_style(HAWK_PLAIN) : "",
		hawk_get_bool(alternative, "before") ? "before" : "after");
	hawk_join(&programs, json_object_get(alternative, "programs"), ", ");
	if (hawk_buf_str(&programs))
		hawk_put(to, programs.data);
	putc('\n', to);
	put_note(to, "sees", hawk_get_string(alternative, "sees"), HAWK_PLAIN);
	put_note(to, "misses", hawk_get_string(alternative, "misses"), HAWK_PLAIN);
	put_note(to, "cannot be used:", hawk_get_string(alternative, "problem"), HAWK_YELLOW);
}

static void put_counts(FILE *to, const json_t *counts)
{
	static const char *const names[] = { "seen", "filtered", "sent", "lost" };

	if (!json_is_object(counts))
		return;
	hawk_put_label(to, "Counts");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		fprintf(to, "%s%llu %s", i ? ", " : "", (unsigned long long)hawk_get_u64(counts, names[i]),
			names[i]);
	putc('\n', to);
}

static void put_costs(FILE *to, const json_t *costs)
{
	bool measured = false;

	for (size_t i = 0; i < json_array_size(costs); i++) {
		const json_t *cost = json_array_get(costs, i);
		unsigned long long runs = hawk_get_u64(cost, "runs"), ns = hawk_get_u64(cost, "ns");

		if (!runs)
			continue;
		if (!measured)
			hawk_put_label(to, "Cost");
		fputs(measured ? ", " : "", to);
		hawk_put(to, hawk_get_string(cost, "name"));
		fprintf(to, " %llu ns per run (%llu measured)", ns / runs, runs);
		measured = true;
	}
	if (measured)
		putc('\n', to);
	if (measured || !json_array_size(costs))
		return;
	hawk_put_label(to, "Cost");
	fputs("not measured: sechawkctl stats --window measures\n", to);
}

void hawk_fmt_event_show(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *event = json_object_get(reply, "event");
	const json_t *alternatives = json_object_get(reply, "alternatives");
	const char *problem = hawk_get_string(event, "problem");
	enum hawk_style style;
	const char *state = event_state(event, &style);

	fputs(hawk_term_style(HAWK_BOLD), to);
	hawk_put(to, hawk_get_string(event, "name"));
	fprintf(to, "%s: ", hawk_term_style(HAWK_PLAIN));
	hawk_put(to, hawk_get_string(event, "doc"));
	putc('\n', to);
	hawk_put_label(to, "State");
	fprintf(to, "%s%s%s", hawk_term_style(style), *state ? state : "off", hawk_term_style(HAWK_PLAIN));
	if (*problem) {
		fputs(": ", to);
		hawk_put(to, problem);
	}
	putc('\n', to);
	put_list(to, "Aliases", json_object_get(event, "aliases"));
	put_list(to, "Sets", json_object_get(event, "sets"));
	put_list(to, "Needs", json_object_get(reply, "needs"));
	put_counts(to, json_object_get(reply, "counts"));
	put_costs(to, json_object_get(reply, "costs"));
	put_fields(to, json_object_get(reply, "fields"));
	if (json_array_size(alternatives))
		hawk_put_heading(to, "Probes, best first");
	for (size_t i = 0; i < json_array_size(alternatives); i++)
		put_alternative(to, json_array_get(alternatives, i));
}

void hawk_fmt_event_switch(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	_cleanup_(hawk_buf_done) struct hawk_buf names = HAWK_BUF_INIT;
	const char *done = command->verb->id == HAWK_VERB_EVENT_ENABLE ? "Enabled" : "Disabled";
	const json_t *changed = json_object_get(reply, "changed");

	hawk_join(&names, changed, ", ");
	if (!json_array_size(changed) || !hawk_buf_str(&names)) {
		fprintf(to, "Nothing to do: %s already.\n",
			command->verb->id == HAWK_VERB_EVENT_ENABLE ? "enabled" : "disabled");
		return;
	}
	fprintf(to, "%s: ", done);
	hawk_put(to, names.data);
	putc('\n', to);
}
