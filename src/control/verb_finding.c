/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What signatures found. The store belongs to the pipeline thread. */
#include <errno.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/duration.h"
#include "src/control/server.h"
#include "src/event/names.h"

#define LIST_MAX 1000 /* findings in an answer, unless asked for more */

/* A question to the pipeline thread, and its answer. */
struct asking {
	struct hawk_findings *findings;
	struct hawk_findings_query query;
	const char *id;
	struct hawk_buf text;
	bool found;
};

static void put_count(struct hawk_buf *out, const char *key, uint64_t v)
{
	hawk_buf_printf(out, ",\"%s\":%llu", key, (unsigned long long)v);
}

static void list(void *arg, struct hawk_proctab *proctab)
{
	struct asking *a = arg;
	struct hawk_findings_stats stats = hawk_findings_stats(a->findings);
	size_t more;

	(void)proctab;
	hawk_buf_lit(&a->text, "{\"findings\":");
	more = hawk_findings_list(a->findings, &a->query, &a->text);
	put_count(&a->text, "left_out", more);
	put_count(&a->text, "kept", stats.kept);
	put_count(&a->text, "forgotten", stats.forgotten);
	hawk_buf_putc(&a->text, '}');
}

static void show(void *arg, struct hawk_proctab *proctab)
{
	struct asking *a = arg;

	(void)proctab;
	a->found = hawk_findings_show(a->findings, a->id, &a->text);
}

/* Asks the pipeline thread and replies. */
static int ask(struct hawk_session *s, struct asking *a, void (*fn)(void *arg, struct hawk_proctab *proctab))
{
	int r;

	a->findings = s->control->ops->findings ? s->control->ops->findings(s->control->ctx) : NULL;
	if (!a->findings)
		return hawk_reply_failed(s, "signatures are not in use");
	a->text.max = s->control->options.client_bytes;
	s->control->ops->in_pipeline(s->control->ctx, fn, a);
	r = a->id && !a->found ? hawk_reply_failed(s, "%.64s: there is no such finding (any more); finding list tells those "
							"that are kept", a->id) :
				 hawk_reply_text(s, &a->text, false);
	hawk_buf_done(&a->text);
	return r;
}

/* CLOCK_BOOTTIME of as long ago as TEXT says. */
static int parse_since(const char *text, uint64_t *ret)
{
	struct hawk_clock clock = hawk_clock_system();
	uint64_t now = hawk_clock_now(&clock), ago;
	int r = hawk_duration_parse(text, strlen(text), &ago);

	*ret = r < 0 || ago > now ? 0 : now - ago;
	return r;
}

int hawk_do_FINDING_LIST(struct hawk_session *s, const json_t *args)
{
	const char *severity = json_string_value(hawk_args_get(args, "severity"));
	const char *since = json_string_value(hawk_args_get(args, "since"));
	const json_t *max = hawk_args_get(args, "max");
	struct asking a = {
		.query = {
			.signature = json_string_value(hawk_args_get(args, "signature")),
			.unit = json_string_value(hawk_args_get(args, "unit")),
			.max = max ? (size_t)json_integer_value(max) : LIST_MAX,
		},
	};
	int parsed = severity ? hawk_severity_parse(severity) : HAWK_SEVERITY_INFO;

	if (parsed < 0)
		return hawk_reply_failed(s, "%.64s: expected a severity: info, low, medium, high or critical", severity);
	a.query.severity = (enum hawk_severity)parsed;
	if (since && parse_since(since, &a.query.since) < 0)
		return hawk_reply_failed(s, "%.64s: expected how long ago: 90s, 10min, 2h, 1d", since);
	if (max && (json_integer_value(max) < 1 || json_integer_value(max) > INT32_MAX))
		return hawk_reply_failed(s, "max: expected 1 or more");
	return ask(s, &a, list);
}

int hawk_do_FINDING_SHOW(struct hawk_session *s, const json_t *args)
{
	struct asking a = { .id = json_string_value(hawk_args_get(args, "id")) };

	return ask(s, &a, show);
}
