/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The journal, by its native protocol (systemd, "Native Journal Protocol"):
 * an entry is one datagram of fields, NAME=value and a newline, or, when the
 * value has a newline in it, NAME, a newline, the length as a little-endian
 * 64-bit number, the value and a newline. An entry that no datagram can hold
 * goes into a sealed memfd whose descriptor is sent instead. Spoken here and
 * not through sd_journal_sendv(3), which waits for a stopped journald for ever.
 *
 * What is queued is the entry without OBJECT_PID, which is sent while the
 * process lives; that the thread finds out just before it sends. The unit is
 * always there: a busy journald may look only when the process has gone.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/format/finding.h"
#include "src/sink/internal.h"
#include "src/sink/message.h"

#define SOCKET_DEFAULT "/run/systemd/journal/socket"
#define NS_PER_S 1000000000ULL
#define STAT_START 22 /* field of /proc/PID/stat, proc(5) */
#define NAME_MAX_BYTES 40 /* of a name that a signature gives: with what stands before it below the 64 that journald takes */
#define DATAGRAM_MAX 65536 /* larger ones would go, but fill the socket's buffer alone */

/* Before each queued entry. */
struct entry_head {
	uint64_t start; /* of the process, CLOCK_BOOTTIME ns */
	uint32_t pid;   /* 0: the entry is about no process */
	uint32_t reserved;
};

struct journald_state {
	int fd;
};

static const char *journald_check(const struct hawk_sink_options *o)
{
	return o->journal_socket && *o->journal_socket ? hawk_sink_socket_check(o->journal_socket) : NULL;
}

static int journald_open(struct hawk_sink *s)
{
	const char *path = s->options.journal_socket;
	struct journald_state *j = s->state;
	int fd = hawk_sink_connect(path && *path ? path : SOCKET_DEFAULT, SOCK_DGRAM);

	if (fd < 0)
		return fd;
	j->fd = fd;
	return 0;
}

static void journald_close(struct hawk_sink *s)
{
	struct journald_state *j = s->state;

	close(j->fd);
}

/* Ends the field whose value begins at VALUE, after "NAME=": into the binary form when it needs that. */
static void end_field(struct hawk_buf *out, size_t value)
{
	uint64_t len = out->len - value, wire = htole64(len);

	if (len && memchr(out->data + value, '\n', len) && hawk_buf_room(out, sizeof(wire))) {
		char *p = out->data + value;

		p[-1] = '\n';
		memmove(p + sizeof(wire), p, len);
		memcpy(p, &wire, sizeof(wire));
		out->len += sizeof(wire);
	}
	hawk_buf_putc(out, '\n');
}

static void put_bytes_field(struct hawk_buf *out, const char *name, const struct hawk_bytes *v)
{
	size_t value;

	if (!v->len)
		return;
	hawk_buf_puts(out, name);
	value = out->len;
	hawk_buf_put(out, v->data, v->len);
	end_field(out, value);
}

static void put_upper(struct hawk_buf *out, const char *name)
{
	for (; *name; name++)
		hawk_buf_putc(out, *name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name);
}

