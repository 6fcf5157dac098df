/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "ctl/fmt.h"
#include "ctl/term.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"

static void put_count(FILE *to, const char *label, uint64_t n, const char *unit, bool bad)
{
	hawk_put_label(to, label);
	fprintf(to, "%s%llu%s%s\n", bad ? hawk_term_style(HAWK_RED) : "", (unsigned long long)n, unit,
		bad ? hawk_term_style(HAWK_PLAIN) : "");
}

static void put_enabled(FILE *to, const json_t *enabled)
{
	_cleanup_(hawk_buf_done) struct hawk_buf names = HAWK_BUF_INIT;

	hawk_put_label(to, "Enabled");
	hawk_join(&names, enabled, " ");
	hawk_put(to, hawk_buf_str(&names) && names.len ? names.data : "no event");
	putc('\n', to);
}

static void put_sinks(FILE *to, const json_t *sinks)
{
	for (size_t i = 0; i < json_array_size(sinks); i++) {
		const json_t *sink = json_array_get(sinks, i);
		const char *problem = hawk_get_string(sink, "problem");

		hawk_put_label(to, i ? "" : "Sinks");
		hawk_put(to, hawk_get_string(sink, "name"));
		fprintf(to, ": %llu events", (unsigned long long)hawk_get_u64(sink, "events"));
		if (hawk_get_u64(sink, "lost"))
			fprintf(to, ", %s%llu lost%s", hawk_term_style(HAWK_RED),
				(unsigned long long)hawk_get_u64(sink, "lost"), hawk_term_style(HAWK_PLAIN));
		if (*problem) {
			fprintf(to, ", %s", hawk_term_style(HAWK_RED));
			hawk_put(to, problem);
			fputs(hawk_term_style(HAWK_PLAIN), to);
		}
		putc('\n', to);
	}
}

static void put_degraded(FILE *to, const json_t *degraded)
{
	for (size_t i = 0; i < json_array_size(degraded); i++) {
		const char *text = json_string_value(json_array_get(degraded, i));

		hawk_put_label(to, i ? "" : "Degraded");
		fputs(hawk_term_style(HAWK_YELLOW), to);
		hawk_put(to, text ? text : "");
		fprintf(to, "%s\n", hawk_term_style(HAWK_PLAIN));
	}
}

void hawk_fmt_status(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	_cleanup_(hawk_buf_done) struct hawk_buf uptime = HAWK_BUF_INIT;
	bool responsive = hawk_get_bool(reply, "responsive");
	bool degraded = json_array_size(json_object_get(reply, "degraded"));
	enum hawk_style style = !responsive ? HAWK_RED : degraded ? HAWK_YELLOW : HAWK_GREEN;
	const char *state = !responsive ? "not responding" : degraded ? "running, degraded" : "running";

	fprintf(to, "%s●%s sechawkd ", hawk_term_style(style), hawk_term_style(HAWK_PLAIN));
	hawk_put(to, hawk_get_string(reply, "version"));
	hawk_text_duration(&uptime, hawk_get_u64(reply, "uptime_ms"));
	fprintf(to, ": %s since %s, pid %llu\n", state, hawk_buf_str(&uptime),
		(unsigned long long)hawk_get_u64(reply, "pid"));
	hawk_put_label(to, "Kernel");
	hawk_put(to, hawk_get_string(reply, "kernel"));
	putc('\n', to);
	put_count(to, "Events", hawk_get_u64(reply, "events"), "", false);
	put_count(to, "Lost", hawk_get_u64(reply, "lost"), "", hawk_get_u64(reply, "lost"));
	put_count(to, "Signatures", hawk_get_u64(reply, "signatures"), "", false);
	put_count(to, "Findings", hawk_get_u64(reply, "findings"), "", false);
	put_count(to, "Processes", hawk_get_u64(reply, "processes"), "", false);
	put_count(to, "Clients", hawk_get_u64(reply, "clients"), "", false);
	if (hawk_get_u64(reply, "refused"))
		put_count(to, "Refused", hawk_get_u64(reply, "refused"), " clients", true);
	put_enabled(to, json_object_get(reply, "enabled"));
	put_sinks(to, json_object_get(reply, "sinks"));
	put_degraded(to, json_object_get(reply, "degraded"));
}

void hawk_fmt_version(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	fprintf(to, "sechawkctl %s\nsechawkd   ", HAWK_VERSION);
	hawk_put(to, hawk_get_string(reply, "version"));
	fprintf(to, " (records version %llu)\n", (unsigned long long)hawk_get_u64(reply, "abi"));
}

void hawk_fmt_reload(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	fputs("The configuration was read again.\n", to);
}

void hawk_fmt_log_level(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	hawk_put(to, hawk_get_string(reply, "level"));
	putc('\n', to);
}
