/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl/fmt.h"
#include "ctl/table.h"
#include "ctl/term.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"

/* "EVENT  key=value key=value": the members of "data" that say something. */
static void put_finding(FILE *to, const json_t *event)
{
	const char *key;
	json_t *value;

	fprintf(to, "%s", hawk_term_style(HAWK_RED));
	hawk_put(to, hawk_get_string(event, "event"));
	fprintf(to, "%s", hawk_term_style(HAWK_PLAIN));
	json_object_foreach(json_object_get(event, "data"), key, value) {
		if (json_is_string(value) ? !json_string_length(value) : !json_is_integer(value))
			continue;
		fputc(' ', to);
		hawk_put(to, key);
		fputc('=', to);
		if (json_is_string(value))
			hawk_put(to, json_string_value(value));
		else
			fprintf(to, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	}
	fputc('\n', to);
}

static void put_check(struct hawk_table *table, const json_t *check)
{
	const char *state = hawk_get_string(check, "state");

	hawk_table_put(table, hawk_get_string(check, "name"));
	hawk_table_put(table, state);
	hawk_table_style(table, strcmp(state, "done") == 0 ? HAWK_GREEN : HAWK_YELLOW);
	hawk_table_put_u64(table, hawk_get_u64(check, "looked"));
	hawk_table_put_u64(table, hawk_get_u64(check, "findings"));
	hawk_table_put(table, hawk_get_string(check, "doc"));
}

void hawk_fmt_integrity_check(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *findings = json_object_get(reply, "findings"), *checks = json_object_get(reply, "checks");

	(void)command;
	for (size_t i = 0; i < json_array_size(findings); i++)
		put_finding(to, json_array_get(findings, i));
	if (json_array_size(findings))
		fputc('\n', to);
	hawk_put_rows(to, "CHECK,STATE,>LOOKED,>FINDINGS,MEANING", checks, put_check);
	/* why something was not looked at is never cut */
	for (size_t i = 0; i < json_array_size(checks); i++) {
		const json_t *check = json_array_get(checks, i);

		if (!*hawk_get_string(check, "note"))
			continue;
		hawk_put(to, hawk_get_string(check, "name"));
		fputs(": ", to);
		hawk_put(to, hawk_get_string(check, "note"));
		fputc('\n', to);
	}
}

#define PER_LINE 16

/* Two hexadecimal digits per byte, as the daemon sends them; what else it may be, 0. */
static unsigned int byte_at(const char *hex, size_t i)
{
	unsigned int byte = 0;

	return sscanf(hex + 2 * i, "%2x", &byte) == 1 ? byte & 0xff : 0;
}

void hawk_fmt_integrity_dump(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *data = json_object_get(json_object_get(reply, "dump"), "data");
	const char *hex = hawk_get_string(data, "bytes");
	size_t n = strlen(hex) / 2;

	(void)command;
	hawk_put(to, hawk_get_string(data, "address"));
	fputc(' ', to);
	hawk_put(to, hawk_get_string(data, "symbol_name"));
	fputc('\n', to);
	for (size_t line = 0; line < n; line += PER_LINE) {
		fprintf(to, "%04zx ", line);
		for (size_t i = line; i < line + PER_LINE; i++)
			if (i < n)
				fprintf(to, " %02x", byte_at(hex, i));
			else
				fputs("   ", to);
		fputs("  ", to);
		for (size_t i = line; i < n && i < line + PER_LINE; i++) {
			unsigned int byte = byte_at(hex, i);

			fputc(byte >= ' ' && byte < 0x7f ? (int)byte : '.', to);
		}
		fputc('\n', to);
	}
}
