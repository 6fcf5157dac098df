/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks of the kernel's integrity and dumps of its memory: another thread makes them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/control/server.h"

#define DUMP_DEFAULT 256

struct inspection {
	struct hawk_job job;
	struct hawk_inspection *i;
};

static void on_done(void *ctx)
{
	hawk_session_wake(ctx);
}

static json_t *check_json(const struct hawk_check_desc *desc, const struct hawk_check_result *result)
{
	static const char *const states[] = {
		[HAWK_CHECK_DONE] = "done", [HAWK_CHECK_PARTLY] = "partly", [HAWK_CHECK_SKIPPED] = "skipped",
	};

	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "name", desc->name, "event",
			 hawk_event_by_id(desc->event)->name, "doc", desc->doc, "state", states[result->state],
			 "looked", hawk_json_u64(result->looked), "findings", hawk_json_u64(result->findings), "note",
			 hawk_json_text(result->note));
}

/* The events are text already; the list of checks goes behind them. */
static int reply_checks(struct hawk_session *s, const struct hawk_inspection *i)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = { .max = s->control->options.client_bytes };
	_cleanup_free_ char *text = NULL;
	json_t *checks = json_array();

	for (int k = 0; k < HAWK_CHECK_MAX; k++)
		if (i->checks >> k & 1)
			json_array_append_new(checks, check_json(hawk_check_desc(k), &i->result[k]));
	text = json_dumps(checks, JSON_COMPACT);
	json_decref(checks);
	if (!text || i->events.error)
		return -ENOMEM;
	hawk_buf_lit(&out, "{\"findings\":");
	hawk_buf_put(&out, i->events.data, i->events.len);
	hawk_buf_lit(&out, ",\"checks\":");
	hawk_buf_puts(&out, text);
	hawk_buf_putc(&out, '}');
	return hawk_reply_text(s, &out, false);
}

static int reply_dump(struct hawk_session *s, struct hawk_inspection *i)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = { .max = s->control->options.client_bytes };

	if (i->error < 0)
		return hawk_reply_why(s, "no dump", i->error, TAKE_PTR(i->why));
	if (i->events.error || i->events.len < 3)
		return -ENOMEM;
	hawk_buf_lit(&out, "{\"dump\":");
	hawk_buf_put(&out, i->events.data + 1, i->events.len - 2);
	hawk_buf_putc(&out, '}');
	return hawk_reply_text(s, &out, false);
}

static int inspection_run(struct hawk_session *s, struct hawk_job *job)
{
	struct hawk_inspection *i = ((struct inspection *)job)->i;
	int r;

	if (!s->control->ops->inspected(s->control->ctx, i))
		return 0;
	r = i->checks ? reply_checks(s, i) : reply_dump(s, i);
	return r < 0 ? r : 1;
}

static void inspection_free(struct hawk_session *s, struct hawk_job *job)
{
	s->control->ops->inspect_end(s->control->ctx, ((struct inspection *)job)->i);
	free(job);
}

/* Begins CHECKS, or a dump of WHAT. */
static int begin(struct hawk_session *s, unsigned int checks, const char *what, size_t length)
{
	_cleanup_free_ struct hawk_inspection *i = calloc(1, sizeof(*i));
	_cleanup_free_ struct inspection *job = calloc(1, sizeof(*job));

	if (!s->control->ops->collect(s->control->ctx))
		return hawk_reply_failed(s, "a replay has no kernel to look at");
	if (!i || !job)
		return -ENOMEM;
	i->checks = checks;
	i->what = what ? strdup(what) : NULL;
	i->length = length;
	if (what && !i->what)
		return -ENOMEM;
	i->done = on_done;
	i->ctx = s;
	job->job = (struct hawk_job){ .run = inspection_run, .free = inspection_free };
	job->i = i;
	s->job = &TAKE_PTR(job)->job;
	s->control->ops->inspect(s->control->ctx, TAKE_PTR(i));
	return 0;
}

int hawk_do_INTEGRITY_CHECK(struct hawk_session *s, const json_t *args)
{
	const json_t *names = hawk_args_get(args, "checks");
	unsigned int checks = json_array_size(names) ? 0 : HAWK_CHECKS_ALL;

	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		int id = hawk_check_by_name(name);

		if (id < 0)
			return hawk_reply_failed(s, "no check has the name \"%s\" (modules, syscalls, interrupts, proc, "
						    "seq, ftrace)", name);
		checks |= 1U << id;
	}
	return begin(s, checks, NULL, 0);
}

int hawk_do_INTEGRITY_DUMP(struct hawk_session *s, const json_t *args)
{
	const char *symbol = json_string_value(hawk_args_get(args, "symbol"));
	const json_t *length = hawk_args_get(args, "length");
	json_int_t n = length ? json_integer_value(length) : DUMP_DEFAULT;

	if (n < 1 || n > HAWK_DUMP_MAX)
		return hawk_reply_failed(s, "a dump has 1 to %d bytes", HAWK_DUMP_MAX);
	return begin(s, 0, symbol, (size_t)n);
}
