/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* watch and trace: events until a limit, the reader or the user ends it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/term.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"
#include "src/format/format.h"

struct stream {
	uint64_t events, lost;
	uint64_t lost_told, tell_next; /* of lost; when to say more, CLOCK_MONOTONIC ns */
	uint64_t count;    /* events wanted; 0: no limit */
	uint64_t timeout;  /* ns; 0: none */
	uint64_t deadline; /* CLOCK_MONOTONIC ns; 0: none */
	bool head;         /* the next line is the head of the table */
	bool terminal;
};

static void json_freep(json_t **j)
{
	json_decref(*j);
}

static void flush(void)
{
	fflush(stdout);
}

/* True when FORMAT begins with a line that is no event. What is no format the daemon will refuse. */
static bool has_head(const char *format)
{
	_cleanup_(hawk_buf_done) struct hawk_buf head = HAWK_BUF_INIT;
	_cleanup_free_ char *why = NULL;
	struct hawk_format *f = NULL;

	if (hawk_format_new(&f, format, false, &why) < 0)
		return false;
	hawk_format_head(f, &head);
	hawk_format_free(f);
	return head.len;
}

static json_t *stream_parameters(const struct hawk_command *command, const char *format)
{
	json_t *parameters = hawk_command_parameters(command);

	if (!parameters || json_object_set_new(parameters, "format", json_string(format)) < 0 ||
	    json_object_set_new(parameters, "lines", json_true()) < 0 ||
	    json_object_set_new(parameters, "terminal", json_boolean(hawk_term_colour())) < 0) {
		json_decref(parameters);
		return NULL;
	}
	return parameters;
}

static void take_line(struct stream *s, const char *line, size_t len)
{
	hawk_text_write_line(stdout, line, len, s->terminal);
	if (s->head)
		s->head = false;
	else
		s->events++;
}

/* Loss is told at once, but in a flood once a second: it comes again and again then. */
static void tell_lost(struct stream *s, bool now)
{
	uint64_t time = hawk_client_now();

	if (s->lost == s->lost_told || (!now && time < s->tell_next))
		return;
	fprintf(stderr, "sechawkctl: %llu events lost, the output is read too slowly\n",
		(unsigned long long)(s->lost - s->lost_told));
	s->lost_told = s->lost;
	s->tell_next = time + 1000000000;
}

static void take_reply(struct stream *s, const json_t *parameters)
{
	const json_t *line = json_object_get(parameters, "line");
	const json_t *event = json_object_get(parameters, "event");
	const json_t *warning = json_object_get(parameters, "warning");
	json_int_t lost = json_integer_value(json_object_get(parameters, "lost"));

	if (json_is_true(json_object_get(parameters, "ready")) && s->timeout)
		s->deadline = hawk_client_now() + s->timeout;
	if (json_is_string(line)) {
		take_line(s, json_string_value(line), json_string_length(line));
	} else if (json_is_object(event)) {
		hawk_text_write_json(stdout, event, false);
		s->events++;
	}
	s->lost += lost > 0 ? (uint64_t)lost : 0;
	tell_lost(s, false);
	if (json_is_string(warning)) {
		_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

		hawk_text_safe(&text, json_string_value(warning), json_string_length(warning));
		fprintf(stderr, "sechawkctl: %s\n", hawk_buf_str(&text) ? text.data : "");
	}
}

/* One reply. Returns an exit code, or -1 to go on. */
static int stream_step(struct stream *s, struct hawk_client *client, const struct hawk_verb_desc *verb)
{
	_cleanup_(hawk_reply_done) struct hawk_reply reply = { .json = NULL };

	switch (hawk_client_next(client, &reply, s->deadline, flush)) {
	case HAWK_NEXT_LINE:
		take_line(s, client->line.data, client->line.len);
		return -1;
	case HAWK_NEXT_REPLY:
		break;
	case HAWK_NEXT_TIMEOUT:
		return s->count ? HAWK_EXIT_TIMEOUT : HAWK_EXIT_OK;
	case HAWK_NEXT_SIGNAL:
		return HAWK_EXIT_OK;
	default:
		return HAWK_EXIT_FAILED;
	}
	if (reply.error)
		return hawk_client_explain(verb, &reply);
	if (reply.parameters)
		take_reply(s, reply.parameters);
	return reply.continues ? -1 : HAWK_EXIT_OK;
}

static int stream_run(struct stream *s, struct hawk_client *client, const struct hawk_verb_desc *verb)
{
	int r;

	do {
		r = stream_step(s, client, verb);
		/* A reader that has gone ("| head") is no failure of ours. */
		if (r < 0 && (ferror(stdout) || (s->count && s->events >= s->count)))
			r = HAWK_EXIT_OK;
	} while (r < 0);
	return r;
}

int hawk_run_stream(const struct hawk_command *command)
{
	_cleanup_(hawk_client_done) struct hawk_client client = HAWK_CLIENT_INIT;
	_cleanup_(json_freep) json_t *parameters = NULL;
	const char *format = hawk_command_string(command, "format", command->output ?: "table");
	struct stream s = {
		.count = (uint64_t)hawk_command_int(command, "count", 0),
		.timeout = (uint64_t)hawk_command_int(command, "timeout", 0) * 1000000000,
		.head = has_head(format),
		.terminal = hawk_term_width(),
	};
	int r;

	parameters = stream_parameters(command, format);
	if (!parameters) {
		fprintf(stderr, "sechawkctl: out of memory\n");
		return HAWK_EXIT_FAILED;
	}
	client.lines = true;
	s.deadline = s.timeout ? hawk_client_now() + s.timeout : 0;
	hawk_client_catch_signals();
	r = hawk_client_connect(&client, command->socket);
	if (!r)
		r = hawk_client_send(&client, command->verb->method, parameters, true);
	if (r)
		return r;
	r = stream_run(&s, &client, command->verb);
	flush();
	tell_lost(&s, true);
	if ((r == HAWK_EXIT_OK || r == HAWK_EXIT_TIMEOUT) && isatty(STDERR_FILENO))
		fprintf(stderr, "%llu events, %llu lost\n", (unsigned long long)s.events,
			(unsigned long long)s.lost);
	return r;
}
