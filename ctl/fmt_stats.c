/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "ctl/fmt.h"
#include "ctl/term.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"

DEFINE_CLEANUP(struct hawk_table, hawk_table_free)

enum unit { NUMBER, BYTES, NS, NS_PER_EVENT, MS_PER_EVENT };

struct row {
	const char *member, *label;
	enum unit unit;
};

static void put_value(FILE *to, uint64_t v, enum unit unit, uint64_t events)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

	switch (unit) {
	case NUMBER:
		hawk_buf_u64(&text, v);
		break;
	case BYTES:
		hawk_text_bytes(&text, v);
		break;
	case NS_PER_EVENT:
		hawk_buf_printf(&text, "%.0f ns per event", events ? (double)v / (double)events : 0.0);
		break;
	case MS_PER_EVENT:
		hawk_buf_printf(&text, "%.2f ms", events ? (double)v / (double)events / 1e6 : 0.0);
		break;
	case NS:
		hawk_buf_printf(&text, "%.2f ms", (double)v / 1e6);
		break;
	}
	fprintf(to, "%s\n", hawk_buf_str(&text) ? text.data : "");
}

static void put_rows(FILE *to, const json_t *object, const struct row *rows, size_t n)
{
	uint64_t events = hawk_get_u64(object, "events");

	for (size_t i = 0; i < n; i++) {
		if (!json_is_integer(json_object_get(object, rows[i].member)))
			continue;
		fprintf(to, "  %s%-28s%s ", hawk_term_style(HAWK_DIM), rows[i].label,
			hawk_term_style(HAWK_PLAIN));
		put_value(to, hawk_get_u64(object, rows[i].member), rows[i].unit, events);
	}
}

static const struct row pipeline_rows[] = {
	{ "records", "records read", NUMBER },
	{ "events", "events made of them", NUMBER },
	{ "rejected", "damaged records", NUMBER },
	{ "batches", "batches", NUMBER },
	{ "lost", "lost, of all kinds", NUMBER },
	{ "ns_read", "reading", NS_PER_EVENT },
	{ "ns_decode", "decoding", NS_PER_EVENT },
	{ "ns_enrich", "adding the process", NS_PER_EVENT },
	{ "ns_policies", "matching policies", NS_PER_EVENT },
	{ "ns_signatures", "matching signatures", NS_PER_EVENT },
	{ "ns_sink", "filtering and formatting", NS_PER_EVENT },
	{ "max_latency_ns", "longest way to a sink", NS },
	{ "sum_latency_ns", "mean way to a sink", MS_PER_EVENT },
};

static const struct row process_rows[] = {
	{ "entries", "remembered", NUMBER },
	{ "exited", "of these exited", NUMBER },
	{ "max_entries", "room for", NUMBER },
	{ "bytes", "names, arguments, paths", BYTES },
	{ "evicted_exited", "exited, forgotten early", NUMBER },
	{ "evicted_alive", "living, forgotten", NUMBER },
	{ "from_proc", "filled from /proc", NUMBER },
	{ "from_header", "known by number only", NUMBER },
	{ "pid_reused", "pids seen again", NUMBER },
	{ "argv_hung", "command lines that hang", NUMBER },
	{ "argv_dropped", "command lines not read", NUMBER },
	{ "missed_exit", "gone without exit event", NUMBER },
};

static const struct row package_rows[] = {
	{ "files", "files that they own", NUMBER },
	{ "packages", "packages", NUMBER },
	{ "bytes", "memory", BYTES },
	{ "asked", "asked for files", NUMBER },
	{ "cached", "of these remembered", NUMBER },
	{ "waiting", "waiting", NUMBER },
	{ "dropped", "not compared", NUMBER },
	{ "read", "compared", NUMBER },
};

static const struct row memory_rows[] = {
	{ "resident", "resident", BYTES },
	{ "anonymous", "of these anonymous", BYTES },
	{ "kernel", "maps and rings in the kernel", BYTES },
	{ "clients", "charged to clients", BYTES },
};

/* A table with one string and some numbers per element; red where "lost" is not 0. */
static void put_table(FILE *to, const char *title, const json_t *list, const char *heads,
		      const char *const *members)
{
	_cleanup_(hawk_table_freep) struct hawk_table *table = hawk_table_new(heads);

	if (!table || !json_array_size(list))
		return;
	hawk_put_heading(to, title);
	for (size_t i = 0; i < json_array_size(list); i++)
		for (const char *const *m = members; *m; m++) {
			const json_t *v = json_object_get(json_array_get(list, i), *m);

			if (!json_is_integer(v)) {
				hawk_table_put(table, json_string_value(v));
				continue;
			}
			hawk_table_put_u64(table, (uint64_t)json_integer_value(v));
			if (!strcmp(*m, "lost") && json_integer_value(v))
				hawk_table_style(table, HAWK_RED);
		}
	hawk_table_print(table, to, 0);
}

void hawk_fmt_stats(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	static const char *const event_members[] = { "event", "seen", "filtered", "sent", "lost", NULL };
	static const char *const sink_members[] = {
		"name", "type", "events", "bytes", "filtered", "lost", "errors", "rate_limited",
		"queued_bytes", "problem", NULL
	};
	static const char *const cost_members[] = { "name", "runs", "ns", "misses", NULL };

	fprintf(to, "%sPipeline%s\n", hawk_term_style(HAWK_BOLD), hawk_term_style(HAWK_PLAIN));
	put_rows(to, json_object_get(reply, "pipeline"), pipeline_rows, ARRAY_SIZE(pipeline_rows));
	hawk_put_heading(to, "Processes");
	put_rows(to, json_object_get(reply, "processes"), process_rows, ARRAY_SIZE(process_rows));
	hawk_put_heading(to, "Packages");
	put_rows(to, json_object_get(reply, "packages"), package_rows, ARRAY_SIZE(package_rows));
	hawk_put_heading(to, "Memory");
	put_rows(to, json_object_get(reply, "memory"), memory_rows, ARRAY_SIZE(memory_rows));
	put_table(to, "Events in the kernel", json_object_get(reply, "events"),
		  "EVENT,>SEEN,>FILTERED,>SENT,>LOST", event_members);
	put_table(to, "Sinks", json_object_get(reply, "sinks"),
		  "SINK,TYPE,>EVENTS,>BYTES,>FILTERED,>LOST,>ERRORS,>LIMITED,>QUEUED,PROBLEM", sink_members);
	put_table(to, "Programs in the kernel", json_object_get(reply, "programs"),
		  "PROGRAM,>RUNS,>NS IN ALL,>MISSES", cost_members);
}

void hawk_fmt_metrics(FILE *to, const struct hawk_command *command, const json_t *reply)
{
	const json_t *text = json_object_get(reply, "text");

	hawk_text_write(to, json_string_value(text) ? json_string_value(text) : "", json_string_length(text));
}
