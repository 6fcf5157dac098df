/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>

#include "ctl/fmt.h"
#include "ctl/graph.h"
#include "ctl/term.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"

#define LINE_MAX 240 /* bytes of data on a line */

static enum hawk_style style_of(const char *severity)
{
	if (!strcmp(severity, "critical") || !strcmp(severity, "high"))
		return HAWK_RED;
	return !strcmp(severity, "medium") ? HAWK_YELLOW : HAWK_PLAIN;
}

void hawk_graph_text(struct hawk_buf *out, const char *text, size_t max)
{
	size_t len = strlen(text), n = len < max ? len : max;

	while (n && n < len && (text[n] & 0xc0) == 0x80)
		n--; /* not in the middle of a character */
	hawk_text_safe(out, text, n);
	if (n < len)
		hawk_buf_lit(out, "…");
}

void hawk_graph_before(struct hawk_buf *out, const json_t *item)
{
	uint64_t us = hawk_get_u64(item, "before_us");

	hawk_buf_printf(out, "-%" PRIu64 ".%03" PRIu64 "s", us / 1000000, us / 1000 % 1000);
}

const json_t *hawk_graph_process(const json_t *reply, size_t i, size_t *ret_n)
{
	const json_t *story = json_object_get(reply, "story"), *ancestors = json_object_get(story, "ancestors");
	size_t n = json_array_size(ancestors);

	if (n > HAWK_GRAPH_PROCESSES)
		n = HAWK_GRAPH_PROCESSES;
	if (!json_is_object(json_object_get(story, "process"))) {
		*ret_n = 0;
		return NULL;
	}
	*ret_n = n + 1;
	if (i > n)
		return NULL;
	return i == n ? json_object_get(story, "process") : json_array_get(ancestors, n - 1 - i);
}

void hawk_graph_command(struct hawk_buf *out, const json_t *process, size_t max)
{
	_cleanup_(hawk_buf_done) struct hawk_buf argv = HAWK_BUF_INIT;
	const char *exe = hawk_get_string(process, "exe");

	hawk_join(&argv, json_object_get(process, "argv"), " ");
	if (argv.len)
		hawk_graph_text(out, hawk_buf_str(&argv) ?: "", max);
	else
		hawk_graph_text(out, *exe ? exe : hawk_get_string(process, "comm"), max);
}

/* A value as people read it. */
static void put_value(struct hawk_buf *out, const json_t *v, size_t max)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_(hawk_buf_done) struct hawk_buf joined = HAWK_BUF_INIT;

	if (json_is_string(v)) {
		hawk_graph_text(out, json_string_value(v), max);
	} else if (json_is_array(v) && json_is_string(json_array_get(v, 0))) {
		hawk_join(&joined, v, ",");
		hawk_graph_text(out, hawk_buf_str(&joined) ?: "", max);
	} else {
		text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
		hawk_graph_text(out, text ? text : "", max);
	}
}

/* Names, paths and arguments say more than numbers and times. */
static bool says_much(const char *key, const json_t *v)
{
	const char *end = key + strlen(key);
	bool time = end - key >= 4 && !strcmp(end - 4, "time");

	return !time && (json_is_string(v) || (json_is_array(v) && json_is_string(json_array_get(v, 0))));
}

void hawk_graph_data(struct hawk_buf *out, const json_t *item, size_t max)
{
	json_t *data = json_object_get(item, "data"), *v;
	size_t start = out->len;
	const char *key;

	if (!json_is_object(data)) {
		hawk_graph_text(out, hawk_get_string(item, "data_text"), max);
		return;
	}
	for (int much = 1; much >= 0; much--)
		json_object_foreach(data, key, v) {
			if (says_much(key, v) != much)
				continue;
			if (out->len - start >= max) {
				hawk_buf_lit(out, " …");
				return;
			}
			hawk_buf_puts(out, out->len > start ? " " : "");
			hawk_text_safe(out, key, strnlen(key, 64));
			hawk_buf_putc(out, '=');
			put_value(out, v, max / 2);
		}
}

static void put_buf(FILE *to, struct hawk_buf *text)
{
	fputs(hawk_buf_str(text) ?: "", to);
	hawk_buf_reset(text);
}

static void put_styled(FILE *to, enum hawk_style style, const char *text)
{
	fputs(hawk_term_style(style), to);
	hawk_put(to, text);
	fputs(hawk_term_style(HAWK_PLAIN), to);
}

