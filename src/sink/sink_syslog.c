/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Syslog, in one of two forms: that of /dev/log (RFC 3164 without a host name,
 * as syslog(3) writes it), or RFC 5424 with structured data. On a stream
 * socket each message has its length before it (RFC 6587, octet counting).
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "src/sink/internal.h"
#include "src/sink/message.h"

#define SOCKET_DEFAULT "/dev/log"
#define MESSAGE_MAX 8096 /* what rsyslog takes unless told otherwise */
#define PARAMS_MAX 4096  /* leaves room for the text */
#define PARAM_MAX 512    /* bytes of one value */
#define MSGID_MAX 32     /* RFC 5424, 6 */
#define NS_PER_S 1000000000ULL
/*
 * Structured data that no standard names needs a private enterprise number.
 * The project has none: 32473 is the one that RFC 5612 sets aside for examples.
 */
#define SD_ID "sechawk@32473"

struct syslog_state {
	/* The thread's. */
	int fd;
	bool stream;
	size_t partial; /* bytes of the first queued message, with its length before it, that are out */
	/* The pipeline's: what changes once a second. */
	uint64_t second;
	char stamp[16]; /* "Jan  2 03:04:05" */
	char host[HOST_NAME_MAX + 1];
};

static const char *syslog_check(const struct hawk_sink_options *o)
{
	return o->socket && *o->socket ? hawk_sink_socket_check(o->socket) : NULL;
}

static int syslog_open(struct hawk_sink *s)
{
	const char *path = s->options.socket && *s->options.socket ? s->options.socket : SOCKET_DEFAULT;
	struct syslog_state *y = s->state;
	int fd = hawk_sink_connect(path, SOCK_DGRAM);

	y->stream = fd == -EPROTOTYPE;
	if (y->stream)
		fd = hawk_sink_connect(path, SOCK_STREAM);
	if (fd < 0)
		return fd;
	y->fd = fd;
	y->partial = 0; /* a new connection begins with a whole message */
	return 0;
}

static void syslog_close(struct hawk_sink *s)
{
	struct syslog_state *y = s->state;

	close(y->fd);
}

static void each_second(struct syslog_state *y, uint64_t walltime)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)(walltime / NS_PER_S);
	struct tm tm;

	if (y->second == walltime / NS_PER_S && y->stamp[0])
		return;
	y->second = walltime / NS_PER_S;
	if (!localtime_r(&t, &tm))
		memset(&tm, 0, sizeof(tm));
	snprintf(y->stamp, sizeof(y->stamp), "%.3s %2u %02u:%02u:%02u", months[(unsigned int)tm.tm_mon % 12],
		 (unsigned int)tm.tm_mday % 100, (unsigned int)tm.tm_hour % 100,
		 (unsigned int)tm.tm_min % 100, (unsigned int)tm.tm_sec % 100);
	if (gethostname(y->host, sizeof(y->host)) < 0)
		y->host[0] = '\0';
	y->host[sizeof(y->host) - 1] = '\0';
	for (char *p = y->host; *p; p++)
		if (*p <= ' ' || *p > '~')
			*p = '?';
	if (!y->host[0])
		strcpy(y->host, "-");
}

/* Structured data may hold everything but control characters, once these three are escaped. */
static void put_param_value(struct hawk_buf *out, const struct hawk_buf *text)
{
	for (size_t i = 0; i < text->len; i++) {
		char c = text->data[i];

		if (c == '"' || c == '\\' || c == ']')
			hawk_buf_putc(out, '\\');
		hawk_buf_putc(out, c);
	}
}

