/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ctl/client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/line.h"
#include "src/base/cleanup.h"

static int signal_fd = -1;

void hawk_client_catch_signals(void)
{
	sigset_t set;

	/* A descriptor and not a handler: it is seen in a flood of replies too. */
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (signal_fd >= 0)
		sigprocmask(SIG_BLOCK, &set, NULL);
}

uint64_t hawk_client_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int connect_failed(const char *path, int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		fprintf(stderr, "sechawkctl: %s: permission denied\n", path);
		fprintf(stderr, "Be root or a member of the group of the socket (sechawk).\n");
		return HAWK_EXIT_PERMISSION;
	case ENOENT:
	case ECONNREFUSED:
		fprintf(stderr, "sechawkctl: nobody answers on %s\n", path);
		fprintf(stderr, "Is sechawkd running? Try: systemctl start sechawkd.socket\n");
		return HAWK_EXIT_CONNECT;
	default:
		fprintf(stderr, "sechawkctl: cannot connect to %s: %s\n", path, strerror(error));
		return HAWK_EXIT_CONNECT;
	}
}

int hawk_client_connect(struct hawk_client *c, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -1;

	if (strlen(path) >= sizeof(address.sun_path))
		return connect_failed(path, ENAMETOOLONG);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return connect_failed(path, errno);
	c->fd = TAKE_FD(fd);
	c->path = path;
	hawk_frames_init(&c->frames, HAWK_FRAME_MAX_REPLY);
	return HAWK_EXIT_OK;
}

void hawk_client_done(struct hawk_client *c)
{
	if (c->fd < 0)
		return;
	hawk_frames_done(&c->frames);
	hawk_buf_done(&c->line);
	close(TAKE_FD(c->fd));
}

int hawk_client_send(struct hawk_client *c, const char *method, const json_t *parameters, bool more)
{
	_cleanup_(hawk_buf_done) struct hawk_buf out = HAWK_BUF_INIT;
	_cleanup_free_ char *full = NULL;

	if (asprintf(&full, "%s.%s", HAWK_INTERFACE, method) < 0 ||
	    hawk_call_write(&out, full, parameters, more) < 0) {
		fprintf(stderr, "sechawkctl: out of memory\n");
		return HAWK_EXIT_FAILED;
	}
	if (out.len > HAWK_FRAME_MAX_ADMIN) {
		fprintf(stderr, "sechawkctl: the arguments are too long for one call\n");
		return HAWK_EXIT_USAGE;
	}
	for (size_t done = 0; done < out.len;) {
		ssize_t n = send(c->fd, out.data + done, out.len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return connect_failed(c->path, errno);
		done += (size_t)n;
	}
	return HAWK_EXIT_OK;
}

/* Waits for bytes; HAWK_NEXT_REPLY: there are some. */
static enum hawk_client_next wait_bytes(struct hawk_client *c, uint64_t deadline)
{
	struct pollfd fds[] = { { .fd = c->fd, .events = POLLIN }, { .fd = signal_fd, .events = POLLIN } };

	for (;;) {
		struct timespec left = { 0 };
		uint64_t now = deadline ? hawk_client_now() : 0;
		int n;

		if (deadline && now >= deadline)
			return HAWK_NEXT_TIMEOUT;
		left.tv_sec = (time_t)((deadline - now) / 1000000000);
		left.tv_nsec = (long)((deadline - now) % 1000000000);
		n = ppoll(fds, ARRAY_SIZE(fds), deadline ? &left : NULL, NULL);
		if (n > 0)
			return fds[1].revents ? HAWK_NEXT_SIGNAL : HAWK_NEXT_REPLY;
		if (n < 0 && errno != EINTR) {
			fprintf(stderr, "sechawkctl: cannot wait for the daemon: %m\n");
			return HAWK_NEXT_FAILED;
		}
	}
}

static enum hawk_client_next parse(struct hawk_reply *ret, const char *text, size_t len)
{
	const char *why = "";
	int r = hawk_reply_parse(ret, text, len, &why);

	if (r == 0)
		return HAWK_NEXT_REPLY;
	if (r == -ENOMEM)
		fprintf(stderr, "sechawkctl: out of memory\n");
	else
		fprintf(stderr, "sechawkctl: the daemon sent a reply that is no Varlink: %s\n", why);
	return HAWK_NEXT_FAILED;
}

enum hawk_client_next hawk_client_next(struct hawk_client *c, struct hawk_reply *ret, uint64_t deadline,
				       void (*idle)(void))
{
	for (;;) {
		enum hawk_client_next next;
		const char *text;
		size_t len;
		long n;

		if (hawk_frames_next(&c->frames, &text, &len) > 0) {
			if (c->lines && hawk_line_take(&c->line, text, len))
				return HAWK_NEXT_LINE;
			return parse(ret, text, len);
		}
		if (idle)
			idle();
		next = wait_bytes(c, deadline);
		if (next != HAWK_NEXT_REPLY)
			return next;
		n = hawk_frames_read(&c->frames, c->fd);
		if (n > 0 || n == -EAGAIN || n == -EINTR)
			continue;
		if (n == 0 || n == -ECONNRESET)
			fprintf(stderr, "sechawkctl: the daemon closed the connection\n");
		else
			fprintf(stderr, "sechawkctl: cannot read from the daemon: %s\n", strerror((int)-n));
		return HAWK_NEXT_FAILED;
	}
}

/* A refused argument: what it should be, from the table. */
static void explain_argument(const struct hawk_verb_desc *verb, const json_t *parameters)
{
	const char *name = json_string_value(json_object_get(parameters, "parameter"));

	for (size_t i = 0; name && i < verb->n_args; i++)
		if (!strcmp(verb->args[i].name, name))
			fprintf(stderr, "%s: %s\n", verb->args[i].metavar, verb->args[i].help);
}

int hawk_client_explain(const struct hawk_verb_desc *verb, const struct hawk_reply *reply)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = HAWK_BUF_INIT;

	hawk_error_explain(&text, reply->error, reply->parameters);
	fprintf(stderr, "sechawkctl: %s\n", hawk_buf_str(&text) ? text.data : "the daemon refused");
	if (!strcmp(reply->error, HAWK_SERVICE_INTERFACE ".PermissionDenied"))
		return HAWK_EXIT_PERMISSION;
	if (!strcmp(reply->error, HAWK_SERVICE_INTERFACE ".InvalidParameter"))
		explain_argument(verb, reply->parameters);
	return HAWK_EXIT_FAILED;
}
