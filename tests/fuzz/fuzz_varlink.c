/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes from a client through the whole server, with a made-up daemon behind.
 * The first byte of the input says how: bits 0-1 the role (3: as the socket
 * says), bit 2 in small pieces, bit 3 then the client stops writing, bit 4
 * it reads only at the end, bit 5 events happen meanwhile.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/log.h"
#include "tests/unit/control/fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
		abort(); \
	} \
} while (0)

static struct fake fake;

static void stop(void)
{
	fake_stop(&fake);
}

static void no_audit(const char *text)
{
	MUST(strlen(text) > 0);
}

static void start(void)
{
	static const struct hawk_control_options options = { .version = "1", .client_bytes = 256 * 1024 };

	fake_start(&fake, &options);
	fake.control->audit = no_audit;
	for (uint32_t pid = 2; pid < 100; pid++)
		fake_process(&fake, pid / 3 + 1, pid);
	atexit(stop);
}

/* Reads what is there; every message of the server is a reply. Returns false at the end of the connection. */
static bool drain(int fd, struct hawk_frames *in)
{
	struct hawk_reply reply;
	const char *text, *why;
	size_t len;
	long n;

	for (;;) {
		while (hawk_frames_next(in, &text, &len)) {
			MUST(hawk_reply_parse(&reply, text, len, &why) == 0);
			hawk_reply_done(&reply);
		}
		fake_pump(&fake);
		n = hawk_frames_read(in, fd);
		MUST(n >= 0 || n == -EAGAIN || n == -ECONNRESET);
		if (n <= 0)
			return n == -EAGAIN;
	}
}

static void talk(int fd, struct hawk_frames *in, uint8_t how, const uint8_t *data, size_t size)
{
	unsigned int step = (unsigned int)size;

	for (size_t sent = 0; sent < size;) {
		size_t piece = how & 4 ? 1 + (step = step * 1103515245 + 12345) / 65536 % 64 : size;
		ssize_t n = send(fd, data + sent, piece < size - sent ? piece : size - sent, MSG_NOSIGNAL);

		if (n > 0)
			sent += (size_t)n;
		else if (errno != EAGAIN)
			return;
		if (how & 16)
			fake_pump(&fake);
		else if (!drain(fd, in))
			return;
		/* It reads nothing any more: a stream is running, or it waits for us to read. */
		if (n < 0)
			return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hawk_frames in;
	uint8_t how;
	int fd;

	if (!fake.control)
		start();
	if (!size)
		return 0;
	how = *data;
	hawk_log_set_level(LOG_ERR);
	memset(fake.enabled, 0, sizeof(fake.enabled));
	fake_role = (how & 3) == 3 ? -1 : how & 3;
	hawk_frames_init(&in, HAWK_FRAME_MAX_REPLY);
	fd = fake_connect(&fake);
	talk(fd, &in, how, data + 1, size - 1);
	if (how & 8)
		shutdown(fd, SHUT_WR);
	if (how & 32)
		fake_events(&fake, 10);
	fake_pump(&fake);
	drain(fd, &in);
	close(fd);
	hawk_frames_done(&in);
	fake_pump(&fake);
	MUST(hawk_control_clients(fake.control, NULL) == 0);
	MUST(fake.interests == 0 && !fake.tap && fake.measuring == 0);
	return 0;
}
