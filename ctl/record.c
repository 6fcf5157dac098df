/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* record and replay: raw records to a file, and a file through the daemon's stages. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/base64.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/text.h"
#include "src/base/cleanup.h"

struct recording {
	int fd;
	const char *path;
	uint64_t bytes, lost;
	uint64_t timeout, deadline; /* ns; 0: none */
	struct hawk_buf chunk;
};

/* A recording holds everybody's command lines: a new file, for its owner only, never through a link. */
static int recording_open(const char *path, bool force)
{
	int fd;

	if (force && unlink(path) < 0 && errno != ENOENT) {
		fprintf(stderr, "sechawkctl: cannot replace %s: %m\n", path);
		return -1;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		fprintf(stderr, "sechawkctl: %s exists; --force replaces it\n", path);
	else if (fd < 0)
		fprintf(stderr, "sechawkctl: cannot create %s: %m\n", path);
	return fd;
}

static int recording_write(struct recording *r, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(r->fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fprintf(stderr, "sechawkctl: cannot write %s: %m\n", r->path);
			return HAWK_EXIT_FAILED;
		}
		data += n;
		len -= (size_t)n;
		r->bytes += (uint64_t)n;
	}
	return HAWK_EXIT_OK;
}

static int take_reply(struct recording *r, const json_t *parameters)
{
	const json_t *chunk = json_object_get(parameters, "chunk");
	json_int_t lost = json_integer_value(json_object_get(parameters, "lost"));

	if (json_is_true(json_object_get(parameters, "ready")) && r->timeout)
		r->deadline = hawk_client_now() + r->timeout;
	if (lost > 0)
		r->lost += (uint64_t)lost;
	if (!json_is_string(chunk))
		return HAWK_EXIT_OK;
	hawk_buf_reset(&r->chunk);
	if (hawk_base64_decode(&r->chunk, json_string_value(chunk), json_string_length(chunk)) < 0) {
		fprintf(stderr, "sechawkctl: the daemon sent a chunk that is not base64\n");
		return HAWK_EXIT_FAILED;
	}
	return recording_write(r, r->chunk.data, r->chunk.len);
}

static int recording_run(struct recording *r, struct hawk_client *client, const struct hawk_verb_desc *verb)
{
	for (;;) {
		_cleanup_(hawk_reply_done) struct hawk_reply reply = { .json = NULL };
		int exit;

		switch (hawk_client_next(client, &reply, r->deadline, NULL)) {
		case HAWK_NEXT_REPLY:
			break;
		case HAWK_NEXT_TIMEOUT:
		case HAWK_NEXT_SIGNAL:
			return HAWK_EXIT_OK;
		default:
			return HAWK_EXIT_FAILED;
		}
		if (reply.error)
			return hawk_client_explain(verb, &reply);
		exit = reply.parameters ? take_reply(r, reply.parameters) : HAWK_EXIT_OK;
		if (exit || !reply.continues)
			return exit;
	}
}

static int record_to(struct recording *r, struct hawk_client *client, const struct hawk_command *command)
{
	_cleanup_close_ int fd = recording_open(r->path, hawk_command_bool(command, "force"));
	_cleanup_(hawk_buf_done) struct hawk_buf size = HAWK_BUF_INIT;
	int exit;

	if (fd < 0)
		return HAWK_EXIT_FAILED;
	r->fd = fd;
	exit = hawk_client_send(client, command->verb->method, NULL, true);
	if (!exit)
		exit = recording_run(r, client, command->verb);
	hawk_buf_done(&r->chunk);
	if (!exit && fsync(fd) < 0) {
		fprintf(stderr, "sechawkctl: cannot write %s: %m\n", r->path);
		exit = HAWK_EXIT_FAILED;
	}
	/* Nothing usable came: leave nothing. */
	if (exit && !r->bytes)
		unlink(r->path);
	hawk_text_bytes(&size, r->bytes);
	if (!exit && (isatty(STDERR_FILENO) || r->lost))
		fprintf(stderr, "%s written, %llu records lost\n", hawk_buf_str(&size),
			(unsigned long long)r->lost);
	return exit;
}

int hawk_run_record(const struct hawk_command *command)
{
	_cleanup_(hawk_client_done) struct hawk_client client = HAWK_CLIENT_INIT;
	struct recording r = {
		.path = hawk_command_string(command, "file", ""),
		.timeout = (uint64_t)hawk_command_int(command, "timeout", 0) * 1000000000,
		.chunk = { .max = HAWK_FRAME_MAX_REPLY },
	};
	int exit;

	r.deadline = r.timeout ? hawk_client_now() + r.timeout : 0;
	hawk_client_catch_signals();
	exit = hawk_client_connect(&client, command->socket);
	return exit ? exit : record_to(&r, &client, command);
}

int hawk_run_replay(const struct hawk_command *command)
{
	const char *daemon = secure_getenv("SECHAWKD") ?: HAWK_SBINDIR "/sechawkd";
	const char *format = hawk_command_string(command, "format", command->output ?: "table");
	const char *file = hawk_command_string(command, "file", "");
	const char *argv[16] = { daemon, "--replay", file, "-o", format };
	static const char *const given[][2] = { { "where", "--where" }, { "policies", "--policies" },
						{ "signatures", "--signatures" } };
	size_t n = 5;

	for (size_t i = 0; i < ARRAY_SIZE(given); i++) {
		const char *value = hawk_command_string(command, given[i][0], NULL);

		if (!value)
			continue;
		argv[n++] = given[i][1];
		argv[n++] = value;
	}

	signal(SIGPIPE, SIG_DFL);
	execv(daemon, (char *const *)argv);
	fprintf(stderr, "sechawkctl: cannot run %s: %m\n", daemon);
	return HAWK_EXIT_FAILED;
}
