/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/format/sockaddr.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "src/base/cleanup.h"
#include "src/event/structs.h"

/* A member of a known type whose key is a constant. */
static void put_number(struct hawk_buf *out, const char *key, uint64_t v)
{
	hawk_buf_puts(out, key);
	hawk_buf_u64(out, v);
}

static void put_typed(struct hawk_json *j, enum hawk_type type, const struct hawk_value *v, struct hawk_buf *out)
{
	const struct hawk_json_key key = { .type = (uint8_t)type, .how = (uint8_t)hawk_json_how(type) };

	hawk_json_value(j, &key, v, out);
}

void hawk_json_bytes(struct hawk_buf *out, const uint8_t *bytes, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	hawk_buf_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		hawk_buf_putc(out, hex[bytes[i] >> 4]);
		hawk_buf_putc(out, hex[bytes[i] & 15]);
	}
	hawk_buf_putc(out, '"');
}

static void put_address(struct hawk_buf *out, int family, const void *address)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(family, address, text, sizeof(text)))
		return;
	hawk_buf_putc(out, '"');
	hawk_buf_puts(out, text);
	hawk_buf_putc(out, '"');
}

static bool put_inet(const struct hawk_value *v, struct hawk_buf *out)
{
	struct sockaddr_in in;

	if (v->len < offsetof(struct sockaddr_in, sin_zero))
		return false;
	memcpy(&in, v->bytes, offsetof(struct sockaddr_in, sin_zero));
	hawk_buf_lit(out, ",\"sin_addr\":");
	put_address(out, AF_INET, &in.sin_addr);
	put_number(out, ",\"sin_port\":", ntohs(in.sin_port));
	return true;
}

static bool put_inet6(const struct hawk_value *v, struct hawk_buf *out)
{
	/* Without the scope id, as before RFC 2553, it is still an address to the kernel. */
	const size_t least = offsetof(struct sockaddr_in6, sin6_scope_id);
	struct sockaddr_in6 in6 = { .sin6_scope_id = 0 };

	if (v->len < least)
		return false;
	memcpy(&in6, v->bytes, v->len < sizeof(in6) ? least : sizeof(in6));
	hawk_buf_lit(out, ",\"sin6_addr\":");
	put_address(out, AF_INET6, &in6.sin6_addr);
	put_number(out, ",\"sin6_port\":", ntohs(in6.sin6_port));
	put_number(out, ",\"sin6_flowinfo\":", ntohl(in6.sin6_flowinfo));
	put_number(out, ",\"sin6_scope_id\":", in6.sin6_scope_id);
	return true;
}

/* An abstract name begins with a NUL byte, shown as @, and may hold others: its length counts. */
void hawk_json_sun_path(const uint8_t *path, size_t len, struct hawk_buf *out)
{
	if (len && !path[0]) {
		uint8_t name[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

		len = len < sizeof(name) ? len : sizeof(name);
		memcpy(name, path, len);
		name[0] = '@';
		hawk_json_string(out, name, len);
		return;
	}
	hawk_json_string(out, path, strnlen((const char *)path, len));
}

static bool put_unix(const struct hawk_value *v, struct hawk_buf *out)
{
	hawk_buf_lit(out, ",\"sun_path\":");
	hawk_json_sun_path(v->bytes + sizeof(sa_family_t), v->len - sizeof(sa_family_t), out);
	return true;
}

/* Those of addresses.def. */
static bool put_plain(struct hawk_json *j, const struct hawk_value *v, struct hawk_buf *out)
{
	struct hawk_value value;
	size_t n;
	const struct hawk_member *m = hawk_address_members(v, &n);

	for (size_t i = 0; i < n; i++, m++) {
		hawk_member_get(m, v, HAWK_T_SOCKADDR, &value);
		hawk_buf_lit(out, ",\"");
		hawk_buf_puts(out, m->name);
		hawk_buf_lit(out, "\":");
		put_typed(j, m->type, &value, out);
	}
	return n;
}

static bool put_packet(const struct hawk_value *v, struct hawk_buf *out)
{
	struct sockaddr_ll ll;
	size_t len;

	if (v->len < offsetof(struct sockaddr_ll, sll_addr))
		return false;
	memcpy(&ll, v->bytes, offsetof(struct sockaddr_ll, sll_addr));
	put_number(out, ",\"sll_protocol\":", ntohs(ll.sll_protocol));
	hawk_buf_lit(out, ",\"sll_ifindex\":");
	hawk_buf_s64(out, ll.sll_ifindex);
	put_number(out, ",\"sll_hatype\":", ll.sll_hatype);
	put_number(out, ",\"sll_pkttype\":", ll.sll_pkttype);
	hawk_buf_lit(out, ",\"sll_addr\":");
	len = v->len - offsetof(struct sockaddr_ll, sll_addr);
	len = ll.sll_halen < len ? ll.sll_halen : len;
	hawk_json_bytes(out, v->bytes + offsetof(struct sockaddr_ll, sll_addr), len);
	return true;
}

void hawk_json_sockaddr(struct hawk_json *j, const struct hawk_value *v, struct hawk_buf *out)
{
	struct hawk_value number;
	sa_family_t family;
	bool known;

	if (v->len < sizeof(family)) {
		hawk_buf_lit(out, "{\"sa_data\":");
		hawk_json_bytes(out, v->bytes, v->len);
		hawk_buf_putc(out, '}');
		return;
	}
	memcpy(&family, v->bytes, sizeof(family));
	hawk_buf_lit(out, "{\"sa_family\":");
	number = (struct hawk_value){ .u = family };
	put_typed(j, HAWK_T_FAMILY, &number, out);
	switch (family) {
	case AF_INET:
		known = put_inet(v, out);
		break;
	case AF_INET6:
		known = put_inet6(v, out);
		break;
	case AF_UNIX:
		known = put_unix(v, out);
		break;
	case AF_PACKET:
		known = put_packet(v, out);
		break;
	default:
		known = put_plain(j, v, out);
	}
	if (!known) {
		hawk_buf_lit(out, ",\"sa_data\":");
		hawk_json_bytes(out, v->bytes + sizeof(family), v->len - sizeof(family));
	}
	hawk_buf_putc(out, '}');
}