static void put_row(struct hawk_table *table, const json_t *finding)
{
	const char *severity = hawk_get_string(finding, "severity"), *time = hawk_get_string(finding, "time");

	hawk_table_put_len(table, time, strcspn(time, "."));
	hawk_table_put(table, severity);
	hawk_table_style(table, style_of(severity));
	hawk_table_put(table, hawk_get_string(finding, "id"));
	hawk_table_put(table, hawk_get_string(finding, "signature"));
	hawk_table_put_u64(table, hawk_get_u64(finding, "pid"));
	hawk_table_put(table, hawk_get_string(finding, "unit"));
	hawk_table_put(table, hawk_get_string(finding, "message"));
}

void hawk_fmt_finding_list(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *findings = json_object_get(reply, "findings");

	(void)command;
	if (json_array_size(findings))
		hawk_put_rows(to, "TIME,SEVERITY,ID,SIGNATURE,>PID,UNIT,MESSAGE", findings, put_row);
	else
		fputs("Nothing was found.\n", to);
	if (hawk_get_u64(reply, "left_out"))
		fprintf(to, "%" PRIu64 " older ones are not shown (--max).\n", hawk_get_u64(reply, "left_out"));
	if (hawk_get_u64(reply, "forgotten"))
		fprintf(to, "%" PRIu64 " were forgotten for want of room; the journal has them all.\n",
			hawk_get_u64(reply, "forgotten"));
}

static void put_labelled(FILE *to, const char *label, const char *text)
{
	if (!*text)
		return;
	hawk_put_label(to, label);
	hawk_put(to, text);
	fputc('\n', to);
}

static void put_head(FILE *to, const json_t *finding, const json_t *story)
{
	const char *severity = hawk_get_string(finding, "severity");
	const json_t *output = json_object_get(story, "output");

	put_styled(to, HAWK_BOLD, hawk_get_string(finding, "signature"));
	fputs("  ", to);
	put_styled(to, style_of(severity), severity);
	fputs("  ", to);
	put_styled(to, HAWK_DIM, hawk_get_string(finding, "id"));
	fputc('\n', to);
	put_labelled(to, "Message", hawk_get_string(finding, "message"));
	put_labelled(to, "Time", hawk_get_string(finding, "time"));
	put_labelled(to, "Unit", hawk_get_string(finding, "unit"));
	put_labelled(to, "Container", hawk_get_string(finding, "container_id"));
	put_labelled(to, "Title", hawk_get_string(story, "title"));
	hawk_put_label(to, "Signature");
	hawk_put(to, hawk_get_string(finding, "signature_id"));
	fputs(" version ", to);
	hawk_put(to, hawk_get_string(story, "version"));
	fputc('\n', to);
	put_labelled(to, "Tactic", hawk_get_string(story, "tactic"));
	put_labelled(to, "Technique", hawk_get_string(story, "technique"));
	for (size_t i = 0; i < json_array_size(output); i++)
		put_labelled(to, i ? "" : "Output", json_string_value(json_array_get(output, i)) ?: "");
	if (hawk_get_u64(finding, "count")) {
		hawk_put_label(to, "Suppressed");
		fprintf(to, "%" PRIu64 " alike since the last one that was told\n", hawk_get_u64(finding, "count"));
	}
}

static void put_processes(FILE *to, const json_t *reply)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	uint64_t root = hawk_get_u64(json_object_get(reply, "story"), "root_pid");
	const json_t *p;
	size_t n = 0;

	hawk_graph_process(reply, 0, &n);
	if (n)
		hawk_put_heading(to, "Processes");
	for (size_t i = 0; (p = hawk_graph_process(reply, i, &n)); i++) {
		const char *unit = hawk_get_string(p, "unit");

		fprintf(to, "  %*s%s", i ? (int)(3 * (i - 1)) : 0, "", i ? "└─ " : "");
		fputs(hawk_term_style(i + 1 == n ? HAWK_BOLD : HAWK_PLAIN), to);
		hawk_graph_command(&text, p, 160);
		put_buf(to, &text);
		fprintf(to, "%s  %spid %" PRIu64 " uid %" PRIu64, hawk_term_style(HAWK_PLAIN), hawk_term_style(HAWK_DIM),
			hawk_get_u64(p, "pid"), hawk_get_u64(p, "uid"));
		if (json_object_get(p, "euid"))
			fprintf(to, " euid %" PRIu64, hawk_get_u64(p, "euid"));
		if (*unit) {
			fputc(' ', to);
			hawk_put(to, unit);
		}
		if (root && hawk_get_u64(p, "pid") == root && i + 1 < n)
			fputs(" (the story begins here)", to);
		fprintf(to, "%s\n", hawk_term_style(HAWK_PLAIN));
	}
}

