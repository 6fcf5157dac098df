/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The counters for Prometheus: text exposition format 0.0.4. */
#include <errno.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/clock.h"
#include "src/control/server.h"
#include "src/control/stats.h"

static void head(struct hawk_buf *out, const char *name, const char *kind, const char *doc)
{
	hawk_buf_printf(out, "# HELP sechawk_%s %s\n# TYPE sechawk_%s %s\n", name, doc, name, kind);
}

static void value(struct hawk_buf *out, const char *name, const char *kind, const char *doc, uint64_t v)
{
	head(out, name, kind, doc);
	hawk_buf_printf(out, "sechawk_%s %llu\n", name, (unsigned long long)v);
}

/* The name of a metric: counters end in _total. */
#define NAME_counter(s) s "_total"
#define NAME_gauge(s) s

static void put_pipeline(struct hawk_buf *out, struct hawk_control *c)
{
	struct hawk_pipeline_stats stats;

	c->ops->pipeline_stats(c->ctx, &stats);
#define PIPELINE(member, kind, doc) value(out, NAME_##kind("pipeline_" #member), #kind, doc, stats.member);
#include "src/control/stats.def"
}

static void put_table(struct hawk_buf *out, struct hawk_control *c)
{
	struct hawk_proctab_stats stats = hawk_table_stats(c);

#define TABLE(member, kind, doc) value(out, NAME_##kind("processes_" #member), #kind, doc, stats.member);
#include "src/control/stats.def"
}

static void put_packages(struct hawk_buf *out, struct hawk_control *c)
{
	struct hawk_packages_stats stats = hawk_package_stats(c);

#define PACKAGES(member, kind, doc) value(out, NAME_##kind("packages_" #member), #kind, doc, (uint64_t)stats.member);
#include "src/control/stats.def"
}

static int put_events(struct hawk_buf *out, struct hawk_control *c)
{
	static const struct {
		const char *name, *doc;
		size_t offset;
	} columns[] = {
		{ "event_seen_total", "Times that the probe of an event ran.",
		  offsetof(struct hawk_abi_counts, seen) },
		{ "event_filtered_total", "Events left out in the kernel.",
		  offsetof(struct hawk_abi_counts, filtered) },
		{ "event_sent_total", "Records sent to the daemon, or made there of others.", offsetof(struct hawk_abi_counts, sent) },
		{ "event_lost_total", "Records that could not be sent.",
		  offsetof(struct hawk_abi_counts, lost) },
	};
	_cleanup_free_ struct hawk_abi_counts *counts = calloc(HAWK_EVENT_ID_MAX, sizeof(*counts));
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	if (!counts)
		return -ENOMEM;
	if (hawk_all_event_counts(c, counts) < 0)
		return 0;
	for (size_t col = 0; col < ARRAY_SIZE(columns); col++) {
		head(out, columns[col].name, "counter", columns[col].doc);
		for (size_t row = 0; row < n; row++) {
			const struct hawk_abi_counts *k = &counts[descs[row]->id];
			uint64_t v;

			memcpy(&v, (const char *)k + columns[col].offset, sizeof(v));
			if (k->seen || k->sent || k->lost)
				hawk_buf_printf(out, "sechawk_%s{event=\"%s\"} %llu\n", columns[col].name,
						descs[row]->name, (unsigned long long)v);
		}
	}
	return 0;
}

/* A label value: backslash, quote and line feed are escaped, other control characters are left out. */
static void label(struct hawk_buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\\' || *s == '"')
			hawk_buf_putc(out, '\\');
		if ((unsigned char)*s >= 0x20)
			hawk_buf_putc(out, *s);
	}
}

static void put_sink_column(struct hawk_buf *out, const struct hawk_sink_stats *k, const char *name,
			    uint64_t v)
{
	hawk_buf_printf(out, "sechawk_sink_%s{sink=\"", name);
	label(out, k->name);
	hawk_buf_printf(out, "\",type=\"%s\"} %llu\n", k->type, (unsigned long long)v);
}

static int put_sinks(struct hawk_buf *out, struct hawk_control *c)
{
	_cleanup_free_ struct hawk_sink_stats *stats = calloc(HAWK_STATS_SINKS_MAX, sizeof(*stats));
	struct hawk_sinks *sinks = c->ops->sinks(c->ctx);
	size_t n;

	if (!stats)
		return -ENOMEM;
	n = sinks ? hawk_sinks_stats(sinks, stats, HAWK_STATS_SINKS_MAX) : 0;
	if (n > HAWK_STATS_SINKS_MAX)
		n = HAWK_STATS_SINKS_MAX;
#define COLUMN(member, name, kind, doc) \
	head(out, "sink_" name, kind, doc); \
	for (size_t i = 0; i < n; i++) \
		put_sink_column(out, &stats[i], name, stats[i].member);
	COLUMN(events, "events_total", "counter", "Events taken by a sink.")
	COLUMN(bytes, "bytes_total", "counter", "Bytes written by a sink.")
	COLUMN(filtered, "filtered_total", "counter", "Events left out by the filter of a sink.")
	COLUMN(lost, "lost_total", "counter", "Events that did not fit the queue of a sink.")
	COLUMN(errors, "errors_total", "counter", "Failures to write.")
	COLUMN(retries, "retries_total", "counter", "Attempts to open the target again.")
	COLUMN(rate_limited, "rate_limited_total", "counter", "Events left out by the rate limit of a sink.")
	COLUMN(queued_bytes, "queued_bytes", "gauge", "Bytes waiting in the queue of a sink.")
#undef COLUMN
	return 0;
}

int hawk_do_METRICS(struct hawk_session *s, const json_t *args)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	struct hawk_control *c = s->control;
	struct hawk_clock clock = hawk_clock_system();
	struct hawk_memory memory = hawk_memory_stats(c);
	int r;

	(void)args;
	value(&out, "uptime_seconds", "gauge", "Seconds since the daemon started.",
	      (hawk_clock_now(&clock) - c->options.started) / 1000000000);
	value(&out, "clients", "gauge", "Connected clients.", c->n_sessions);
	value(&out, "clients_refused_total", "counter", "Clients refused or disconnected for misuse.",
	      c->refused);
	value(&out, "memory_resident_bytes", "gauge", "Memory of the daemon.", memory.resident);
	value(&out, "memory_anonymous_bytes", "gauge", "Memory of the daemon not backed by files.",
	      memory.anonymous);
	value(&out, "memory_kernel_bytes", "gauge", "Memory of maps and rings.", memory.kernel);
	value(&out, "memory_clients_bytes", "gauge", "Memory charged to clients.", memory.clients);
	put_pipeline(&out, c);
	put_table(&out, c);
	put_packages(&out, c);
	r = put_events(&out, c);
	if (r == 0)
		r = put_sinks(&out, c);
	if (r == 0)
		r = out.error;
	return r < 0 ? r : hawk_reply(s, json_pack("{s:s#}", "text", out.data, (int)out.len));
}
