/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One connection: input, output, and the turn that connects them. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"
#include "src/control/server.h"

/* Steps of one session before others get their turn. */
#define STEPS_PER_TURN 16

static void drop_job(struct hawk_session *s)
{
	struct hawk_job *job = TAKE_PTR(s->job);

	if (job)
		job->free(s, job);
}

struct hawk_session *hawk_session_free(struct hawk_session *s)
{
	struct hawk_control *c;

	if (!s)
		return NULL;
	c = s->control;
	drop_job(s);
	if (s->prev)
		s->prev->next = s->next;
	else if (c->sessions == s)
		c->sessions = s->next;
	if (s->next)
		s->next->prev = s->prev;
	c->n_sessions--;
	c->charged -= s->charged;
	sd_event_source_disable_unref(s->io);
	sd_event_source_disable_unref(s->again);
	hawk_call_done(&s->call);
	hawk_frames_done(&s->in);
	hawk_buf_done(&s->out);
	hawk_peer_done(&s->peer);
	close(s->fd);
	free(s);
	return NULL;
}

/* Writes what the socket takes. */
static void flush(struct hawk_session *s)
{
	while (hawk_session_pending(s) && !s->broken) {
		ssize_t n = send(s->fd, s->out.data + s->sent, hawk_session_pending(s),
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno != EINTR)
			s->broken = true;
		if (n > 0)
			s->sent += n;
	}
	if (hawk_session_pending(s))
		return;
	s->sent = 0;
	hawk_buf_reset(&s->out);
	/* A long reply is no reason to keep its memory for a client that then sleeps. */
	if (s->out.cap > HAWK_OUTPUT_LOW && !s->job)
		hawk_buf_done(&s->out);
}

static int run_job(struct hawk_session *s)
{
	size_t before = hawk_session_pending(s);
	int r;

	if (before >= HAWK_OUTPUT_LOW)
		return 0;
	r = s->job->run(s, s->job);
	if (r == -ENOBUFS && !s->broken)
		r = hawk_reply_too_large(s) < 0 ? -ENOBUFS : 1;
	if (r < 0) {
		hawk_debug("control: client of pid %d ends: error %d", (int)s->peer.pid, r);
		s->broken = true;
	} else if (r > 0) {
		drop_job(s);
		hawk_call_done(&s->call);
		return 1;
	}
	return hawk_session_pending(s) > before;
}

static void bad_message(struct hawk_session *s, const char *why)
{
	hawk_reply_failed(s, "not a Varlink call: %s", why);
	s->control->refused++;
	s->closing = true;
}

static int next_call(struct hawk_session *s)
{
	const char *text, *why = "out of memory";
	struct hawk_call how;
	size_t len;

	if (s->closing)
		return 0;
	if (!hawk_frames_next(&s->in, &text, &len)) {
		s->closing = s->eof;
		/* Idle clients shall cost little. */
		if (!hawk_frames_partial(&s->in))
			hawk_frames_done(&s->in);
		return 0;
	}
	if (hawk_call_parse(&s->call, text, len, &why) < 0) {
		bad_message(s, why);
		return 0;
	}
	hawk_dispatch(s);
	/* A job has read its arguments; only how to reply is still of interest. */
	how = (struct hawk_call){ .more = s->call.more, .oneway = s->call.oneway };
	hawk_call_done(&s->call);
	if (s->job)
		s->call = how;
	return 1;
}

static void set_events(struct hawk_session *s, bool again)
{
	uint32_t events = hawk_session_pending(s) ? EPOLLOUT : 0;

	if (!s->job && !s->eof && !s->closing)
		events |= EPOLLIN;
	if (sd_event_source_set_io_events(s->io, events) < 0 ||
	    sd_event_source_set_enabled(s->again, again ? SD_EVENT_ONESHOT : SD_EVENT_OFF) < 0)
		s->broken = true;
}

