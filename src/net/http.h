/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_NET_HTTP_H
#define HAWK_NET_HTTP_H
/* The head of an HTTP/1 message, RFC 9112, as far as it is in one segment. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hawk_slice {
	const uint8_t *data; /* into the message */
	size_t len;
};

struct hawk_http {
	bool response;
	bool complete;               /* the empty line behind the head is there */
	struct hawk_slice method, target; /* of a request */
	struct hawk_slice version;   /* "HTTP/1.1" */
	uint16_t status;             /* of a response */
	struct hawk_slice reason;
	struct hawk_slice headers;   /* the lines below the first one; walk them with hawk_http_line */
	struct hawk_slice host, user_agent, content_type; /* empty: not there */
};

/* Parses the head. Returns 0, or -EBADMSG when the first line is not one of HTTP/1. */
int hawk_http_parse(struct hawk_http *h, const uint8_t *data, size_t len);
/*
 * Takes the next line, without its end, off REST. Returns false behind the last. A line that
 * is cut off is given, too.
 */
bool hawk_http_line(struct hawk_slice *rest, struct hawk_slice *ret);

#endif
