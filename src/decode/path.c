/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/decode/path.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>

#include "src/base/cleanup.h"

#ifndef PID_FS_MAGIC /* headers before 6.9 */
#define PID_FS_MAGIC 0x50494446
#endif

uint8_t *hawk_space_take(struct hawk_space *space, size_t n)
{
	uint8_t *p = space->bytes + space->used;

	if (n > sizeof(space->bytes) - space->used)
		return NULL;
	space->used += n;
	return p;
}

/*
 * Turns components from the leaf to the root, each ended by NUL, into a path.
 * Exactly as many bytes come out as went in: each NUL becomes the slash before
 * its component.
 */
static void turn_round(uint8_t *to, const uint8_t *from, size_t len)
{
	uint8_t *at = to + len;
	size_t n;

	for (const uint8_t *end = from + len; from < end; from += n + 1) {
		n = strlen((const char *)from);
		at -= n;
		memcpy(at, from, n);
		*--at = '/';
	}
}

/* What /proc/PID/fd shows of a file whose name is made when somebody looks (d_dname in the kernel), or NULL. */
static const char *pseudo_prefix(uint64_t magic)
{
	switch (magic) {
	case PIPEFS_MAGIC:
		return "pipe";
	case SOCKFS_MAGIC:
		return "socket";
	case PID_FS_MAGIC:
		return "pidfd";
	case NSFS_MAGIC:
		return "ns";
	}
	return NULL;
}

static int decode_pseudo(struct hawk_space *space, const struct hawk_value *wire, struct hawk_value *v)
{
	const size_t name = wire->len ? strnlen((const char *)wire->bytes, wire->len) : 0;
	struct hawk_abi_pseudo facts;
	const char *prefix;
	uint8_t *to;

	v->len = v->full = name;
	if (wire->len == (wire->len ? name + 1 : 0))
		return 0;
	if (wire->len != name + 1 + sizeof(facts))
		return -EBADMSG;
	memcpy(&facts, wire->bytes + name + 1, sizeof(facts));
	prefix = pseudo_prefix(facts.magic);
	if (!prefix && facts.magic != ANON_INODE_FS_MAGIC)
		return 0;
	to = hawk_space_take(space, sizeof("anon_inode:") + name + 32);
	if (!to)
		return -EBADMSG;
	v->bytes = to;
	if (prefix) {
		v->len = v->full = (uint32_t)sprintf((char *)to, "%s:[%llu]", prefix, facts.inode);
	} else {
		memcpy(to, "anon_inode:", strlen("anon_inode:"));
		memcpy(to + strlen("anon_inode:"), wire->bytes, name);
		v->len = v->full = (uint32_t)(strlen("anon_inode:") + name);
	}
	return 0;
}

/* One view of a path. */
static int decode_view(struct hawk_space *space, const struct hawk_value *wire, uint32_t info,
		       struct hawk_value *v)
{
	uint32_t len = wire->len;
	uint8_t *to;

	if (info & HAWK_PATH_ABSENT && len)
		return -EBADMSG;
	*v = (struct hawk_value){ .bytes = wire->bytes, .len = len, .full = len };
	if (info) {
		v->flags = (info & (HAWK_PATH_ABSENT | HAWK_PATH_SOCKET) ? HAWK_VAL_ABSENT : 0) |
			   (info & HAWK_PATH_TRUNCATED ? HAWK_VAL_TRUNCATED : 0) |
			   (info & HAWK_PATH_DELETED ? HAWK_VAL_DELETED : 0) |
			   (info & HAWK_PATH_UNREACHABLE ? HAWK_VAL_UNREACHABLE : 0) |
			   (info & HAWK_PATH_ANY_MOUNT ? HAWK_VAL_ANY_MOUNT : 0) |
			   (info & HAWK_PATH_UNREADABLE ? HAWK_VAL_UNREADABLE : 0);
		if (info & HAWK_PATH_SOCKET) {
			v->len = v->full = 0;
			return 0;
		}
		if (info & HAWK_PATH_PSEUDO)
			return decode_pseudo(space, wire, v);
	}
	if (len && wire->bytes[len - 1])
		return -EBADMSG;
	if (len) {
		to = hawk_space_take(space, len);
		if (!to)
			return -EBADMSG;
		turn_round(to, wire->bytes, len);
		v->bytes = to;
	} else if (!(v->flags & (HAWK_VAL_ABSENT | HAWK_VAL_TRUNCATED | HAWK_VAL_UNREADABLE))) {
		v->bytes = (const uint8_t *)"/"; /* the root has no components */
		v->len = v->full = 1;
	}
	return 0;
}

