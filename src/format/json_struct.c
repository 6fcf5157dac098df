/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/format/json_struct.h"

#include <sys/socket.h>

#include "src/base/cleanup.h"
#include "src/event/structs.h"
#include "src/format/sockaddr.h"

static void put_key(struct hawk_buf *out, const char *name)
{
	hawk_buf_lit(out, ",\"");
	hawk_buf_puts(out, name);
	hawk_buf_lit(out, "\":");
}

static void put_value(struct hawk_json *j, enum hawk_type type, const struct hawk_value *v, struct hawk_buf *out)
{
	const struct hawk_json_key key = { .type = (uint8_t)type, .how = (uint8_t)hawk_json_how(type) };

	hawk_json_value(j, &key, v, out);
}

static void put_number(struct hawk_json *j, const char *name, enum hawk_type type, uint64_t u, struct hawk_buf *out)
{
	const struct hawk_value v = { .u = u };

	put_key(out, name);
	put_value(j, type, &v, out);
}

static bool put_members(struct hawk_json *j, enum hawk_type type, const struct hawk_value *v, struct hawk_buf *out)
{
	size_t n;
	const struct hawk_member *m = hawk_struct_members(type, v, &n);
	const bool list = n > 1 && !m->name[0], scalar = n == 1 && !m->name[0];
	size_t start = out->len;
	struct hawk_value value;

	if (!n || (scalar && hawk_member_get(m, v, type, &value) < 0))
		return false;
	if (scalar) {
		put_value(j, m->type, &value, out);
		return true;
	}
	for (size_t i = 0; i < n; i++, m++) {
		if (hawk_member_get(m, v, type, &value) < 0)
			continue;
		if (list)
			hawk_buf_putc(out, ',');
		else
			put_key(out, m->name);
		put_value(j, m->type, &value, out);
	}
	if (out->len == start)
		return false;
	if (list && !out->error) {
		out->data[start] = '[';
		hawk_buf_putc(out, ']');
	} else {
		hawk_json_close(out, start);
	}
	return true;
}

static void put_iov(struct hawk_buf *out, const struct hawk_iov *iov)
{
	hawk_buf_lit(out, ",\"count\":");
	hawk_buf_u64(out, iov->count);
	hawk_buf_lit(out, ",\"total\":");
	hawk_buf_u64(out, iov->total);
	hawk_buf_lit(out, ",\"data\":");
	hawk_json_string(out, iov->data, iov->data_len);
}

/* Of another process's memory there is no data. */
static void put_remote_iov(struct hawk_json *j, const struct hawk_iov *iov, struct hawk_buf *out)
{
	put_number(j, "count", HAWK_T_U64, iov->count, out);
	put_number(j, "total", HAWK_T_U64, iov->total, out);
	if (iov->base)
		put_number(j, "base", HAWK_T_HEX, iov->base, out);
}

static void put_msg(struct hawk_json *j, const struct hawk_msg *msg, struct hawk_buf *out)
{
	int32_t fds[64];
	size_t n = hawk_msg_fds(msg, fds, ARRAY_SIZE(fds));

	if (msg->name.len) {
		put_key(out, "name");
		hawk_json_sockaddr(j, &msg->name, out);
	}
	if (msg->has_iov)
		put_iov(out, &msg->iov);
	put_number(j, "controllen", HAWK_T_U64, msg->controllen, out);
	if (n) {
		put_key(out, "fds");
		for (size_t i = 0; i < n; i++) {
			hawk_buf_putc(out, i ? ',' : '[');
			hawk_buf_s64(out, fds[i]);
		}
		hawk_buf_putc(out, ']');
	}
	put_number(j, "flags", HAWK_T_MSG_FLAGS, msg->flags, out);
}

static void put_end(struct hawk_json *j, bool local, const struct hawk_socket_end *end, struct hawk_buf *out)
{
	if (end->ip.len) {
		put_key(out, local ? "local_addr" : "remote_addr");
		put_value(j, HAWK_T_IP, &end->ip, out);
		put_number(j, local ? "local_port" : "remote_port", HAWK_T_PORT, end->port, out);
	}
	if (end->path.len) {
		put_key(out, local ? "local_path" : "remote_path");
		hawk_json_sun_path(end->path.bytes, end->path.len, out);
	}
}

/* The addresses of the other end only where there is one. */
static void put_socket(struct hawk_json *j, const struct hawk_socket *s, struct hawk_buf *out)
{
	const struct hawk_value type = { .u = s->facts.type };
	const struct hawk_buf *kind;

	put_number(j, "family", HAWK_T_FAMILY, s->facts.family, out);
	kind = hawk_json_print(j, HAWK_T_SOCKET_TYPE, &type);
	put_key(out, "type");
	hawk_json_string(out, (const uint8_t *)(kind ? kind->data : NULL), kind ? kind->len : 0);
	put_number(j, "protocol", s->local.ip.len ? HAWK_T_IPPROTO : HAWK_T_U32, s->facts.protocol, out);
	put_end(j, true, &s->local, out);
	if (s->remote.port || s->remote.path.len)
		put_end(j, false, &s->remote, out);
	put_number(j, "inode", HAWK_T_U64, s->facts.inode, out);
}

static bool put_special(struct hawk_json *j, enum hawk_type type, const struct hawk_value *v, struct hawk_buf *out)
{
	struct hawk_socket socket;
	size_t start = out->len;
	struct hawk_iov iov;
	struct hawk_msg msg;

	switch (type) {
	case HAWK_T_IOVEC:
	case HAWK_T_IOVEC_OUT:
		if (hawk_iov_get(v, &iov) < 0)
			return false;
		put_iov(out, &iov);
		break;
	case HAWK_T_IOVEC_REMOTE:
		if (hawk_iov_get(v, &iov) < 0)
			return false;
		put_remote_iov(j, &iov, out);
		break;
	case HAWK_T_MSGHDR:
	case HAWK_T_MSGHDR_OUT:
	case HAWK_T_MMSGHDR:
	case HAWK_T_MMSGHDR_OUT:
		if (hawk_msg_get(v, &msg) < 0)
			return false;
		put_msg(j, &msg, out);
		break;
	case HAWK_T_SOCKET:
		if (hawk_socket_get(v, &socket) < 0)
			return false;
		put_socket(j, &socket, out);
		break;
	default:
		return false;
	}
	hawk_json_close(out, start);
	return true;
}

void hawk_json_struct(struct hawk_json *j, enum hawk_type type, const struct hawk_value *v, struct hawk_buf *out)
{
	if (!put_special(j, type, v, out) && !put_members(j, type, v, out))
		hawk_json_bytes(out, v->bytes, v->len);
}
