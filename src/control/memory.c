/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The memory of clients. Each is bounded by itself; here is the bound of their
 * sum. What a session holds changes in its own turns only, on one thread, so
 * the sum is exact. Queues that another thread fills count in full from the
 * beginning.
 */
#include <errno.h>

#include "src/control/server.h"

/*
 * A session with its event sources and descriptors, some 2 KiB, and an output that every error fits in: what
 * an idle client costs.
 */
#define OUTPUT_MIN ((size_t)4 * 1024)
#define SESSION_BYTES ((size_t)2 * 1024)
#define OUTPUT_OF_JOB ((size_t)2 * HAWK_OUTPUT_LOW)

/* What streams and other jobs leave, so that somebody can still ask what goes on: a part of the limit. */
#define SHORT_CALLS 16

bool hawk_memory_admits(const struct hawk_control *c)
{
	return c->charged + SESSION_BYTES + OUTPUT_MIN <= c->options.clients_bytes;
}

/* What the output of S counts at least: that of a job is mostly as long as it is allowed to. */
static size_t output_of(const struct hawk_session *s)
{
	size_t least = s->job ? OUTPUT_OF_JOB : OUTPUT_MIN;

	return s->out.cap > least ? s->out.cap : least;
}

void hawk_session_charge(struct hawk_session *s)
{
	size_t bytes = SESSION_BYTES + s->peer.n_groups * sizeof(*s->peer.groups) + s->in.in.cap;

	bytes += output_of(s);
	if (s->job)
		bytes += s->job->bytes;
	s->control->charged += bytes - s->charged;
	s->charged = bytes;
}

size_t hawk_session_room(struct hawk_session *s)
{
	const struct hawk_control *c = s->control;

	hawk_session_charge(s);
	return c->options.clients_bytes > c->charged ? c->options.clients_bytes - c->charged : 0;
}

size_t hawk_session_room_for_job(struct hawk_session *s)
{
	size_t room = hawk_session_room(s);
	size_t kept = s->control->options.clients_bytes / SHORT_CALLS + OUTPUT_OF_JOB;

	return room > kept ? room - kept : 0;
}

size_t hawk_session_output_max(struct hawk_session *s)
{
	size_t max = HAWK_OUTPUT_MAX(s->control);
	size_t free = hawk_session_room(s) + output_of(s);

	return free < max ? free : max;
}

json_t *hawk_memory_limit(const struct hawk_control *c)
{
	return json_pack("{s:o}", "limit", hawk_json_u64(c->options.clients_bytes));
}

int hawk_reply_too_large(struct hawk_session *s)
{
	s->control->refused++;
	return hawk_reply_error(s, hawk_failure_name(HAWK_FAILURE_CLIENTS_TOO_LARGE),
				hawk_memory_limit(s->control));
}
