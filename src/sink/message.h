/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SINK_MESSAGE_H
#define HAWK_SINK_MESSAGE_H
/*
 * An event as a log message, for the journal and syslog: one line for people,
 * and the fields that go with it. Called by the pipeline thread.
 */
#include <syslog.h>

#include "src/base/buf.h"
#include "src/event/field.h"
#include "src/event/names.h"

/* syslog(3) facility of all messages: command lines are not for everybody's eyes. */
#define HAWK_MESSAGE_FACILITY LOG_AUTHPRIV

/* A field of message.def or of the event's data (of a finding: of message.def only). */
struct hawk_message_field {
	const char *prefix; /* "" or "DATA_" */
	const char *name;   /* "PID", "pathname" */
	enum hawk_type type;
	bool each; /* a list, each string of which stands for itself */
	struct hawk_value value;
};

/*
 * The I-th of what there is to say beside the fields: appends its text to OUT, escaped, and returns its name; NULL
 * behind the last.
 */
const char *hawk_message_extra(const struct hawk_event *event, size_t i, struct hawk_buf *out);

/*
 * The fields of EVENT one after the other: *AT counts from 0. Returns false
 * after the last; absent ones are skipped.
 */
bool hawk_message_next(const struct hawk_event *event, size_t *at, struct hawk_message_field *ret);

/*
 * Appends the value as text: not escaped, the elements of a list separated by
 * spaces, without secrets. REDACTED is memory to work in. Returns 0 or the
 * buffer's error.
 */
int hawk_message_value(struct hawk_buf *out, struct hawk_buf *redacted, const struct hawk_event *event,
		       const struct hawk_message_field *field);

/*
 * Appends the line for people, escaped, at most about a kilobyte, without newline. VALUE, REDACTED: to work
 * in.
 */
int hawk_message_text(struct hawk_buf *out, struct hawk_buf *value, struct hawk_buf *redacted,
		      const struct hawk_event *event);

/* Appends BYTES escaped, at most MAX of them and then "…". */
void hawk_message_short(struct hawk_buf *out, const void *bytes, size_t len, size_t max);

/* syslog(3) priority of EVENT. */
int hawk_message_priority(const struct hawk_event *event);

#endif
