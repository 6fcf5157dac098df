/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/control/server.h"

/* Forgets what was sent, so that the room counts as free; then the output may grow into what is left. */
static void make_room(struct hawk_session *s)
{
	if (s->sent) {
		memmove(s->out.data, s->out.data + s->sent, hawk_session_pending(s));
		s->out.len -= s->sent;
		s->sent = 0;
	}
	s->out.max = hawk_session_output_max(s);
}

/*
 * A reply could not be queued. It is the fault of all clients together, or, when
 * other replies wait before it, the client does not read and is let go; else
 * the reply alone is too long.
 */
static int no_room(struct hawk_session *s, int err)
{
	if (err == -E2BIG && s->out.max < HAWK_OUTPUT_MAX(s->control))
		return -ENOBUFS;
	if (err != -E2BIG || !hawk_session_pending(s))
		return err;
	hawk_debug("control: client of pid %d does not read its replies", (int)s->peer.pid);
	s->control->refused++;
	s->broken = true;
	return err;
}

static int queue_reply(struct hawk_session *s, json_t *parameters, bool continues)
{
	int r;

	if (!parameters)
		return -ENOMEM;
	make_room(s);
	r = s->call.oneway ? 0 : hawk_reply_write(&s->out, parameters, continues);
	json_decref(parameters);
	return r < 0 ? no_room(s, r) : 0;
}

int hawk_reply(struct hawk_session *s, json_t *parameters)
{
	return queue_reply(s, parameters, false);
}

int hawk_reply_more(struct hawk_session *s, json_t *parameters)
{
	return queue_reply(s, parameters, true);
}

int hawk_reply_error(struct hawk_session *s, const char *error, json_t *parameters)
{
	const char *message = json_string_value(json_object_get(parameters, "message"));
	int r;

	snprintf(s->outcome, sizeof(s->outcome), "%s%s%s", error, message ? ": " : "", message ?: "");
	if (!parameters)
		return -ENOMEM;
	make_room(s);
	r = s->call.oneway ? 0 : hawk_error_write(&s->out, error, parameters);
	json_decref(parameters);
	return r < 0 ? no_room(s, r) : 0;
}

json_t *hawk_json_text(const char *text)
{
	char safe[512];
	json_t *j = json_string(text);
	size_t i;

	if (j)
		return j;
	/* Not UTF-8: keep what is ASCII. */
	for (i = 0; i < sizeof(safe) - 1 && text[i]; i++)
		safe[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	safe[i] = 0;
	return json_string(safe);
}

int hawk_reply_failed(struct hawk_session *s, const char *fmt, ...)
{
	char message[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	return hawk_reply_error(s, hawk_failure_name(HAWK_FAILURE_FAILED),
				json_pack("{s:o}", "message", hawk_json_text(message)));
}

int hawk_reply_why(struct hawk_session *s, const char *what, int err, char *why)
{
	_cleanup_free_ char *owned = why;

	return hawk_reply_failed(s, "%s: %s", what, owned ?: strerror(-err));
}

int hawk_reply_text(struct hawk_session *s, struct hawk_buf *parameters, bool continues)
{
	size_t start, body;
	int r;

	if (parameters->error)
		return parameters->error;
	if (s->call.oneway)
		return 0;
	make_room(s);
	start = s->out.len;
	hawk_buf_lit(&s->out, "{\"parameters\":");
	body = s->out.len;
	hawk_buf_put(&s->out, parameters->data, parameters->len);
	if (!s->out.error)
		hawk_wire_json(s->out.data + body, parameters->len);
	if (continues)
		hawk_buf_lit(&s->out, ",\"continues\":true");
	hawk_buf_lit(&s->out, "}\0");
	r = s->out.error;
	if (r < 0) {
		s->out.len = start;
		s->out.error = 0;
		return no_room(s, r);
	}
	return 0;
}

json_t *hawk_json_words(const char *list)
{
	json_t *array = json_array();

	while (array && *list) {
		size_t len = strcspn(list, ",");

		if (len && json_array_append_new(array, json_stringn(list, len)) < 0) {
			json_decref(array);
			return NULL;
		}
		list += len;
		list += *list == ',';
	}
	return array;
}
