/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "ctl/fmt.h"
#include "ctl/term.h"
#include "src/base/cleanup.h"

static void put_kind(struct hawk_table *table, const json_t *kind)
{
	bool usable = hawk_get_bool(kind, "usable");

	hawk_table_put(table, hawk_get_string(kind, "name"));
	hawk_table_put(table, usable ? "yes" : "no");
	hawk_table_style(table, usable ? HAWK_GREEN : HAWK_YELLOW);
	hawk_table_put(table, hawk_get_string(kind, "problem"));
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

static void put_program(struct hawk_table *table, const json_t *program)
{
	hawk_table_put(table, hawk_get_string(program, "name"));
	hawk_table_put(table, hawk_get_string(program, "kind"));
	hawk_table_put_u64(table, hawk_get_u64(program, "id"));
	hawk_table_put(table, hawk_get_string(program, "target"));
}

void hawk_fmt_probe_list(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	(void)command;
	hawk_put_rows(to, "EVENT,PROBE,NOT USED", json_object_get(reply, "events"), put_event);
	putc('\n', to);
	hawk_put_rows(to, "PROGRAM,KIND,>ID,TARGET", json_object_get(reply, "programs"), put_program);
	putc('\n', to);
	hawk_put_rows(to, "KIND,USABLE,WHY NOT", json_object_get(reply, "kinds"), put_kind);
}
