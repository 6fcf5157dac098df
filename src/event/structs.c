/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event/structs.h"

#include <errno.h>
#include <sys/socket.h>

#include "src/base/cleanup.h"
#include "src/event/names.h"

#ifndef AF_MCTP
#define AF_MCTP 45 /* include/linux/socket.h, since 5.15 */
#endif

#define MEMBER(mtype, mname, off, len, off32, len32) \
	{ .name = #mname, .type = HAWK_T_##mtype, .at = { { off, len }, { off32, len32 } } },
#define STRUCT(type) static const struct hawk_member members_##type[] = {
#define STRUCT_BPF(name) static const struct hawk_member members_##name[] = {
#define STRUCT_END(name) };
#define SAME(type, other)
#define BPF_COMMAND(command, name)
#include "src/event/structs.def"
#undef MEMBER
#undef STRUCT
#undef STRUCT_BPF
#undef SAME
#undef BPF_COMMAND

#define MEMBER(type, name, off, len, off32, len32)
#define STRUCT_BPF(name)
#undef STRUCT_END
#define STRUCT_END(name)

struct layout {
	const struct hawk_member *members;
	size_t n;
};

static const struct layout layouts[HAWK_T_MAX] = {
#define STRUCT(type) [HAWK_T_##type] = { members_##type, ARRAY_SIZE(members_##type) },
#define SAME(type, other) [HAWK_T_##type] = { members_##other, ARRAY_SIZE(members_##other) },
#define BPF_COMMAND(command, name)
#include "src/event/structs.def"
#undef STRUCT
#undef SAME
#undef BPF_COMMAND
};

static const struct layout bpf_layouts[] = {
#define STRUCT(type)
#define SAME(type, other)
#define BPF_COMMAND(command, name) [command] = { members_##name, ARRAY_SIZE(members_##name) },
#include "src/event/structs.def"
#undef STRUCT
#undef SAME
#undef BPF_COMMAND
};

const struct hawk_member *hawk_struct_members(enum hawk_type type, const struct hawk_value *v, size_t *ret_n)
{
	const struct layout *layout = &layouts[type];
	uint64_t command;

	*ret_n = 0;
	if (type == HAWK_T_BPF_ATTR) {
		if (v->len < sizeof(command))
			return NULL;
		memcpy(&command, v->bytes, sizeof(command));
		if ((uint32_t)command >= ARRAY_SIZE(bpf_layouts))
			return NULL;
		layout = &bpf_layouts[(uint32_t)command];
	}
	*ret_n = layout->n;
	return layout->members;
}

static const struct hawk_member addresses[] = {
#define ADDRESS(family, mtype, mname, off, len) \
	{ .name = #mname, .type = HAWK_T_##mtype, .at = { { off, len }, { off, len } } },
#include "src/event/addresses.def"
#undef ADDRESS
};

/* Of the row in addresses[] with the same index. */
static const uint16_t families[] = {
#define ADDRESS(family, mtype, mname, off, len) family,
#include "src/event/addresses.def"
#undef ADDRESS
};

const struct hawk_member *hawk_address_members(const struct hawk_value *v, size_t *ret_n)
{
	uint16_t family = AF_UNSPEC;
	size_t from = 0, to;

	*ret_n = 0;
	if (v->len < sizeof(family))
		return NULL;
	memcpy(&family, v->bytes, sizeof(family));
	while (from < ARRAY_SIZE(families) && families[from] != family)
		from++;
	for (to = from; to < ARRAY_SIZE(families) && families[to] == family; to++)
		if (v->len < addresses[to].at[0].offset + addresses[to].at[0].size)
			return NULL;
	*ret_n = to - from;
	return *ret_n ? &addresses[from] : NULL;
}

int hawk_member_get(const struct hawk_member *member, const struct hawk_value *v, enum hawk_type type,
		    struct hawk_value *ret)
{
	const enum hawk_vclass vclass = hawk_type_desc(member->type)->vclass;
	bool compat = v->flags & HAWK_VAL_COMPAT;
	size_t at = member->at[compat].offset, size = member->at[compat].size;
	struct hawk_value high;

	if (type == HAWK_T_BPF_ATTR)
		at += sizeof(uint64_t); /* the command */
	if (v->len < at + size)
		return -ENODATA;
	if (vclass == HAWK_V_BYTES) {
		*ret = (struct hawk_value){ .bytes = v->bytes + at };
		ret->len = ret->full = (uint32_t)strnlen((const char *)v->bytes + at, size);
		return 0;
	}
	hawk_value_load(ret, vclass, size, v->bytes + at);
	if (type == HAWK_T_CAPDATA && v->len >= at + 12 + size) {
		hawk_value_load(&high, vclass, size, v->bytes + at + 12);
		ret->u |= high.u << 32;
	}
	return 0;
}

/* The IOVEC at P. Returns its length, or 0. */
static size_t parse_iov(const uint8_t *p, size_t len, bool compat, struct hawk_iov *ret)
{
	const size_t width = compat ? 8 : 16;
	struct hawk_abi_iov iov;

	if (len < sizeof(iov))
		return 0;
	memcpy(&iov, p, sizeof(iov));
	len -= sizeof(iov);
	p += sizeof(iov);
	if (iov.entries_len > len || iov.data_len > len - iov.entries_len)
		return 0;
	*ret = (struct hawk_iov){ .count = iov.count, .data = p + iov.entries_len, .data_len = iov.data_len };
	for (size_t i = 0; i + width <= iov.entries_len; i += width) {
		uint64_t n = 0;

		if (!i)
			memcpy(&ret->base, p, width / 2);
		memcpy(&n, p + i + width / 2, width / 2);
		ret->total += n;
	}
	return sizeof(iov) + iov.entries_len + iov.data_len;
}

int hawk_iov_get(const struct hawk_value *v, struct hawk_iov *ret)
{
	return parse_iov(v->bytes, v->len, v->flags & HAWK_VAL_COMPAT, ret) ? 0 : -ENODATA;
}

int hawk_msg_get(const struct hawk_value *v, struct hawk_msg *ret)
{
	const uint8_t *p = v->bytes;
	struct hawk_abi_msg msg;
	size_t len = v->len;

	if (len < sizeof(msg))
		return -ENODATA;
	memcpy(&msg, p, sizeof(msg));
	p += sizeof(msg);
	len -= sizeof(msg);
	if (msg.name_len > len || msg.control_len > len - msg.name_len)
		return -ENODATA;
	*ret = (struct hawk_msg){
		.name = { .bytes = p, .len = msg.name_len, .full = msg.name_len },
		.controllen = msg.controllen,
		.flags = msg.flags,
		.compat = v->flags & HAWK_VAL_COMPAT,
		.control = p + msg.name_len,
		.control_len = msg.control_len,
	};
	p += msg.name_len + msg.control_len;
	len -= msg.name_len + msg.control_len;
	ret->has_iov = parse_iov(p, len, ret->compat, &ret->iov);
	return 0;
}

size_t hawk_msg_fds(const struct hawk_msg *msg, int32_t *ret_fds, size_t max)
{
	/* struct cmsghdr and struct compat_cmsghdr: the length is as wide as a pointer, and all is aligned to that */
	const size_t word = msg->compat ? 4 : 8, head = word + 8;
	size_t n = 0;

	for (size_t at = 0; msg->control_len - at >= head && at <= msg->control_len;) {
		const uint8_t *p = msg->control + at;
		int32_t level, type;
		uint64_t len = 0;

		memcpy(&len, p, word);
		memcpy(&level, p + word, sizeof(level));
		memcpy(&type, p + word + 4, sizeof(type));
		if (len < head || len > msg->control_len - at)
			break;
		if (level == SOL_SOCKET && type == SCM_RIGHTS)
			for (size_t i = head; i + 4 <= len && n < max; i += 4)
				memcpy(&ret_fds[n++], p + i, 4);
		at += (len + word - 1) & ~(word - 1);
	}
	return n;
}

static struct hawk_value bytes_value(const uint8_t *bytes, uint32_t len)
{
	return (struct hawk_value){ .bytes = bytes, .len = len, .full = len, .flags = len ? 0 : HAWK_VAL_ABSENT };
}

int hawk_socket_get(const struct hawk_value *v, struct hawk_socket *ret)
{
	struct hawk_abi_socket *f = &ret->facts;
	bool inet;

	if (v->len < sizeof(*f))
		return -ENODATA;
	memcpy(f, v->bytes, sizeof(*f));
	if (v->len < sizeof(*f) + f->name_len + f->peer_len)
		return -ENODATA;
	inet = f->family == AF_INET || f->family == AF_INET6;
	ret->local.ip = bytes_value(f->local.b, inet ? sizeof(f->local) : 0);
	ret->remote.ip = bytes_value(f->remote.b, inet ? sizeof(f->remote) : 0);
	ret->local.port = f->local_port;
	ret->remote.port = f->remote_port;
	ret->local.path = bytes_value(v->bytes + sizeof(*f), f->name_len);
	ret->remote.path = bytes_value(v->bytes + sizeof(*f) + f->name_len, f->peer_len);
	return 0;
}

static bool print_members(struct hawk_buf *out, enum hawk_type type, const struct hawk_value *v)
{
	size_t n;
	const struct hawk_member *m = hawk_struct_members(type, v, &n);
	const char *between = "";
	struct hawk_value value;

	for (size_t i = 0; i < n; i++, m++) {
		if (hawk_member_get(m, v, type, &value) < 0)
			continue;
		hawk_buf_puts(out, between);
		if (m->name[0]) {
			hawk_buf_puts(out, m->name);
			hawk_buf_putc(out, '=');
		}
		hawk_value_print(out, m->type, &value, 0);
		between = m->name[0] ? " " : ",";
	}
	return *between;
}

/* Of another process's memory there is no data. */
static void print_remote_iov(struct hawk_buf *out, const struct hawk_iov *iov)
{
	hawk_buf_printf(out, "count=%llu total=%llu base=0x%llx", (unsigned long long)iov->count,
			(unsigned long long)iov->total, (unsigned long long)iov->base);
}

static void print_iov(struct hawk_buf *out, const struct hawk_iov *iov)
{
	hawk_buf_printf(out, "count=%llu total=%llu data=", (unsigned long long)iov->count,
			(unsigned long long)iov->total);
	hawk_buf_put(out, iov->data, iov->data_len);
}

static void print_msg(struct hawk_buf *out, const struct hawk_msg *msg)
{
	int32_t fds[16];
	size_t n = hawk_msg_fds(msg, fds, ARRAY_SIZE(fds));

	if (msg->name.len) {
		hawk_buf_lit(out, "name=");
		hawk_value_print(out, HAWK_T_SOCKADDR, &msg->name, 0);
		hawk_buf_putc(out, ' ');
	}
	for (size_t i = 0; i < n; i++) {
		hawk_buf_puts(out, i ? "," : "fds=");
		hawk_buf_s64(out, fds[i]);
	}
	if (n)
		hawk_buf_putc(out, ' ');
	if (msg->has_iov)
		print_iov(out, &msg->iov);
}

static void print_end(struct hawk_buf *out, const struct hawk_socket_end *end, bool v6)
{
	if (!(end->ip.flags & HAWK_VAL_ABSENT)) {
		hawk_buf_puts(out, v6 ? "[" : "");
		hawk_value_print(out, HAWK_T_IP, &end->ip, 0);
		hawk_buf_puts(out, v6 ? "]:" : ":");
		hawk_buf_u64(out, end->port);
	} else if (end->path.len && !end->path.bytes[0]) {
		hawk_buf_putc(out, '@');
		hawk_buf_put(out, end->path.bytes + 1, end->path.len - 1);
	} else {
		hawk_buf_put(out, end->path.bytes, strnlen((const char *)end->path.bytes, end->path.len));
	}
}

/* "AF_INET 127.0.0.1:80->127.0.0.1:4000", "AF_UNIX /run/x", "AF_NETLINK" */
static void print_socket(struct hawk_buf *out, const struct hawk_socket *s)
{
	const struct hawk_value family = { .u = s->facts.family };
	bool v6 = s->facts.family == AF_INET6;

	hawk_value_print(out, HAWK_T_FAMILY, &family, 0);
	if (s->local.ip.len || s->local.path.len || s->remote.path.len)
		hawk_buf_putc(out, ' ');
	if (s->local.ip.len || s->local.path.len)
		print_end(out, &s->local, v6);
	if (s->remote.port || s->remote.path.len) {
		hawk_buf_lit(out, "->");
		print_end(out, &s->remote, v6);
	}
}

bool hawk_struct_print(struct hawk_buf *out, enum hawk_type type, const struct hawk_value *v)
{
	struct hawk_socket socket;
	struct hawk_iov iov;
	struct hawk_msg msg;

	switch (type) {
	case HAWK_T_IOVEC:
	case HAWK_T_IOVEC_OUT:
		if (hawk_iov_get(v, &iov) < 0)
			return false;
		print_iov(out, &iov);
		return true;
	case HAWK_T_IOVEC_REMOTE:
		if (hawk_iov_get(v, &iov) < 0)
			return false;
		print_remote_iov(out, &iov);
		return true;
	case HAWK_T_MSGHDR:
	case HAWK_T_MSGHDR_OUT:
	case HAWK_T_MMSGHDR:
	case HAWK_T_MMSGHDR_OUT:
		if (hawk_msg_get(v, &msg) < 0)
			return false;
		print_msg(out, &msg);
		return true;
	case HAWK_T_SOCKET:
		if (hawk_socket_get(v, &socket) < 0)
			return false;
		print_socket(out, &socket);
		return true;
	default:
		return print_members(out, type, v);
	}
}
