/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The listening end: accepts, counts and refuses clients. */
#include "src/control/server.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/base/log.h"

#define MAX_CLIENTS_DEFAULT 1024
#define CLIENT_BYTES_DEFAULT (4 * 1024 * 1024)
#define CLIENTS_BYTES_DEFAULT (256 * 1024 * 1024)
/* Connections taken in one turn of the loop. */
#define ACCEPTS_PER_TURN 16
/* Without descriptors or memory accept fails at once again and again: wait so long, microseconds. */
#define ACCEPT_PAUSE_US (1000 * 1000)

/* Says why and closes. What does not fit the empty socket buffer is not worth waiting for. */
static void refuse(struct hawk_control *c, int fd, enum hawk_failure_id why, json_t *parameters)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;

	c->refused++;
	if (parameters && hawk_error_write(&out, hawk_failure_name(why), parameters) == 0 &&
	    send(fd, out.data, out.len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		hawk_debug("control: a refused client could not be told: %m");
	json_decref(parameters);
	close(fd);
}

/* Takes one connection. Returns 0, -EAGAIN when there is none, or -errno. */
static int accept_one(struct hawk_control *c)
{
	int fd = accept4(c->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), r;

	if (fd < 0)
		return errno == EINTR || errno == ECONNABORTED ? 0 : -errno;
	if (c->n_sessions >= c->options.max_clients) {
		refuse(c, fd, HAWK_FAILURE_TOO_MANY_CLIENTS,
		       json_pack("{s:i}", "limit", (int)c->options.max_clients));
		return 0;
	}
	if (!hawk_memory_admits(c)) {
		refuse(c, fd, HAWK_FAILURE_CLIENTS_TOO_LARGE, hawk_memory_limit(c));
		return 0;
	}
	r = hawk_session_new(c, fd);
	if (r < 0)
		c->refused++;
	return 0;
}

static int on_listen(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hawk_control *c = userdata;
	int r = 0;

	(void)fd;
	(void)revents;
	for (int i = 0; i < ACCEPTS_PER_TURN && r == 0; i++)
		r = accept_one(c);
	if (r == 0 || r == -EAGAIN)
		return 0;
	hawk_debug("control: accept: %s", strerror(-r));
	if (sd_event_source_set_time_relative(c->listen_again, ACCEPT_PAUSE_US) >= 0 &&
	    sd_event_source_set_enabled(c->listen_again, SD_EVENT_ONESHOT) >= 0)
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

static int on_listen_again(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct hawk_control *c = userdata;

	(void)source;
	(void)usec;
	return sd_event_source_set_enabled(c->listen, SD_EVENT_ON);
}

static int on_wake(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct hawk_control *c = userdata;
	struct hawk_session *next;
	uint64_t n;

	(void)source;
	(void)revents;
	/* Read before the flags: a wake-up in between makes it readable again. */
	if (read(fd, &n, sizeof(n)) < 0)
		return 0;
	for (struct hawk_session *s = c->sessions; s; s = next) {
		next = s->next;
		if (atomic_exchange(&s->woken, false))
			hawk_session_turn(s);
	}
	return 0;
}

static void log_audit(const char *text)
{
	hawk_log_audit("%s", text);
}

static int add_sources(struct hawk_control *c)
{
	int r, flags = fcntl(c->listen_fd, F_GETFL);

	/* One that was handed over may block; the loop must not. */
	if (flags < 0 || fcntl(c->listen_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->wake_fd < 0)
		return -errno;
	r = sd_event_add_io(c->event, &c->listen, c->listen_fd, EPOLLIN, on_listen, c);
	if (r < 0)
		return r;
	r = sd_event_add_io(c->event, &c->wake, c->wake_fd, EPOLLIN, on_wake, c);
	if (r < 0)
		return r;
	r = sd_event_add_time(c->event, &c->listen_again, CLOCK_MONOTONIC, 0, 0, on_listen_again, c);
	if (r < 0)
		return r;
	return sd_event_source_set_enabled(c->listen_again, SD_EVENT_OFF);
}

int hawk_control_new(struct hawk_control **ret, sd_event *event, int listen_fd,
		     const struct hawk_control_options *options, const struct hawk_control_ops *ops,
		     void *ctx)
{
	struct hawk_control *c = calloc(1, sizeof(*c));
	int r;

	if (!c) {
		close(listen_fd);
		return -ENOMEM;
	}
	c->event = sd_event_ref(event);
	c->listen_fd = listen_fd;
	c->wake_fd = -1;
	c->options = *options;
	c->options.version = strdup(options->version ?: "");
	c->options.admin_group = c->options.read_group = NULL;
	c->options.max_clients = options->max_clients ?: MAX_CLIENTS_DEFAULT;
	c->options.client_bytes = options->client_bytes ?: CLIENT_BYTES_DEFAULT;
	c->options.clients_bytes = options->clients_bytes ?: CLIENTS_BYTES_DEFAULT;
	c->one_event.max = HAWK_FORMAT_EVENT_MAX;
	c->one_reply.max = c->options.client_bytes;
	c->ops = ops;
	c->ctx = ctx;
	c->role_of = hawk_peer_role;
	c->audit = log_audit;
	hawk_access_init(&c->access, options->admin_group, options->read_group);
	r = c->options.version ? add_sources(c) : -ENOMEM;
	if (r < 0) {
		hawk_control_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

struct hawk_control *hawk_control_free(struct hawk_control *c)
{
	if (!c)
		return NULL;
	while (c->sessions)
		hawk_session_free(c->sessions);
	sd_event_source_disable_unref(c->listen);
	sd_event_source_disable_unref(c->wake);
	sd_event_source_disable_unref(c->listen_again);
	if (c->wake_fd >= 0)
		close(c->wake_fd);
	close(c->listen_fd);
	sd_event_unref(c->event);
	hawk_buf_done(&c->one_event);
	hawk_buf_done(&c->one_reply);
	free((char *)c->options.version);
	free(c);
	return NULL;
}

unsigned int hawk_control_clients(const struct hawk_control *c, uint64_t *ret_refused)
{
	if (ret_refused)
		*ret_refused = c->refused;
	return c->n_sessions;
}
