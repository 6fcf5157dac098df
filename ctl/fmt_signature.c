/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>

#include "ctl/fmt.h"
#include "ctl/term.h"
#include "src/base/cleanup.h"

static void put_row(struct hawk_table *table, const json_t *signature)
{
	const char *state = hawk_get_string(signature, "state");

	hawk_table_put(table, hawk_get_string(signature, "name"));
	hawk_table_put(table, hawk_get_string(signature, "id"));
	hawk_table_put(table, hawk_get_string(signature, "severity"));
	hawk_table_put(table, state);
	hawk_table_style(table, hawk_state_style(state));
	hawk_table_put_u64(table, hawk_get_u64(signature, "found"));
	hawk_table_put(table, hawk_get_string(signature, "title"));
}

void hawk_fmt_signature_list(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	(void)command;
	hawk_put_rows(to, "SIGNATURE,ID,SEVERITY,STATE,>FOUND,TITLE", json_object_get(reply, "signatures"), put_row);
	hawk_put_problems(to, json_object_get(reply, "problems"));
}

static void put_one(FILE *to, const char *label, const char *text)
{
	if (!*text)
		return;
	hawk_put_label(to, label);
	hawk_put(to, text);
	fputc('\n', to);
}

static void put_signature(FILE *to, const json_t *signature)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	const char *state = hawk_get_string(signature, "state");

	fprintf(to, "%s", hawk_term_style(HAWK_BOLD));
	hawk_put(to, hawk_get_string(signature, "name"));
	fprintf(to, "%s  %s", hawk_term_style(HAWK_PLAIN), hawk_term_style(hawk_state_style(state)));
	hawk_put(to, state);
	fprintf(to, "%s\n", hawk_term_style(HAWK_PLAIN));
	put_one(to, "Title", hawk_get_string(signature, "title"));
	put_one(to, "Id", hawk_get_string(signature, "id"));
	put_one(to, "Version", hawk_get_string(signature, "version"));
	put_one(to, "Severity", hawk_get_string(signature, "severity"));
	put_one(to, "Tactic", hawk_get_string(signature, "tactic"));
	put_one(to, "Technique", hawk_get_string(signature, "technique"));
	put_one(to, "Layer", hawk_get_string(signature, "layer"));
	hawk_put_label(to, "From");
	hawk_put(to, hawk_get_string(signature, "path"));
	fputs(hawk_get_bool(signature, "by_hand") ? " (until the daemon ends)\n" : "\n", to);
	hawk_put_label(to, "Found");
	fprintf(to, "%" PRIu64 ", and %" PRIu64 " alike\n", hawk_get_u64(signature, "found"),
		hawk_get_u64(signature, "suppressed"));
	hawk_join(&text, json_object_get(signature, "events"), ", ");
	put_one(to, "Events", hawk_buf_str(&text) ?: "");
	hawk_put_list(to, "Pending", json_object_get(signature, "pending"));
}

static void put_text(FILE *to, const char *heading, const char *text)
{
	if (!*text)
		return;
	hawk_put_heading(to, heading);
	hawk_put_lines(to, text);
}

void hawk_fmt_signature_show(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	(void)command;
	put_signature(to, json_object_get(reply, "signature"));
	put_one(to, "Author", hawk_get_string(reply, "author"));
	hawk_put_list(to, "Reference", json_object_get(reply, "references"));
	hawk_put_list(to, "Tag", json_object_get(reply, "tags"));
	hawk_put_list(to, "Exception", json_object_get(reply, "exceptions"));
	put_text(to, "Description", hawk_get_string(reply, "description"));
	put_text(to, "What to do", hawk_get_string(reply, "what_to_do"));
	put_text(to, "False positives", hawk_get_string(reply, "false_positives"));
	put_text(to, "Predicates", hawk_get_string(reply, "predicates"));
}

void hawk_fmt_signature_load(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *signatures = json_object_get(reply, "signatures");

	(void)command;
	if (!json_array_size(signatures))
		fputs("loaded; there are no signatures in the files\n", to);
	for (size_t i = 0; i < json_array_size(signatures); i++) {
		const json_t *signature = json_array_get(signatures, i);

		hawk_put(to, hawk_get_string(signature, "name"));
		fputs(": ", to);
		hawk_put(to, hawk_get_string(signature, "state"));
		fputc('\n', to);
		hawk_put_list(to, "Pending", json_object_get(signature, "pending"));
	}
}

static void put_counts(struct hawk_table *table, const json_t *counts)
{
	hawk_table_put(table, hawk_get_string(counts, "name"));
	hawk_table_put_u64(table, hawk_get_u64(counts, "evaluated"));
	hawk_table_put_u64(table, hawk_get_u64(counts, "found"));
	hawk_table_put_u64(table, hawk_get_u64(counts, "suppressed"));
	hawk_table_put_u64(table, hawk_get_u64(counts, "excepted"));
	hawk_table_put_u64(table, hawk_get_u64(counts, "instances"));
}

void hawk_fmt_signature_stats(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	static const char *const totals[] = { "events", "evaluated", "found", "suppressed", "excepted", "too_deep",
					      "instances", "bytes", "evicted", "exhausted" };
	const json_t *signatures = json_object_get(reply, "signatures");

	(void)command;
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++) {
		hawk_put_label(to, totals[i]);
		fprintf(to, "%" PRIu64 "\n", hawk_get_u64(reply, totals[i]));
	}
	if (!json_array_size(signatures))
		return;
	fputc('\n', to);
	hawk_put_rows(to, "SIGNATURE,>EVALUATED,>FOUND,>SUPPRESSED,>EXCEPTED,>INSTANCES", signatures, put_counts);
}

/* Files of exceptions, one behind the other: no style, and what is no exception is a comment. */
void hawk_fmt_signature_learn(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *proposals = json_object_get(reply, "proposals");
	const char *before = "";

	(void)command;
	fprintf(to, "# %s for %" PRIu64 " s: %" PRIu64 " findings\n", hawk_get_bool(reply, "learning") ? "learning" : "learnt",
		hawk_get_u64(reply, "seconds"), hawk_get_u64(reply, "findings"));
	if (hawk_get_u64(reply, "left_out"))
		fprintf(to, "# of these %" PRIu64 " were too many to remember\n", hawk_get_u64(reply, "left_out"));
	for (size_t i = 0; i < json_array_size(proposals); i++) {
		const json_t *p = json_array_get(proposals, i);
		const char *name = hawk_get_string(p, "signature");

		if (strcmp(name, before) != 0) {
			fputs("\n# /etc/sechawk/signatures.d/", to);
			hawk_put(to, name);
			fputs(".exceptions.yaml\nkind: exceptions\nsignature: ", to);
			hawk_put(to, name);
			fputs("\nexceptions:\n", to);
		}
		hawk_put_lines(to, hawk_get_string(p, "exception"));
		before = name;
	}
}
