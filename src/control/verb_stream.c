/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Watch and trace: a subscriber of the sinks whose events become replies. The
 * subscriber's queue is the only long one; it loses and counts what the client
 * does not take in time.
 */
#include <errno.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/host.h"
#include "src/control/server.h"

/* An expression with all its parts. */
#define EXPRESSION_MAX (32 * 1024)
/* Of a form of output, and of a condition per character of its text: measured, rounded up. */
#define STREAM_BYTES (64 * 1024)
#define BYTES_PER_CHAR 64

struct stream {
	struct hawk_job job;
	struct hawk_subscriber *subscriber;
	int interest; /* handle; -1: none */
	bool objects; /* events go out as JSON objects */
	uint64_t unsent; /* events that did not fit in a reply */
};

/* What a client asked for, while a stream is set up. */
struct request {
	const char *format;
	bool lines, terminal;
	enum hawk_view view;
	bool restricted;                 /* only BITS */
	uint64_t bits[HAWK_EVENT_WORDS]; /* rows of events to see */
	struct hawk_buf filter;          /* ir text */
};

DEFINE_CLEANUP(struct hawk_ir, hawk_ir_free)
DEFINE_CLEANUP(struct hawk_format, hawk_format_free)

static void on_event(void *ctx)
{
	hawk_session_wake(ctx);
}

static int send_event(struct hawk_session *s, struct stream *st)
{
	struct hawk_buf *event = &s->control->one_event, *reply = &s->control->one_reply;
	size_t len = event->len;
	int r;

	if (len && event->data[len - 1] == '\n')
		len--;
	hawk_buf_reset(reply);
	if (st->objects) {
		hawk_buf_lit(reply, "{\"event\":");
		hawk_buf_put(reply, event->data, len);
	} else {
		hawk_buf_lit(reply, "{\"line\":");
		hawk_json_string(reply, (const uint8_t *)event->data, len);
	}
	hawk_buf_putc(reply, '}');
	r = reply->error == -E2BIG ? -ENOBUFS : hawk_reply_text(s, reply, true);
	/*
	 * What can never be sent, or not with so many clients, is lost to this client, and told like
	 * the rest.
	 */
	if (r != -ENOBUFS)
		return r;
	st->unsent++;
	return 0;
}

static int tell_lost(struct hawk_session *s, struct stream *st)
{
	uint64_t lost = hawk_subscriber_lost(st->subscriber) + st->unsent;

	st->unsent = 0;
	return lost ? hawk_reply_more(s, json_pack("{s:o}", "lost", hawk_json_u64(lost))) : 0;
}

static int stream_run(struct hawk_session *s, struct hawk_job *job)
{
	struct stream *st = (struct stream *)job;
	int r = tell_lost(s, st);

	while (r == 0 && hawk_session_pending(s) < HAWK_OUTPUT_LOW) {
		long n;

		hawk_buf_reset(&s->control->one_event);
		n = hawk_subscriber_take(st->subscriber, &s->control->one_event);
		if (n <= 0)
			return n;
		r = send_event(s, st);
	}
	return r;
}

static void stream_free(struct hawk_session *s, struct hawk_job *job)
{
	struct stream *st = (struct stream *)job;
	struct hawk_control *c = s->control;

	hawk_subscriber_free(st->subscriber);
	if (st->interest >= 0)
		c->ops->interest_drop(c->ctx, st->interest);
	free(st);
}

static int warn(struct hawk_session *s, const char *text)
{
	return hawk_reply_more(s, json_pack("{s:o}", "warning", hawk_json_text(text)));
}

/*
 * The form of the output. Returns 0, or 1 when the client was told that it is
 * wrong, or -errno.
 */
static int make_format(struct hawk_session *s, const struct request *q, struct hawk_format **ret)
{
	char *why = NULL;
	int r = hawk_format_new(ret, q->format, q->terminal, &why);

	if (r != -EINVAL)
		return r;
	r = hawk_reply_why(s, "format", r, why);
	return r < 0 ? r : 1;
}

/* Says that it begins; then the head line, if the format has one. */
static int begin(struct hawk_session *s, struct stream *st, struct hawk_format *format)
{
	struct hawk_buf *head = &s->control->one_event;
	const struct hawk_host_ids *host = hawk_host_ids();
	int r = hawk_reply_more(s, json_pack("{s:b, s:s, s:s, s:o}", "ready", 1, "boot_id", host->boot_id, "machine_id",
					     host->machine_id, "since", hawk_json_u64(hawk_watch_since())));

	if (r < 0)
		return r;
	hawk_buf_reset(head);
	r = hawk_format_head(format, head);
	if (r < 0)
		return r;
	/* Never an object, whatever the format. */
	return head->len && !st->objects ? send_event(s, st) : 0;
}

