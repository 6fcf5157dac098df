/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_NET_DNS_H
#define HAWK_NET_DNS_H
/*
 * DNS messages, RFC 1035. Pure. A message is walked record by record; every
 * compression pointer must point to before the name that it is in, so that
 * every walk ends.
 */
#include "src/base/buf.h"

/* Longest name as text: 255 bytes on the wire, each up to four characters (\DDD), and the NUL. */
#define HAWK_DNS_NAME_MAX 1024

enum hawk_dns_section { HAWK_DNS_QUESTION, HAWK_DNS_ANSWER, HAWK_DNS_AUTHORITY, HAWK_DNS_ADDITIONAL, HAWK_DNS_END };

struct hawk_dns {
	const uint8_t *msg;
	size_t len;
	uint16_t id;
	uint16_t flags;     /* HAWK_T_DNS_FLAGS: the header's without opcode and rcode */
	uint8_t opcode;
	uint16_t rcode;     /* of the header; an OPT record may add high bits, which are not looked for */
	uint16_t count[4];  /* records that the header promises, by section */
	/* where the walk is */
	size_t at;
	uint16_t left;
	enum hawk_dns_section section;
};

#define HAWK_DNS_QR 0x8000U /* it is an answer */
#define HAWK_DNS_TC 0x0200U /* it was cut by the server */

/* A record; of a question only name, type and class are set. */
struct hawk_dns_record {
	enum hawk_dns_section section;
	char name[HAWK_DNS_NAME_MAX]; /* as text, without the dot at the end; the root is "." */
	uint16_t type, class;
	uint32_t ttl;
	const uint8_t *data;
	size_t data_len;
};

/* Record types whose data we print, and those the cache follows. */
enum {
	HAWK_DNS_A = 1, HAWK_DNS_NS = 2, HAWK_DNS_CNAME = 5, HAWK_DNS_SOA = 6, HAWK_DNS_PTR = 12, HAWK_DNS_MX = 15,
	HAWK_DNS_TXT = 16, HAWK_DNS_AAAA = 28, HAWK_DNS_SRV = 33, HAWK_DNS_DNAME = 39, HAWK_DNS_OPT = 41,
	HAWK_DNS_SVCB = 64, HAWK_DNS_HTTPS = 65,
};

/*
 * Reads the header and starts the walk. MSG stays borrowed. Returns 0, or -EBADMSG when
 * there is no whole header.
 */
int hawk_dns_parse(struct hawk_dns *d, const uint8_t *msg, size_t len);
/*
 * The next record. Returns 1; 0 behind the last one; -EBADMSG when the message
 * ends before, or breaks the format (the records before stay good).
 */
int hawk_dns_next(struct hawk_dns *d, struct hawk_dns_record *r);
/*
 * Appends the data of a record as text, as master files have it (RFC 1035 5):
 * addresses, names, text in quotes; \# and hexadecimal for what we do not know
 * (RFC 3597 5) or what does not have the form of its type.
 */
void hawk_dns_put_data(const struct hawk_dns *d, const struct hawk_dns_record *r, struct hawk_buf *out);
/* The name that a CNAME, NS, PTR or DNAME record points to, as text. Returns 0 or -EBADMSG. */
int hawk_dns_target(const struct hawk_dns *d, const struct hawk_dns_record *r, char ret[HAWK_DNS_NAME_MAX]);

#endif
