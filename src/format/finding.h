/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FORMAT_FINDING_H
#define HAWK_FORMAT_FINDING_H
/* What the event "finding" tells, taken apart: for sinks and formats with a form of their own for it. */
#include "src/base/buf.h"
#include "src/event/event.h"

/* The data field FIELD of EVENT; NULL when it is absent. */
const struct hawk_value *hawk_found_value(const struct hawk_event *event, const char *field);

/* A part of a list of "name=value". */
struct hawk_found_output {
	const char *name, *value; /* borrowed, not escaped */
	size_t name_len, value_len;
};

/* The next of what the signature tells: *AT begins as 0. Returns false behind the last. */
bool hawk_found_output(const struct hawk_event *event, size_t *at, struct hawk_found_output *ret);

/*
 * Appends the processes that the one of EVENT comes from, nearest first, as "/usr/bin/bash[100] /usr/sbin/sshd[60]",
 * escaped.
 */
void hawk_found_ancestors(struct hawk_buf *out, const struct hawk_event *event);
/* Appends a line that leaves out findings like this one, as a file in signatures.d: sechawk-signature(5), exceptions. */
void hawk_found_except(struct hawk_buf *out, const struct hawk_event *event);

#endif