static void put_extra_params(struct hawk_sink *s, const struct hawk_event *event, struct hawk_buf *out)
{
	const char *name;

	for (size_t i = 0; hawk_buf_reset(&s->scratch), (name = hawk_message_extra(event, i, &s->scratch)); i++) {
		if (s->scratch.len > PARAM_MAX)
			continue; /* half an exception would be another one */
		hawk_buf_putc(out, ' ');
		for (const char *p = name; *p; p++)
			hawk_buf_putc(out, *p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
		hawk_buf_lit(out, "=\"");
		put_param_value(out, &s->scratch);
		hawk_buf_putc(out, '"');
	}
}

static void put_params(struct hawk_sink *s, const struct hawk_event *event, struct hawk_buf *out)
{
	size_t start = out->len;
	struct hawk_message_field f;

	hawk_buf_lit(out, "[" SD_ID);
	for (size_t at = 0; hawk_message_next(event, &at, &f) && out->len - start < PARAMS_MAX - PARAM_MAX;) {
		hawk_buf_putc(out, ' ');
		hawk_buf_puts(out, *f.prefix ? "data." : "");
		for (const char *p = f.name; *p; p++)
			hawk_buf_putc(out, *p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
		hawk_buf_lit(out, "=\"");
		hawk_buf_reset(&s->scratch);
		hawk_message_value(&s->scratch, &s->scratch2, event, &f);
		hawk_buf_reset(&s->scratch2);
		hawk_message_short(&s->scratch2, s->scratch.data, s->scratch.len, PARAM_MAX);
		put_param_value(out, &s->scratch2);
		hawk_buf_putc(out, '"');
	}
	put_extra_params(s, event, out);
	hawk_buf_lit(out, "] ");
}

/* <PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID [structured data], RFC 5424. */
static void put_rfc5424_head(struct hawk_sink *s, const struct hawk_event *event, struct hawk_buf *out)
{
	const struct syslog_state *y = s->state;
	struct hawk_value time = { .u = event->walltime };

	hawk_buf_lit(out, "1 ");
	hawk_value_print(out, HAWK_T_WALLTIME, &time, 0);
	if (!out->error) { /* no more than microseconds are allowed */
		out->len -= strlen("789Z");
		hawk_buf_putc(out, 'Z');
	}
	hawk_buf_printf(out, " %s sechawkd %d %.*s ", y->host, (int)getpid(), MSGID_MAX, event->desc->name);
	put_params(s, event, out);
}

static int syslog_encode(struct hawk_sink *s, const struct hawk_event *event, struct hawk_buf *out)
{
	struct syslog_state *y = s->state;

	each_second(y, event->walltime);
	hawk_buf_putc(out, '<');
	hawk_buf_u64(out, (uint64_t)(HAWK_MESSAGE_FACILITY | hawk_message_priority(event)));
	hawk_buf_putc(out, '>');
	if (s->options.rfc5424)
		put_rfc5424_head(s, event, out);
	else
		hawk_buf_printf(out, "%s sechawkd[%d]: ", y->stamp, (int)getpid());
	/* JSON that the receiver would cut is no JSON. */
	if (s->json && s->json->len && out->len + s->json->len < MESSAGE_MAX) {
		hawk_buf_lit(out, "@cee: ");
		hawk_buf_put(out, s->json->data, s->json->len - 1);
		return out->error;
	}
	return hawk_message_text(out, &s->scratch, &s->scratch2, event);
}

static int send_datagram(const struct syslog_state *y, const char *data, size_t len)
{
	return send(y->fd, data, len, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Sends the message, or what is left of it. -EAGAIN when the rest must wait. */
static int send_frame(struct syslog_state *y, const char *data, size_t len)
{
	char prefix[24];
	size_t n = (size_t)snprintf(prefix, sizeof(prefix), "%zu ", len);

	while (y->partial < n + len) {
		size_t skip = y->partial < n ? y->partial : n;
		struct iovec iov[2] = {
			{ .iov_base = prefix + skip, .iov_len = n - skip },
			{ .iov_base = (char *)data + (y->partial - skip),
			  .iov_len = len - (y->partial - skip) },
		};
		struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
		ssize_t r = sendmsg(y->fd, &m, MSG_NOSIGNAL);

		if (r < 0)
			return -errno;
		y->partial += (size_t)r;
	}
	y->partial = 0;
	return 0;
}

static int syslog_send(struct hawk_sink *s, const char *data, size_t len)
{
	struct syslog_state *y = s->state;

	return y->stream ? send_frame(y, data, len) : send_datagram(y, data, len);
}

static long syslog_write(struct hawk_sink *s, const char *data, size_t len, size_t n)
{
	return hawk_sink_send_each(s, data, n, syslog_send);
}

const struct hawk_sink_ops hawk_sink_syslog = {
	.type = "syslog",
	.doc = "syslog: the form of /dev/log, or RFC 5424 to a socket",
	.state_size = sizeof(struct syslog_state),
	.check = syslog_check,
	.open = syslog_open,
	.write = syslog_write,
	.close = syslog_close,
	.encode = syslog_encode,
};
