/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event/part.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"

#define NAME "name." /* before the parts of the address of a message, parts.def */
#define FDS_MAX 64
#define BPF_COMMANDS 64

/* The rows of parts.def; the first two stand for the members of structs.def and addresses.def. */
enum place {
	MEMBER, ADDRESS_MEMBER,
	SA_FAMILY, SIN_ADDR, SIN_PORT, SIN6_ADDR, SIN6_PORT, SIN6_FLOW, SIN6_SCOPE, SUN_PATH,
	SLL_PROTOCOL, SLL_IFINDEX, SLL_HATYPE, SLL_PKTTYPE,
	IOV_COUNT, IOV_TOTAL, IOV_BASE, IOV_DATA, MSG_CONTROLLEN, MSG_FDS, MSG_FLAGS,
	SOCK_FAMILY, SOCK_TYPE, SOCK_PROTOCOL, SOCK_INODE,
	LOCAL_ADDR, LOCAL_PORT, LOCAL_PATH, REMOTE_ADDR, REMOTE_PORT, REMOTE_PATH,
	MODE_TYPE, MODE_PERMISSIONS,
};

static const struct hawk_part parts[] = {
#define PART(own, ptype, pname, at) { .name = pname, .owner = HAWK_T_##own, .type = HAWK_T_##ptype, .place = at },
#include "src/event/parts.def"
#undef PART
#define ADDRESS(family, ptype, pname, off, len)                                             \
	{ .name = #pname, .owner = HAWK_T_SOCKADDR, .type = HAWK_T_##ptype, .place = ADDRESS_MEMBER }, \
	{ .name = NAME #pname, .owner = HAWK_T_MSGHDR, .type = HAWK_T_##ptype, .place = ADDRESS_MEMBER },
#include "src/event/addresses.def"
#undef ADDRESS
};

/* What the kernel returned looks like what it was given. */
static enum hawk_type same_as(enum hawk_type type)
{
	switch (type) {
	case HAWK_T_SOCKADDR_OUT:
		return HAWK_T_SOCKADDR;
	case HAWK_T_IOVEC_OUT:
		return HAWK_T_IOVEC;
	case HAWK_T_MSGHDR_OUT:
	case HAWK_T_MMSGHDR:
	case HAWK_T_MMSGHDR_OUT:
		return HAWK_T_MSGHDR;
	default:
		return type;
	}
}

static struct hawk_part member_part(enum hawk_type owner, const struct hawk_member *m)
{
	return (struct hawk_part){ .name = m->name, .owner = (uint8_t)owner, .type = m->type, .place = MEMBER };
}

/* The members of a BPF_ATTR are those of all commands, one after the other. */
static int nth_bpf(size_t i, struct hawk_part *ret)
{
	for (uint64_t command = 0; command < BPF_COMMANDS; command++) {
		const struct hawk_value v = { .bytes = (const uint8_t *)&command, .len = sizeof(command) };
		size_t n;
		const struct hawk_member *m = hawk_struct_members(HAWK_T_BPF_ATTR, &v, &n);

		if (i < n) {
			*ret = member_part(HAWK_T_BPF_ATTR, &m[i]);
			return 0;
		}
		i -= n;
	}
	return -ENOENT;
}

int hawk_part_nth(enum hawk_type owner, size_t i, struct hawk_part *ret)
{
	const struct hawk_value none = { .len = 0 };
	const struct hawk_member *m;
	size_t n;

	if (owner == HAWK_T_BPF_ATTR)
		return nth_bpf(i, ret);
	m = hawk_struct_members(owner, &none, &n);
	if (n) {
		/* of a list the first stands for all */
		if (i >= n || (i && !m[i].name[0]))
			return -ENOENT;
		*ret = member_part(owner, &m[i]);
		return 0;
	}
	for (size_t k = 0; k < ARRAY_SIZE(parts); k++) {
		if (parts[k].owner != same_as(owner) || i--)
			continue;
		*ret = parts[k];
		return 0;
	}
	return -ENOENT;
}

int hawk_part_find(enum hawk_type owner, const char *name, struct hawk_part *ret)
{
	struct hawk_part part;

	for (size_t i = 0; hawk_part_nth(owner, i, &part) == 0; i++) {
		if (strcmp(part.name, name) != 0)
			continue;
		*ret = part;
		return 0;
	}
	return -ENOENT;
}

static int get_member(const struct hawk_part *part, const struct hawk_value *v, size_t i, struct hawk_value *ret)
{
	size_t n;
	const struct hawk_member *m = hawk_struct_members(part->owner, v, &n);

	for (size_t k = 0; k < n; k++) {
		if (strcmp(m[k].name, part->name) != 0 || i--)
			continue;
		return m[k].type == part->type ? hawk_member_get(&m[k], v, part->owner, ret) : -ENODATA;
	}
	return -ENODATA;
}

static int number(struct hawk_value *ret, uint64_t u)
{
	*ret = (struct hawk_value){ .u = u };
	return 0;
}

static int bytes(struct hawk_value *ret, const uint8_t *p, size_t len)
{
	*ret = (struct hawk_value){ .bytes = p, .len = (uint32_t)len, .full = (uint32_t)len };
	return 0;
}

/* As JSON shows it: up to a NUL; an abstract name begins with @ and may hold others. */
static int unix_path(const uint8_t *path, size_t len, struct hawk_part_store *store, struct hawk_value *ret)
{
	if (!len || path[0])
		return bytes(ret, path, strnlen((const char *)path, len));
	len = len < sizeof(store->path) ? len : sizeof(store->path);
	memcpy(store->path, path, len);
	store->path[0] = '@';
	return bytes(ret, store->path, len);
}

/* LEN bytes at OFFSET of an address, as the machine stores a number. */
static uint64_t load(const struct hawk_value *v, size_t offset, size_t len)
{
	uint64_t u = 0;

	memcpy(&u, v->bytes + offset, len); /* little-endian machines: the low bytes */
	return u;
}

static int inet_part(enum place place, const struct hawk_value *v, struct hawk_part_store *store,
		     struct hawk_value *ret)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (v->len < offsetof(struct sockaddr_in, sin_zero))
		return -ENODATA;
	if (place == SIN_PORT)
		return number(ret, ntohs((uint16_t)load(v, offsetof(struct sockaddr_in, sin_port), 2)));
	if (place != SIN_ADDR)
		return -ENODATA;
	memcpy(store->ip, mapped, sizeof(mapped));
	memcpy(store->ip + sizeof(mapped), v->bytes + offsetof(struct sockaddr_in, sin_addr), 4);
	return bytes(ret, store->ip, sizeof(store->ip));
}

static int inet6_part(enum place place, const struct hawk_value *v, struct hawk_value *ret)
{
	/* The scope id need not be there, see src/format/sockaddr.c. */
	const size_t least = offsetof(struct sockaddr_in6, sin6_scope_id);

	if (v->len < least)
		return -ENODATA;
	switch (place) {
	case SIN6_ADDR:
		return bytes(ret, v->bytes + offsetof(struct sockaddr_in6, sin6_addr), 16);
	case SIN6_PORT:
		return number(ret, ntohs((uint16_t)load(v, offsetof(struct sockaddr_in6, sin6_port), 2)));
	case SIN6_FLOW:
		return number(ret, ntohl((uint32_t)load(v, offsetof(struct sockaddr_in6, sin6_flowinfo), 4)));
	case SIN6_SCOPE:
		return number(ret, v->len < sizeof(struct sockaddr_in6) ? 0 : load(v, least, 4));
	default:
		return -ENODATA;
	}
}

static int packet_part(enum place place, const struct hawk_value *v, struct hawk_value *ret)
{
	if (v->len < offsetof(struct sockaddr_ll, sll_addr))
		return -ENODATA;
	switch (place) {
	case SLL_PROTOCOL:
		return number(ret, ntohs((uint16_t)load(v, offsetof(struct sockaddr_ll, sll_protocol), 2)));
	case SLL_IFINDEX:
		*ret = (struct hawk_value){ .s = (int32_t)load(v, offsetof(struct sockaddr_ll, sll_ifindex), 4) };
		return 0;
	case SLL_HATYPE:
		return number(ret, load(v, offsetof(struct sockaddr_ll, sll_hatype), 2));
	case SLL_PKTTYPE:
		return number(ret, load(v, offsetof(struct sockaddr_ll, sll_pkttype), 1));
	default:
		return -ENODATA;
	}
}

static int plain_part(const char *name, const struct hawk_value *v, struct hawk_value *ret)
{
	size_t n;
	const struct hawk_member *m = hawk_address_members(v, &n);

	for (; n; n--, m++)
		if (strcmp(m->name, name) == 0)
			return hawk_member_get(m, v, HAWK_T_SOCKADDR, ret);
	return -ENODATA;
}

static int sockaddr_part(const char *name, enum place place, const struct hawk_value *v, struct hawk_part_store *store,
			 struct hawk_value *ret)
{
	const size_t head = sizeof(sa_family_t);
	uint64_t family;

	if (v->len < head)
		return -ENODATA;
	family = load(v, 0, head);
	if (place == SA_FAMILY)
		return number(ret, family);
	if (place == ADDRESS_MEMBER)
		return plain_part(name, v, ret);
	switch (family) {
	case AF_INET:
		return inet_part(place, v, store, ret);
	case AF_INET6:
		return inet6_part(place, v, ret);
	case AF_UNIX:
		return place == SUN_PATH ? unix_path(v->bytes + head, v->len - head, store, ret) : -ENODATA;
	case AF_PACKET:
		return packet_part(place, v, ret);
	default:
		return -ENODATA;
	}
}

static int iov_part(enum place place, const struct hawk_iov *iov, struct hawk_value *ret)
{
	switch (place) {
	case IOV_COUNT:
		return number(ret, iov->count);
	case IOV_TOTAL:
		return number(ret, iov->total);
	case IOV_BASE:
		return iov->base ? number(ret, iov->base) : -ENODATA;
	default:
		return bytes(ret, iov->data, iov->data_len);
	}
}

static int msg_part(const struct hawk_part *part, const struct hawk_value *v, size_t i, struct hawk_part_store *store,
		    struct hawk_value *ret)
{
	int32_t fds[FDS_MAX];
	struct hawk_msg msg;
	size_t n;

	if (hawk_msg_get(v, &msg) < 0)
		return -ENODATA;
	switch ((enum place)part->place) {
	case MSG_CONTROLLEN:
		return number(ret, msg.controllen);
	case MSG_FLAGS:
		return number(ret, msg.flags);
	case MSG_FDS:
		n = hawk_msg_fds(&msg, fds, FDS_MAX);
		*ret = (struct hawk_value){ .s = i < n ? fds[i] : 0 };
		return i < n ? 0 : -ENODATA;
	case IOV_COUNT:
	case IOV_TOTAL:
	case IOV_DATA:
		return msg.has_iov ? iov_part(part->place, &msg.iov, ret) : -ENODATA;
	default:
		return sockaddr_part(part->name + strlen(NAME), part->place, &msg.name, store, ret);
	}
}

static int end_part(enum place what, const struct hawk_socket_end *end, struct hawk_part_store *store,
		    struct hawk_value *ret)
{
	if (what == LOCAL_PATH && end->path.len)
		return unix_path(end->path.bytes, end->path.len, store, ret);
	if (what == LOCAL_PATH || !end->ip.len)
		return -ENODATA;
	return what == LOCAL_ADDR ? bytes(ret, end->ip.bytes, end->ip.len) : number(ret, end->port);
}

static int socket_part(enum place place, const struct hawk_value *v, struct hawk_part_store *store,
		       struct hawk_value *ret)
{
	struct hawk_socket *s = &store->socket;

	if (hawk_socket_get(v, s) < 0)
		return -ENODATA;
	switch (place) {
	case SOCK_FAMILY:
		return number(ret, s->facts.family);
	case SOCK_TYPE:
		return number(ret, s->facts.type);
	case SOCK_PROTOCOL:
		*ret = (struct hawk_value){ .s = s->facts.protocol };
		return 0;
	case SOCK_INODE:
		return number(ret, s->facts.inode);
	default:
		break;
	}
	if (place < REMOTE_ADDR)
		return end_part(place, &s->local, store, ret);
	/* shown only where there is another end, src/format/json_struct.c */
	if (!s->remote.port && !s->remote.path.len)
		return -ENODATA;
	return end_part(place - REMOTE_ADDR + LOCAL_ADDR, &s->remote, store, ret);
}

int hawk_part_get(const struct hawk_part *part, const struct hawk_value *v, size_t i, struct hawk_part_store *store,
		  struct hawk_value *ret)
{
	const enum place place = part->place;
	struct hawk_iov iov;

	if (place == MEMBER)
		return get_member(part, v, i, ret);
	if (i && place != MSG_FDS)
		return -ENODATA;
	switch ((enum hawk_type)part->owner) {
	case HAWK_T_SOCKADDR:
		return sockaddr_part(part->name, place, v, store, ret);
	case HAWK_T_MSGHDR:
		return msg_part(part, v, i, store, ret);
	case HAWK_T_MODE:
		return number(ret, place == MODE_TYPE ? v->u & S_IFMT : v->u & ~(uint64_t)S_IFMT);
	case HAWK_T_IOVEC:
	case HAWK_T_IOVEC_REMOTE:
		return hawk_iov_get(v, &iov) < 0 ? -ENODATA : iov_part(place, &iov, ret);
	default:
		return socket_part(place, v, store, ret);
	}
}
