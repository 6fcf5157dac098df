/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/format/foreign.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "src/base/cleanup.h"

void hawk_json_base64(struct hawk_buf *out, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *to = hawk_buf_room(out, (len + 2) / 3 * 4 + 2);

	if (!to)
		return;
	*to++ = '"';
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t w = (uint32_t)bytes[i] << 16;

		if (n > 1)
			w |= (uint32_t)bytes[i + 1] << 8;
		if (n > 2)
			w |= bytes[i + 2];
		*to++ = digits[w >> 18];
		*to++ = digits[w >> 12 & 63];
		*to++ = n > 1 ? digits[w >> 6 & 63] : '=';
		*to++ = n > 2 ? digits[w & 63] : '=';
	}
	*to++ = '"';
	out->len = (size_t)(to - out->data);
}

void hawk_json_quoted(struct hawk_json *j, enum hawk_type type, const struct hawk_value *v, struct hawk_buf *out)
{
	const struct hawk_buf *text = hawk_json_print(j, type, v);

	hawk_json_string(out, (const uint8_t *)(text ? text->data : NULL), text ? text->len : 0);
}

void hawk_json_host(struct hawk_buf *out)
{
	char host[HOST_NAME_MAX + 1];

	hawk_format_host(host);
	hawk_json_string(out, (const uint8_t *)host, strlen(host));
}

static void read_inet(const struct hawk_value *v, struct hawk_address *a)
{
	struct sockaddr_in in;

	if (v->len < offsetof(struct sockaddr_in, sin_zero))
		return;
	memcpy(&in, v->bytes, offsetof(struct sockaddr_in, sin_zero));
	inet_ntop(AF_INET, &in.sin_addr, a->ip, sizeof(a->ip));
	a->port = ntohs(in.sin_port);
}

static void read_inet6(const struct hawk_value *v, struct hawk_address *a)
{
	/* Without the scope id, as before RFC 2553, it is still an address to the kernel. */
	const size_t least = offsetof(struct sockaddr_in6, sin6_scope_id);
	struct sockaddr_in6 in6 = { .sin6_scope_id = 0 };

	if (v->len < least)
		return;
	memcpy(&in6, v->bytes, v->len < sizeof(in6) ? least : sizeof(in6));
	inet_ntop(AF_INET6, &in6.sin6_addr, a->ip, sizeof(a->ip));
	a->port = ntohs(in6.sin6_port);
	a->flowinfo = ntohl(in6.sin6_flowinfo);
	a->scope = in6.sin6_scope_id;
}

bool hawk_address_read(const struct hawk_value *v, struct hawk_address *ret)
{
	struct hawk_address a = { .path = NULL };

	if (v->len < sizeof(a.family))
		return false;
	memcpy(&a.family, v->bytes, sizeof(a.family));
	if (a.family == AF_INET) {
		read_inet(v, &a);
	} else if (a.family == AF_INET6) {
		read_inet6(v, &a);
	} else if (a.family == AF_UNIX) {
		a.path = v->bytes + sizeof(a.family);
		a.path_len = v->len - sizeof(a.family);
		if (a.path_len && a.path[0])
			a.path_len = strnlen((const char *)a.path, a.path_len);
	}
	*ret = a;
	return true;
}

void hawk_address_family(struct hawk_json *j, const struct hawk_address *a, struct hawk_buf *out)
{
	const struct hawk_value v = { .u = a->family };

	hawk_json_quoted(j, HAWK_T_FAMILY, &v, out);
}

void hawk_address_path(const struct hawk_address *a, struct hawk_buf *out)
{
	uint8_t name[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	size_t len = a->path_len < sizeof(name) ? a->path_len : sizeof(name);

	if (len)
		memcpy(name, a->path, len);
	if (len && !name[0])
		name[0] = '@';
	hawk_json_string(out, name, len);
}