/* The view behind the one that was decoded to V. What is true of the file is true in both. */
static int decode_other(struct hawk_space *space, const struct hawk_value *wire, uint32_t info,
			const struct hawk_value *v, struct hawk_value *ret)
{
	const uint32_t bits = HAWK_PATH_OTHER_BITS(info), first = HAWK_PATH_FIRST(info) - 1;
	const struct hawk_value rest = { .bytes = wire->bytes + first, .len = wire->len - first };

	if (info & (HAWK_PATH_ABSENT | HAWK_PATH_SOCKET | HAWK_PATH_PSEUDO) ||
	    bits & ~(HAWK_PATH_TRUNCATED | HAWK_PATH_UNREACHABLE | HAWK_PATH_UNREADABLE | HAWK_PATH_PSEUDO))
		return -EBADMSG;
	if (bits & HAWK_PATH_UNREACHABLE && !rest.len) {
		*ret = *v;
		ret->flags |= HAWK_VAL_UNREACHABLE;
		return 0;
	}
	return decode_view(space, &rest, bits | (info & (HAWK_PATH_DELETED | HAWK_PATH_ANY_MOUNT)), ret);
}

int hawk_path_decode(struct hawk_space *space, const struct hawk_value *wire, uint32_t info,
		     struct hawk_value *v, struct hawk_value *ret_other)
{
	const bool both = HAWK_PATH_FIRST(info);
	struct hawk_value first = *wire;
	int r;

	if (both ? HAWK_PATH_FIRST(info) - 1 > wire->len : HAWK_PATH_OTHER_BITS(info))
		return -EBADMSG;
	if (both)
		first.len = HAWK_PATH_FIRST(info) - 1;
	r = decode_view(space, &first, HAWK_PATH_BITS(info), v);
	if (r < 0 || !ret_other)
		return r;
	*ret_other = (struct hawk_value){ .flags = HAWK_VAL_ABSENT };
	return both ? decode_other(space, wire, info, v, ret_other) : 0;
}

int hawk_socket_decode(const struct hawk_value *wire, uint32_t info, struct hawk_value *v)
{
	struct hawk_abi_socket socket;

	*v = (struct hawk_value){ .flags = HAWK_VAL_ABSENT };
	if (!(info & HAWK_PATH_SOCKET))
		return 0;
	if (wire->len < sizeof(socket))
		return -EBADMSG;
	memcpy(&socket, wire->bytes, sizeof(socket));
	if (wire->len != sizeof(socket) + socket.name_len + socket.peer_len)
		return -EBADMSG;
	*v = (struct hawk_value){ .bytes = wire->bytes, .len = wire->len, .full = wire->len };
	return 0;
}

/* Appends the components of PATH to the AT bytes of a path at TO; returns its new length. */
static size_t append(uint8_t *to, size_t at, const uint8_t *path, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n + 1) {
		const uint8_t *slash = memchr(path + i, '/', len - i);

		n = slash ? (size_t)(slash - path) - i : len - i;
		if (n == 0 || (n == 1 && path[i] == '.'))
			continue;
		if (n == 2 && path[i] == '.' && path[i + 1] == '.') {
			while (at && to[--at] != '/')
				;
			continue;
		}
		to[at++] = '/';
		memcpy(to + at, path + i, n);
		at += n;
	}
	return at;
}

int hawk_path_join(struct hawk_space *space, const struct hawk_value *base, const struct hawk_value *path,
		   struct hawk_value *v)
{
	const uint32_t keep = HAWK_VAL_TRUNCATED | HAWK_VAL_DELETED | HAWK_VAL_UNREACHABLE | HAWK_VAL_UNREADABLE;
	bool absolute = path->len && path->bytes[0] == '/';
	size_t at = 0;
	uint8_t *to;

	*v = (struct hawk_value){ .flags = HAWK_VAL_ABSENT };
	if (path->flags & ~HAWK_VAL_TRUNCATED || (!absolute && (base->flags & HAWK_VAL_ABSENT || !base->len)))
		return 0;
	if (!absolute && base->bytes[0] != '/' && path->len)
		return 0; /* nothing lies below a pipe */
	to = hawk_space_take(space, (absolute ? 0 : base->len) + path->len + 2);
	if (!to)
		return -EBADMSG;
	if (!absolute && !(base->len == 1 && base->bytes[0] == '/')) {
		memcpy(to, base->bytes, base->len);
		at = base->len;
	}
	at = append(to, at, path->bytes, path->len);
	if (!at)
		to[at++] = '/';
	*v = (struct hawk_value){
		.bytes = to,
		.len = (uint32_t)at,
		.flags = (path->flags | (absolute ? 0 : base->flags)) & keep,
	};
	return 0;
}