static int subscribe(struct hawk_session *s, struct stream *st, struct request *q)
{
	struct hawk_control *c = s->control;
	struct hawk_subscriber_options options = {
		.filter = q->filter.len ? hawk_buf_str(&q->filter) : "",
		.format = q->format,
		.terminal = q->terminal,
		.reader = s->role < HAWK_ROLE_ADMIN,
		.view = q->view,
		.queue_bytes = c->options.client_bytes,
		.events = q->restricted ? q->bits : NULL,
		.notify = on_event,
		.ctx = s,
	};
	char *why = NULL;
	int r = hawk_subscriber_new(&st->subscriber, c->ops->sinks(c->ctx), &options, &why);

	if (r < 0)
		return hawk_reply_why(s, "cannot subscribe", r, why) < 0 ? -ENOMEM : 1;
	return 0;
}

/* What a stream holds beside its output: the queue, the condition and what belongs to it. */
static size_t bytes_of(const struct hawk_control *c, const struct request *q)
{
	return sizeof(struct stream) + STREAM_BYTES + q->filter.len * BYTES_PER_CHAR +
	       hawk_subscriber_memory(c->options.client_bytes);
}

/*
 * What a stream has collected for as long as it lives: its events, with
 * COLLECT; the view of paths that its subscriber wants, and what the kernel
 * would leave out without it. Returns 0, 1 when
 * the client was told why not, or -errno.
 */
static int add_interest(struct hawk_session *s, struct stream *st, const struct request *q, bool collect)
{
	static const uint64_t none[HAWK_EVENT_WORDS];
	struct hawk_control *c = s->control;
	int r;

	st->interest = c->ops->interest_add(c->ctx, collect ? q->bits : none);
	if (st->interest >= 0)
		return 0;
	if (st->interest == -ENODATA)
		r = hawk_reply_failed(s, "the host's view of paths is not known: /proc/1/ns cannot be read");
	else
		r = hawk_reply_failed(s, "cannot collect what is needed: %s", strerror(-st->interest));
	return r < 0 ? -ENOMEM : 1;
}

/* Sets the stream up. With COLLECT its events are collected for as long as it lives. */
static int start_stream(struct hawk_session *s, struct request *q, bool collect)
{
	struct hawk_control *c = s->control;
	_cleanup_(hawk_format_freep) struct hawk_format *format = NULL;
	struct stream *st;
	int r;

	if (bytes_of(c, q) > hawk_session_room_for_job(s))
		return -ENOBUFS;
	r = make_format(s, q, &format);
	if (r != 0)
		return r < 0 ? r : 0;
	st = calloc(1, sizeof(*st));
	if (!st)
		return -ENOMEM;
	st->job = (struct hawk_job){ .run = stream_run, .free = stream_free, .bytes = bytes_of(c, q) };
	st->interest = -1;
	st->objects = hawk_format_is_json(format) && !q->lines;
	r = subscribe(s, st, q);
	if (r == 0)
		r = add_interest(s, st, q, collect);
	if (r == 0)
		r = begin(s, st, format);
	if (r != 0) {
		stream_free(s, &st->job);
		return r < 0 ? r : 0;
	}
	s->job = &st->job;
	return 0;
}

/* Returns 0, 1 when the client was told what is wrong, or -errno. */
static int read_request(struct hawk_session *s, struct request *q, const json_t *args)
{
	int view = hawk_view_parse(json_string_value(hawk_args_get(args, "paths")) ?: "default");

	*q = (struct request){
		.format = json_string_value(hawk_args_get(args, "format")) ?: "table",
		.lines = json_is_true(hawk_args_get(args, "lines")),
		.terminal = json_is_true(hawk_args_get(args, "terminal")),
		.view = view,
		.filter = { .max = EXPRESSION_MAX },
	};
	if (view >= 0)
		return 0;
	return hawk_reply_error(s, HAWK_SERVICE_INTERFACE ".InvalidParameter",
				json_pack("{s:s}", "parameter", "paths")) < 0 ? -ENOMEM : 1;
}

/* Tells the client where its expression is wrong. */
static int bad_expression(struct hawk_session *s, const struct hawk_ir_error *e)
{
	return hawk_reply_error(s, hawk_failure_name(HAWK_FAILURE_BAD_EXPRESSION),
				json_pack("{s:i, s:i, s:o}", "line", (int)e->line, "column", (int)e->column,
					  "message", hawk_json_text(e->message)));
}

/* Checks TEXT and adds it to the filter. Returns 0, 1 when the client was told, or -errno. */
static int add_condition(struct hawk_session *s, struct request *q, const char *text)
{
	_cleanup_(hawk_ir_freep) struct hawk_ir *ir = NULL;
	struct hawk_ir_error error = { .line = 1, .column = 1 };
	int r = hawk_ir_parse(&ir, text, &error);

	if (r == -EINVAL)
		return bad_expression(s, &error) < 0 ? -ENOMEM : 1;
	if (r < 0)
		return r;
	/* An empty one is true and must not leave empty parentheses. */
	if (!text[strspn(text, " \t\r\n,")])
		return 0;
	if (q->filter.len)
		hawk_buf_lit(&q->filter, " AND ");
	hawk_buf_putc(&q->filter, '(');
	hawk_buf_puts(&q->filter, text);
	hawk_buf_putc(&q->filter, ')');
	return q->filter.error;
}

