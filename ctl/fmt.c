/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/fmt.h"

#include <string.h>

#include "ctl/term.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"

DEFINE_CLEANUP(struct hawk_table, hawk_table_free)

static void (*const formatters[HAWK_VERB_MAX])(FILE *, const struct hawk_command *, const json_t *) = {
	[HAWK_VERB_STATUS] = hawk_fmt_status,
	[HAWK_VERB_VERSION] = hawk_fmt_version,
	[HAWK_VERB_RELOAD] = hawk_fmt_reload,
	[HAWK_VERB_LOG_LEVEL] = hawk_fmt_log_level,
	[HAWK_VERB_EVENT_LIST] = hawk_fmt_event_list,
	[HAWK_VERB_EVENT_SHOW] = hawk_fmt_event_show,
	[HAWK_VERB_EVENT_ENABLE] = hawk_fmt_event_switch,
	[HAWK_VERB_EVENT_DISABLE] = hawk_fmt_event_switch,
	[HAWK_VERB_PROCESS_LIST] = hawk_fmt_process_list,
	[HAWK_VERB_PROCESS_SHOW] = hawk_fmt_process_show,
	[HAWK_VERB_PROCESS_TREE] = hawk_fmt_process_tree,
	[HAWK_VERB_PROCESS_TARGETS] = hawk_fmt_process_targets,
	[HAWK_VERB_DNS_LIST] = hawk_fmt_dns_list,
	[HAWK_VERB_DNS_SHOW] = hawk_fmt_dns_show,
	[HAWK_VERB_FINDING_LIST] = hawk_fmt_finding_list,
	[HAWK_VERB_FINDING_SHOW] = hawk_fmt_finding_show,
	[HAWK_VERB_INTEGRITY_CHECK] = hawk_fmt_integrity_check,
	[HAWK_VERB_INTEGRITY_DUMP] = hawk_fmt_integrity_dump,
	[HAWK_VERB_POLICY_LIST] = hawk_fmt_policy_list,
	[HAWK_VERB_POLICY_SHOW] = hawk_fmt_policy_show,
	[HAWK_VERB_POLICY_EXPLAIN] = hawk_fmt_policy_explain,
	[HAWK_VERB_POLICY_LOAD] = hawk_fmt_policy_load,
	[HAWK_VERB_POLICY_UNLOAD] = hawk_fmt_policy_switch,
	[HAWK_VERB_POLICY_ENABLE] = hawk_fmt_policy_switch,
	[HAWK_VERB_POLICY_DISABLE] = hawk_fmt_policy_switch,
	[HAWK_VERB_SIGNATURE_LIST] = hawk_fmt_signature_list,
	[HAWK_VERB_SIGNATURE_SHOW] = hawk_fmt_signature_show,
	[HAWK_VERB_SIGNATURE_LOAD] = hawk_fmt_signature_load,
	[HAWK_VERB_SIGNATURE_UNLOAD] = hawk_fmt_policy_switch,
	[HAWK_VERB_SIGNATURE_ENABLE] = hawk_fmt_policy_switch,
	[HAWK_VERB_SIGNATURE_DISABLE] = hawk_fmt_policy_switch,
	[HAWK_VERB_SIGNATURE_STATS] = hawk_fmt_signature_stats,
	[HAWK_VERB_SIGNATURE_LEARN] = hawk_fmt_signature_learn,
	[HAWK_VERB_PROBE_LIST] = hawk_fmt_probe_list,
	[HAWK_VERB_STATS] = hawk_fmt_stats,
	[HAWK_VERB_METRICS] = hawk_fmt_metrics,
};

void hawk_fmt(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	if (formatters[command->verb->id])
		formatters[command->verb->id](to, command, reply);
	else
		hawk_text_write_json(to, reply, true);
}

const char *hawk_get_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

uint64_t hawk_get_u64(const json_t *object, const char *key)
{
	json_int_t v = json_integer_value(json_object_get(object, key));

	return v < 0 ? 0 : (uint64_t)v;
}

bool hawk_get_bool(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

void hawk_put(FILE *to, const char *text)
{
	_cleanup_(hawk_buf_done) struct hawk_buf safe = { .max = 16 * 1024 * 1024 };

	hawk_text_safe(&safe, text, strlen(text));
	if (hawk_buf_str(&safe))
		fputs(safe.data, to);
}

void hawk_put_label(FILE *to, const char *label)
{
	fprintf(to, "  %s%s%s%*s", hawk_term_style(HAWK_DIM), label, hawk_term_style(HAWK_PLAIN),
		strlen(label) < 13 ? (int)(13 - strlen(label)) : 1, "");
}

void hawk_put_heading(FILE *to, const char *text)
{
	fprintf(to, "\n%s%s%s\n", hawk_term_style(HAWK_BOLD), text, hawk_term_style(HAWK_PLAIN));
}

void hawk_join(struct hawk_buf *out, const json_t *list, const char *separator)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (i)
			hawk_buf_puts(out, separator);
		hawk_buf_puts(out, text ? text : "");
	}
}

void hawk_put_list(FILE *to, const char *label, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		hawk_put_label(to, label);
		hawk_put(to, json_string_value(json_array_get(list, i)) ?: "");
		fputc('\n', to);
	}
}

void hawk_put_rows(FILE *to, const char *heads, const json_t *list,
		   void (*row)(struct hawk_table *table, const json_t *object))
{
	_cleanup_(hawk_table_freep) struct hawk_table *table = hawk_table_new(heads);

	if (!table)
		return;
	for (size_t i = 0; i < json_array_size(list); i++)
		row(table, json_array_get(list, i));
	hawk_table_print(table, to, hawk_term_width());
}

void hawk_put_lines(FILE *to, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		_cleanup_free_ char *line = strndup(text, len);

		hawk_put(to, line ? line : "");
		fputc('\n', to);
		text += len + (text[len] == '\n');
	}
}

void hawk_put_problems(FILE *to, const json_t *problems)
{
	if (json_array_size(problems))
		hawk_put_heading(to, "Not loaded");
	for (size_t i = 0; i < json_array_size(problems); i++)
		hawk_put_lines(to, hawk_get_string(json_array_get(problems, i), "message"));
}

enum hawk_style hawk_state_style(const char *state)
{
	return strcmp(state, "enabled") == 0 ? HAWK_GREEN : strcmp(state, "pending") == 0 ? HAWK_YELLOW : HAWK_DIM;
}