void hawk_session_turn(struct hawk_session *s)
{
	int progress = 1;

	for (int i = 0; i < STEPS_PER_TURN && progress && !s->broken; i++) {
		bool full = hawk_session_pending(s) >= HAWK_OUTPUT_LOW;

		progress = s->job ? run_job(s) : next_call(s);
		flush(s);
		/* A job that had no room has some now, and nothing else would tell it. */
		if (full && hawk_session_pending(s) < HAWK_OUTPUT_LOW)
			progress = 1;
	}
	set_events(s, progress > 0);
	hawk_session_charge(s);
	if (s->broken || (s->closing && !hawk_session_pending(s)))
		hawk_session_free(s);
}

void hawk_session_wake(struct hawk_session *s)
{
	static const uint64_t one = 1;

	/* A full eventfd is readable already. */
	if (!atomic_exchange(&s->woken, true) && write(s->control->wake_fd, &one, sizeof(one)) < 0)
		return;
}

static int on_again(sd_event_source *source, void *userdata)
{
	(void)source;
	hawk_session_turn(userdata);
	return 0;
}

/*
 * Whether there is memory for the longest call that most may make; the shortest might be one. Who may make longer
 * ones needs as much as the input grows by, a doubling at a time.
 */
static bool input_fits(struct hawk_session *s)
{
	size_t left = s->in.in.max - s->in.in.cap, step = HAWK_FRAME_MAX_CALL / 2 * 3 + s->in.in.cap;

	return hawk_session_room(s) >= (left < step ? left : step);
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hawk_session *s = userdata;
	long n = 0;

	(void)source;
	if (revents & EPOLLIN && !input_fits(s)) {
		if (hawk_reply_too_large(s) < 0)
			s->broken = true;
		s->closing = true;
	} else if (revents & EPOLLIN) {
		n = hawk_frames_read(&s->in, fd);
		if (n == 0)
			s->eof = true;
		else if (n == -EMSGSIZE)
			bad_message(s, "longer than 64 KiB");
		else if (n < 0 && n != -EAGAIN)
			s->broken = true;
	} else if (revents & (EPOLLHUP | EPOLLERR)) {
		/* Nobody is there to read; with input waiting the calls in it are served first. */
		s->broken = true;
	}
	hawk_session_turn(s);
	return 0;
}

static int session_init(struct hawk_session *s)
{
	struct hawk_control *c = s->control;
	int r;

	r = hawk_peer_read(&s->peer, s->fd);
	if (r < 0)
		return r;
	s->role = c->role_of(&s->peer, &c->access);
	hawk_frames_init(&s->in, s->role == HAWK_ROLE_ADMIN ? HAWK_FRAME_MAX_ADMIN : HAWK_FRAME_MAX_CALL);
	r = sd_event_add_io(c->event, &s->io, s->fd, EPOLLIN, on_io, s);
	if (r < 0)
		return r;
	/* Below accept and signals, so that a busy client does not keep others out. */
	r = sd_event_source_set_priority(s->io, SD_EVENT_PRIORITY_NORMAL + 10);
	if (r < 0)
		return r;
	r = sd_event_add_defer(c->event, &s->again, on_again, s);
	if (r < 0)
		return r;
	r = sd_event_source_set_priority(s->again, SD_EVENT_PRIORITY_NORMAL + 11);
	if (r < 0)
		return r;
	return sd_event_source_set_enabled(s->again, SD_EVENT_OFF);
}

int hawk_session_new(struct hawk_control *control, int fd)
{
	struct hawk_session *s = calloc(1, sizeof(*s));
	int r;

	if (!s) {
		close(fd);
		return -ENOMEM;
	}
	s->control = control;
	s->fd = fd;
	s->peer = (struct hawk_peer)HAWK_PEER_INIT;
	s->next = control->sessions;
	if (s->next)
		s->next->prev = s;
	control->sessions = s;
	control->n_sessions++;
	hawk_session_charge(s);
	r = session_init(s);
	if (r < 0)
		hawk_session_free(s);
	return r;
}