static void put_items(FILE *to, const char *heading, const json_t *list)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;
	size_t n = json_array_size(list), first = n > HAWK_GRAPH_EVENTS ? n - HAWK_GRAPH_EVENTS : 0;

	if (!n)
		return;
	hawk_put_heading(to, heading);
	if (first)
		fprintf(to, "  %s%zu older ones: -o json%s\n", hawk_term_style(HAWK_DIM), first, hawk_term_style(HAWK_PLAIN));
	for (size_t i = first; i < n; i++) {
		const json_t *item = json_array_get(list, i);
		const char *comm = hawk_get_string(item, "comm"), *step = hawk_get_string(item, "step");
		const char *event = hawk_get_string(item, "event");

		hawk_graph_before(&text, item);
		fprintf(to, "  %10s  ", hawk_buf_str(&text) ?: "");
		hawk_buf_reset(&text);
		if (*comm)
			hawk_graph_text(&text, comm, 16);
		hawk_buf_printf(&text, "%s%" PRIu64 "%s  ", *comm ? "(" : "pid ", hawk_get_u64(item, "pid"), *comm ? ")" : "");
		if (*step) {
			hawk_buf_putc(&text, '[');
			hawk_graph_text(&text, step, 64);
			hawk_buf_lit(&text, "] ");
		}
		hawk_graph_text(&text, *event ? event : hawk_get_string(item, "signature"), 64);
		hawk_buf_lit(&text, "  ");
		if (*event)
			hawk_graph_data(&text, item, LINE_MAX);
		else
			hawk_graph_text(&text, hawk_get_string(item, "message"), LINE_MAX);
		put_buf(to, &text);
		fputc('\n', to);
	}
}

/* From when on what these processes did could be seen at all. */
static void put_coverage(FILE *to, const json_t *coverage)
{
	static const char *const limits[][2] = {
		{ "time", "that is as far back as is looked" },
		{ "room", "what came before had to make room" },
		{ "start", "before that the daemon did not watch" },
		{ "skipped", "not looked at: too many findings at once" },
	};
	const char *limit = hawk_get_string(coverage, "limit");
	_cleanup_(hawk_buf_done) struct hawk_buf events = HAWK_BUF_INIT;

	if (!json_is_object(coverage))
		return;
	fprintf(to, "  %sSeen: %" PRIu64 ".%03" PRIu64 " s back", hawk_term_style(HAWK_DIM),
		hawk_get_u64(coverage, "from_us") / 1000000, hawk_get_u64(coverage, "from_us") / 1000 % 1000);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (!strcmp(limit, limits[i][0]))
			fprintf(to, ", %s", limits[i][1]);
	if (hawk_get_u64(coverage, "left_out"))
		fprintf(to, "; %" PRIu64 " older ones left out", hawk_get_u64(coverage, "left_out"));
	hawk_join(&events, json_object_get(coverage, "events"), " ");
	fputs(". Only events that were collected: ", to);
	hawk_put(to, hawk_buf_str(&events) ?: "");
	hawk_buf_reset(&events);
	hawk_join(&events, json_object_get(coverage, "events_partly"), " ");
	if (events.len) {
		fputs("; and as far as policies and signatures may be about them: ", to);
		hawk_put(to, hawk_buf_str(&events) ?: "");
	}
	if (json_object_get(coverage, "events_changed_us"))
		fprintf(to, " (these since %" PRIu64 " ms before)", hawk_get_u64(coverage, "events_changed_us") / 1000);
	fprintf(to, "%s\n", hawk_term_style(HAWK_PLAIN));
}

static void put_text(FILE *to, const char *heading, const char *text)
{
	if (!*text)
		return;
	hawk_put_heading(to, heading);
	while (*text) {
		size_t len = strcspn(text, "\n");
		_cleanup_free_ char *line = strndup(text, len);

		fputs("  ", to);
		hawk_put(to, line ? line : "");
		fputc('\n', to);
		text += len + (text[len] == '\n');
	}
}

void hawk_fmt_finding_show(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const char *format = command->args ? hawk_command_string(command, "format", "table") : "table";
	const json_t *finding = json_object_get(reply, "finding"), *story = json_object_get(reply, "story");

	if (!strcmp(format, "dot")) {
		hawk_graph_dot(to, reply);
		return;
	}
	if (!strcmp(format, "svg")) {
		hawk_graph_svg(to, reply);
		return;
	}
	put_head(to, finding, story);
	put_processes(to, reply);
	put_items(to, "Findings before it", json_object_get(story, "path"));
	put_items(to, "Evidence", json_object_get(story, "evidence"));
	put_items(to, "What these processes did before", json_object_get(story, "context"));
	put_coverage(to, json_object_get(story, "coverage"));
	put_text(to, "What this means", hawk_get_string(story, "description"));
	put_text(to, "What to do", hawk_get_string(story, "what_to_do"));
	put_text(to, "False positives", hawk_get_string(story, "false_positives"));
	put_text(to, "When it is none, a file in /etc/sechawk/signatures.d", hawk_get_string(story, "except"));
}
