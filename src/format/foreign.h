/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_FORMAT_FOREIGN_H
#define HAWK_FORMAT_FOREIGN_H
/* What the formats of other programs share. Private to this room. */
#include <netinet/in.h>

#include "src/format/render.h"

/* Appends bytes as a JSON string in base64 (RFC 4648 section 4). */
void hawk_json_base64(struct hawk_buf *out, const uint8_t *bytes, size_t len);

/* Appends a value as hawk_value_print prints it, as a JSON string. */
void hawk_json_quoted(struct hawk_json *j, enum hawk_type type, const struct hawk_value *v, struct hawk_buf *out);
/* Appends the name of the host as a JSON string. */
void hawk_json_host(struct hawk_buf *out);

/* What a socket address says. */
struct hawk_address {
	sa_family_t family;
	char ip[INET6_ADDRSTRLEN]; /* empty: not an internet address */
	in_port_t port;            /* host byte order */
	uint32_t flowinfo, scope;  /* of an IPv6 address */
	const uint8_t *path;       /* of a unix socket; borrowed from the value; NULL: none */
	size_t path_len;           /* an abstract name begins with NUL */
};

/* Reads the bytes of a struct sockaddr. False when not even the family is there. */
bool hawk_address_read(const struct hawk_value *v, struct hawk_address *ret);
/* Appends the name of the family as a JSON string. */
void hawk_address_family(struct hawk_json *j, const struct hawk_address *a, struct hawk_buf *out);
/* Appends the path as a JSON string; the NUL of an abstract name as @. */
void hawk_address_path(const struct hawk_address *a, struct hawk_buf *out);

#endif
