/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "ctl/fmt.h"
#include "ctl/term.h"
#include "src/base/cleanup.h"

DEFINE_CLEANUP(struct hawk_table, hawk_table_free)

static void put_kinds(FILE *to, const json_t *kinds)
{
	_cleanup_(hawk_table_freep) struct hawk_table *table = hawk_table_new("KIND,USABLE,WHY NOT");

	for (size_t i = 0; table && i < json_array_size(kinds); i++) {
		const json_t *kind = json_array_get(kinds, i);
		bool usable = hawk_get_bool(kind, "usable");

		hawk_table_put(table, hawk_get_string(kind, "name"));
		hawk_table_put(table, usable ? "yes" : "no");
		hawk_table_style(table, usable ? HAWK_GREEN : HAWK_YELLOW);
		hawk_table_put(table, hawk_get_string(kind, "problem"));
	}
	if (table)
		hawk_table_print(table, to, hawk_term_width());
}

/* Why the alternatives before the chosen one were passed over. */
static void put_reasons(struct hawk_buf *out, const json_t *probe)
{
	const json_t *alternatives = json_object_get(probe, "alternatives");

	for (size_t i = 0; i < json_array_size(alternatives); i++) {
		const json_t *alternative = json_array_get(alternatives, i);
		const char *problem = hawk_get_string(alternative, "problem");

		if (hawk_get_bool(alternative, "chosen"))
			return;
		if (*problem)
			hawk_buf_printf(out, "%s%s: %s", out->len ? "; " : "",
					hawk_get_string(alternative, "name"), problem);
	}
}

static void put_event(struct hawk_table *table, const json_t *probe)
{
	_cleanup_(hawk_buf_done) struct hawk_buf reasons = HAWK_BUF_INIT;
	const char *chosen = hawk_get_string(probe, "chosen");
	bool wanted = hawk_get_bool(probe, "wanted");

	hawk_table_put(table, hawk_get_string(probe, "event"));
	hawk_table_put(table, *chosen ? chosen : wanted ? "impossible" : "off");
	hawk_table_style(table, *chosen ? HAWK_GREEN : wanted ? HAWK_RED : HAWK_DIM);
	put_reasons(&reasons, probe);
	hawk_table_put(table, hawk_buf_str(&reasons));
}

static void put_programs(FILE *to, const json_t *programs)
{
	_cleanup_(hawk_table_freep) struct hawk_table *table = hawk_table_new("PROGRAM,KIND,>ID,TARGET");

	for (size_t i = 0; table && i < json_array_size(programs); i++) {
		const json_t *program = json_array_get(programs, i);

		hawk_table_put(table, hawk_get_string(program, "name"));
		hawk_table_put(table, hawk_get_string(program, "kind"));
		hawk_table_put_u64(table, hawk_get_u64(program, "id"));
		hawk_table_put(table, hawk_get_string(program, "target"));
	}
	if (table)
		hawk_table_print(table, to, hawk_term_width());
}

void hawk_fmt_probe_list(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	_cleanup_(hawk_table_freep) struct hawk_table *table = hawk_table_new("EVENT,PROBE,NOT USED");
	const json_t *events = json_object_get(reply, "events");

	for (size_t i = 0; table && i < json_array_size(events); i++)
		put_event(table, json_array_get(events, i));
	if (table)
		hawk_table_print(table, to, hawk_term_width());
	putc('\n', to);
	put_programs(to, json_object_get(reply, "programs"));
	putc('\n', to);
	put_kinds(to, json_object_get(reply, "kinds"));
}
