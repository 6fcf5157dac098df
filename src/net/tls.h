/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_NET_TLS_H
#define HAWK_NET_TLS_H
/* The ClientHello of TLS, RFC 8446 4.1.2, with the server name (RFC 6066 3) and ALPN (RFC 7301). Pure. */
#include <stddef.h>
#include <stdint.h>

#define HAWK_TLS_RECORD_HEAD 5
/* Longest ClientHello that is looked at; those of browsers have 2 KiB. */
#define HAWK_TLS_HELLO_MAX 16384
#define HAWK_TLS_ALPN_MAX 8

struct hawk_tls_hello {
	uint16_t version; /* the newest that is offered */
	uint16_t ciphers; /* suites that are offered */
	const uint8_t *server_name; /* into the message; NULL: none */
	size_t server_name_len;
	struct {
		const uint8_t *name;
		uint8_t len;
	} alpn[HAWK_TLS_ALPN_MAX];
	size_t n_alpn;
};

/*
 * How many bytes a stream that begins with LEN bytes at DATA must have for the
 * ClientHello in its first record: more than LEN when it is not whole. Returns
 * -EAGAIN when not even that is to be seen, -EBADMSG when it is none or is
 * longer than HAWK_TLS_HELLO_MAX.
 */
long hawk_tls_need(const uint8_t *data, size_t len);
/* Parses a ClientHello with the head of its record. Returns 0 or -EBADMSG. */
int hawk_tls_parse(struct hawk_tls_hello *h, const uint8_t *data, size_t len);

#endif