/* A field of text without its end, "SECHAWK_NAME=", from what anybody may have chosen. */
static void put_safe_name(struct hawk_buf *out, const char *prefix, const char *name, size_t len)
{
	hawk_buf_lit(out, "SECHAWK_");
	hawk_buf_puts(out, prefix);
	for (size_t i = 0; i < len && i < NAME_MAX_BYTES; i++) {
		char c = name[i] >= 'a' && name[i] <= 'z' ? name[i] - 'a' + 'A' : name[i];

		hawk_buf_putc(out, (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_');
	}
	hawk_buf_putc(out, '=');
}

/* Each string of a list is a field; what the signature tells by the names that it has there. */
static void put_each(const struct hawk_event *event, const struct hawk_message_field *f, struct hawk_buf *out)
{
	struct hawk_found_output part;

	if (strcmp(f->name, "OUTPUT") == 0) {
		for (size_t at = 0; hawk_found_output(event, &at, &part);) {
			size_t value;

			put_safe_name(out, "OUTPUT_", part.name, part.name_len);
			value = out->len;
			hawk_buf_put(out, part.value, part.value_len);
			end_field(out, value);
		}
		return;
	}
	for (size_t at = 0; at < f->value.len;) {
		size_t len = strnlen((const char *)f->value.bytes + at, f->value.len - at), value;

		put_safe_name(out, "", f->name, strlen(f->name));
		value = out->len;
		hawk_buf_put(out, f->value.bytes + at, len);
		end_field(out, value);
		at += len + 1;
	}
}

static void put_fields(struct hawk_sink *s, const struct hawk_event *event, struct hawk_buf *out)
{
	struct hawk_message_field f;

	for (size_t at = 0; hawk_message_next(event, &at, &f);) {
		size_t value;

		if (f.each) {
			put_each(event, &f, out);
			continue;
		}
		hawk_buf_lit(out, "SECHAWK_");
		hawk_buf_puts(out, f.prefix);
		put_upper(out, f.name);
		hawk_buf_putc(out, '=');
		value = out->len;
		hawk_message_value(out, &s->scratch2, event, &f);
		if (!out->error)
			end_field(out, value);
		if (f.value.flags & (HAWK_VAL_TRUNCATED | HAWK_VAL_INCOMPLETE)) {
			hawk_buf_lit(out, "SECHAWK_TRUNCATED=SECHAWK_");
			hawk_buf_puts(out, f.prefix);
			put_upper(out, f.name);
			hawk_buf_putc(out, '\n');
		}
	}
}

static const char *message_id(const struct hawk_event_desc *desc)
{
	/* Kept, for a SHA-1 costs more than the rest of a small entry. Only the pipeline asks. */
	static char ids[HAWK_EVENT_ID_MAX][33];

	if (!ids[desc->id][0])
		hawk_sink_message_id(desc->name, ids[desc->id]);
	return ids[desc->id];
}

static void put_extras(struct hawk_sink *s, const struct hawk_event *event, struct hawk_buf *out)
{
	const char *name;

	for (size_t i = 0; hawk_buf_reset(&s->scratch), (name = hawk_message_extra(event, i, &s->scratch)); i++) {
		size_t value;

		if (!s->scratch.len || s->scratch.error)
			continue;
		put_safe_name(out, "", name, strlen(name));
		value = out->len;
		hawk_buf_put(out, s->scratch.data, s->scratch.len);
		end_field(out, value);
	}
}

/* That of a finding is its signature's, so that the catalog explains that. */
static void put_message_id(const struct hawk_event *event, struct hawk_buf *out)
{
	const struct hawk_value *v = event->desc->id == HAWK_EV_FINDING ? hawk_found_value(event, "signature_id") : NULL;
	char name[128], id[33];

	if (!v || !v->len || v->len >= sizeof(name)) {
		hawk_buf_puts(out, message_id(event->desc));
		return;
	}
	memcpy(name, v->bytes, v->len);
	name[v->len] = '\0';
	hawk_sink_message_id(name, id);
	hawk_buf_puts(out, id);
}

static int journald_encode(struct hawk_sink *s, const struct hawk_event *event, struct hawk_buf *out)
{
	const struct hawk_process *p = event->desc->internal ? NULL : event->process;
	struct entry_head head = { .start = event->start, .pid = p ? event->tgid : 0 };

	hawk_buf_put(out, &head, sizeof(head));
	hawk_buf_lit(out, "MESSAGE=");
	hawk_message_text(out, &s->scratch, &s->scratch2, event);
	hawk_buf_lit(out, "\nMESSAGE_ID=");
	put_message_id(event, out);
	hawk_buf_lit(out, "\nPRIORITY=");
	hawk_buf_u64(out, (uint64_t)hawk_message_priority(event));
	hawk_buf_lit(out, "\nSYSLOG_FACILITY=");
	hawk_buf_u64(out, LOG_FAC(HAWK_MESSAGE_FACILITY));
	hawk_buf_lit(out, "\nSYSLOG_IDENTIFIER=sechawkd\n");
	put_fields(s, event, out);
	put_extras(s, event, out);
	if (p) {
		put_bytes_field(out, "OBJECT_SYSTEMD_UNIT=", &p->unit);
		put_bytes_field(out, "OBJECT_SYSTEMD_USER_UNIT=", &p->user_unit);
	}
	return out->error;
}

/*
 * True when the process is alive and still the one that the entry is about.
 * A zombie is not: journald would find nothing left to say about it.
 */
static bool still_there(const struct entry_head *head)
{
	uint64_t ticks = head->start / (NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK)), start;
	char path[32], stat[512], *p;
	_cleanup_close_ int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/stat", head->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, stat, sizeof(stat) - 1);
	if (n <= 0)
		return false;
	stat[n] = '\0';
	p = strrchr(stat, ')'); /* the name before it may hold anything */
	if (!p || p[1] != ' ' || p[2] == 'Z' || p[2] == 'X')
		return false;
	for (int field = 2; p && field < STAT_START; field++)
		p = strchr(p + 1, ' ');
	if (!p)
		return false;
	start = strtoull(p + 1, NULL, 10);
	return start + 1 >= ticks && start <= ticks + 1; /* the kernel rounds its own way */
}

/* Puts the entry into a sealed memfd, as journald wants it. Returns its fd or -errno. */
static int to_memfd(const struct iovec iov[static 2])
{
	_cleanup_close_ int fd = memfd_create("sechawk-entry", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = writev(fd, iov, 2);
	if (n < 0)
		return -errno;
	if ((size_t)n != iov[0].iov_len + iov[1].iov_len)
		return -ENOSPC;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int send_memfd(int sock, const struct iovec iov[static 2])
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .bytes = { 0 } };
	struct msghdr m = { .msg_control = &control, .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	_cleanup_close_ int fd = to_memfd(iov);

	if (fd < 0)
		return fd;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(sock, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int send_entry(int sock, const char *data, size_t len)
{
	struct entry_head head;
	char object[32];
	struct iovec iov[2];
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	memcpy(&head, data, sizeof(head));
	data += sizeof(head);
	len -= sizeof(head);
	iov[0] = (struct iovec){ .iov_base = (char *)data, .iov_len = len };
	iov[1] = (struct iovec){ .iov_base = object };
	if (head.pid && still_there(&head)) {
		int n = snprintf(object, sizeof(object), "OBJECT_PID=%u\n", head.pid);

		iov[1].iov_len = (size_t)n;
	}
	if (iov[0].iov_len + iov[1].iov_len > DATAGRAM_MAX)
		return send_memfd(sock, iov);
	if (sendmsg(sock, &m, MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno == EMSGSIZE || errno == ENOBUFS)
		return send_memfd(sock, iov);
	return -errno;
}

static int journald_send(struct hawk_sink *s, const char *data, size_t len)
{
	const struct journald_state *j = s->state;

	return send_entry(j->fd, data, len);
}

static long journald_write(struct hawk_sink *s, const char *data, size_t len, size_t n)
{
	return hawk_sink_send_each(s, data, n, journald_send);
}

const struct hawk_sink_ops hawk_sink_journald = {
	.type = "journald",
	.doc = "the systemd journal, with all fields",
	.state_size = sizeof(struct journald_state),
	.check = journald_check,
	.open = journald_open,
	.write = journald_write,
	.close = journald_close,
	.encode = journald_encode,
};
