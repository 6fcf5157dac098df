/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/net/tls.h"

#include <errno.h>
#include <stdbool.h>

#include "src/net/ip.h"

#define HANDSHAKE 22
#define CLIENT_HELLO 1
#define EXT_SERVER_NAME 0
#define EXT_ALPN 16
#define EXT_VERSIONS 43

/* Bytes that are still to be read; a read that they do not suffice for sets .bad and gives zero. */
struct input {
	const uint8_t *p;
	size_t left;
	bool bad;
};

static const uint8_t *take(struct input *in, size_t n)
{
	const uint8_t *p = in->p;

	if (in->bad || n > in->left) {
		in->bad = true;
		in->left = 0;
		return NULL;
	}
	in->p += n;
	in->left -= n;
	return p;
}

static uint32_t number(struct input *in, size_t bytes)
{
	const uint8_t *p = take(in, bytes);
	uint32_t v = 0;

	for (size_t i = 0; p && i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

/* A vector: its length in BYTES bytes, then so many bytes. */
static struct input vector(struct input *in, size_t bytes)
{
	size_t n = number(in, bytes);
	const uint8_t *p = take(in, n);

	return (struct input){ p, p ? n : 0, in->bad };
}

long hawk_tls_need(const uint8_t *data, size_t len)
{
	size_t record;

	if (len < HAWK_TLS_RECORD_HEAD + 1)
		return (len > 0 && data[0] != HANDSHAKE) || (len > 1 && data[1] != 3) ? -EBADMSG : -EAGAIN;
	record = hawk_net_16(data + 3);
	if (data[0] != HANDSHAKE || data[1] != 3 || data[5] != CLIENT_HELLO || record < 4 ||
	    record > HAWK_TLS_HELLO_MAX)
		return -EBADMSG;
	return (long)(HAWK_TLS_RECORD_HEAD + record);
}

/* RFC 6066 3: a list of names, of which only host names (type 0) were ever defined. */
static void server_name(struct hawk_tls_hello *h, struct input ext)
{
	struct input list = vector(&ext, 2);

	while (list.left && !list.bad && !h->server_name) {
		uint32_t type = number(&list, 1);
		struct input name = vector(&list, 2);

		if (type == 0 && !name.bad && name.left) {
			h->server_name = name.p;
			h->server_name_len = name.left;
		}
	}
}

static void protocols(struct hawk_tls_hello *h, struct input ext)
{
	struct input list = vector(&ext, 2);

	while (list.left && h->n_alpn < HAWK_TLS_ALPN_MAX) {
		struct input name = vector(&list, 1);

		if (name.bad)
			return;
		h->alpn[h->n_alpn].name = name.p;
		h->alpn[h->n_alpn++].len = (uint8_t)name.left;
	}
}

/* Values like 0x0a0a are there to keep servers honest (RFC 8701). */
static void versions(struct hawk_tls_hello *h, struct input ext)
{
	struct input list = vector(&ext, 1);
	uint16_t newest = 0;

	while (list.left >= 2) {
		uint16_t v = (uint16_t)number(&list, 2);

		if (v >> 8 == 3 && v > newest)
			newest = v;
	}
	if (newest)
		h->version = newest;
}

static int body(struct hawk_tls_hello *h, struct input in)
{
	struct input ciphers, extensions;

	h->version = (uint16_t)number(&in, 2);
	take(&in, 32); /* random */
	vector(&in, 1); /* session */
	ciphers = vector(&in, 2);
	h->ciphers = (uint16_t)(ciphers.left / 2);
	vector(&in, 1); /* compression */
	if (in.bad)
		return -EBADMSG;
	if (!in.left) /* before extensions were invented */
		return 0;
	extensions = vector(&in, 2);
	while (extensions.left) {
		uint32_t type = number(&extensions, 2);
		struct input ext = vector(&extensions, 2);

		if (ext.bad)
			return -EBADMSG;
		if (type == EXT_SERVER_NAME && !h->server_name)
			server_name(h, ext);
		else if (type == EXT_ALPN && !h->n_alpn)
			protocols(h, ext);
		else if (type == EXT_VERSIONS)
			versions(h, ext);
	}
	return extensions.bad ? -EBADMSG : 0;
}

int hawk_tls_parse(struct hawk_tls_hello *h, const uint8_t *data, size_t len)
{
	long need = hawk_tls_need(data, len);
	struct input in, hello;

	*h = (struct hawk_tls_hello){ .version = 0 };
	if (need < 0 || (size_t)need > len)
		return -EBADMSG;
	in = (struct input){ data + HAWK_TLS_RECORD_HEAD + 1, (size_t)need - HAWK_TLS_RECORD_HEAD - 1, false };
	hello = vector(&in, 3); /* a message over several records is not read */
	return hello.bad ? -EBADMSG : body(h, hello);
}