/* Warns of events that were asked for by name and are not collected. */
static int warn_disabled(struct hawk_session *s, const struct request *q)
{
	struct hawk_control *c = s->control;
	char text[320];
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t row = 0; row < n; row++) {
		int r;

		if (!hawk_bit(q->bits, row) || c->ops->event_enabled(c->ctx, row))
			continue;
		snprintf(text, sizeof(text), "%s is not enabled: see \"event enable\", or use trace event=%s",
			 descs[row]->name, descs[row]->name);
		r = warn(s, text);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Warns of events that were asked for by name and that this kernel gives no way to observe. */
static int warn_impossible(struct hawk_session *s, const struct request *q)
{
	struct hawk_collect *collect = s->control->ops->collect(s->control->ctx);
	const struct hawk_plan *plan = collect ? hawk_collect_plan(collect) : NULL;
	char text[320];
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t row = 0; plan && row < n; row++) {
		int r;

		if (!hawk_bit(q->bits, row) || plan->alt[row] != -2)
			continue;
		snprintf(text, sizeof(text), "%s cannot be observed on this kernel: see \"event show %s\"",
			 descs[row]->name, descs[row]->name);
		r = warn(s, text);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Warns a reader of events that were asked for by name and that only admins get. */
static int warn_admins(struct hawk_session *s, const struct request *q)
{
	char text[320];
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);
	int r = 0;

	for (size_t row = 0; s->role < HAWK_ROLE_ADMIN && row < n && r == 0; row++) {
		if (!hawk_bit(q->bits, row) || !descs[row]->admin)
			continue;
		snprintf(text, sizeof(text), "%s is for root and the group control.admin_group", descs[row]->name);
		r = warn(s, text);
	}
	return r;
}

static int watch(struct hawk_session *s, const json_t *args, struct request *q)
{
	const json_t *events = hawk_args_get(args, "events");
	const char *where = json_string_value(hawk_args_get(args, "where")), *bad;
	int r;

	q->restricted = events && json_array_size(events);
	if (q->restricted && hawk_events_resolve(events, q->bits, &bad) < 0)
		return hawk_reply_no_event(s, bad);
	r = where ? add_condition(s, q, where) : 0;
	if (r == 0)
		r = start_stream(s, q, false);
	if (r == 0 && s->job && q->restricted)
		r = warn_disabled(s, q);
	if (r == 0 && s->job && q->restricted)
		r = warn_impossible(s, q);
	if (r == 0 && s->job && q->restricted)
		r = warn_admins(s, q);
	return r < 0 ? r : 0;
}

int hawk_do_WATCH(struct hawk_session *s, const json_t *args)
{
	struct request q;
	int r;

	r = read_request(s, &q, args);
	if (r == 0)
		r = watch(s, args, &q);
	hawk_buf_done(&q.filter);
	return r < 0 ? r : 0;
}

/* The enabled events, for an expression that names none. */
static void all_enabled(struct hawk_control *c, uint64_t *bits)
{
	size_t n;
	const struct hawk_event_desc *const *descs = hawk_event_descs(&n);

	for (size_t row = 0; row < n; row++)
		if (!descs[row]->internal && c->ops->event_enabled(c->ctx, row))
			hawk_bit_set(bits, row);
}

static int trace(struct hawk_session *s, const json_t *args, struct request *q)
{
	_cleanup_(hawk_ir_freep) struct hawk_ir *ir = NULL;
	struct hawk_ir_error error = { .line = 1, .column = 1 };
	const json_t *expressions = hawk_args_get(args, "expressions");
	bool named;
	int r = 0;

	for (size_t i = 0; i < json_array_size(expressions) && r == 0; i++)
		r = add_condition(s, q, json_string_value(json_array_get(expressions, i)));
	if (r != 0)
		return r < 0 ? r : 0;
	r = hawk_ir_parse(&ir, q->filter.len ? hawk_buf_str(&q->filter) : "", &error);
	if (r == -EINVAL)
		return bad_expression(s, &error);
	if (r < 0)
		return r;
	named = hawk_ir_events(ir, q->bits);
	if (!named)
		all_enabled(s->control, q->bits);
	q->restricted = named;
	/* For a reader this is the one way to change what the kernel does. */
	s->audit = true;
	r = start_stream(s, q, true);
	if (r == 0 && s->job && !named)
		r = warn(s, "the expression names no event: shown are the enabled ones and what policies match; "
			    "add event=NAME for others");
	if (r == 0 && s->job && named)
		r = warn_impossible(s, q);
	if (r == 0 && s->job && named)
		r = warn_admins(s, q);
	return r;
}

int hawk_do_TRACE(struct hawk_session *s, const json_t *args)
{
	struct request q;
	int r;

	r = read_request(s, &q, args);
	if (r == 0)
		r = trace(s, args, &q);
	hawk_buf_done(&q.filter);
	return r < 0 ? r : 0;
}
