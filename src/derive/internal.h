/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DERIVE_INTERNAL_H
#define HAWK_DERIVE_INTERNAL_H
/* What the files of this room share. */
#include <stdatomic.h>

#include "src/derive/derive.h"
#include "src/derive/made.h"
#include "src/net/dns.h"
#include "src/net/http.h"
#include "src/net/ip.h"
#include "src/net/tls.h"

#define HAWK_DERIVE_LISTS 4
#define HAWK_DERIVE_LIST_MAX (64 * 1024)
#define HAWK_DERIVE_FIXED_MAX 256

/* A query that waits for its answer: only what was asked for gets into the cache. */
#define HAWK_DERIVE_ASKED 1024
struct hawk_asked {
	uint64_t cookie;
	uint64_t name; /* hash */
	uint16_t id;
};

struct hawk_derive {
	_Atomic uint64_t wanted; /* bits by row of the table in derive.c */
	_Atomic uint64_t counts[HAWK_EVENT_ID_MAX]; /* made, by id; one writer */
	_Atomic uint64_t by_calls[HAWK_EVENT_ID_MAX / 64]; /* bits by id: events to make of system calls */
	struct hawk_made_table made;
	struct hawk_derive_stats stats;
	struct hawk_streams *streams;
	struct hawk_dnscache *dns;
	struct hawk_targets *targets;
	struct hawk_asked asked[HAWK_DERIVE_ASKED];
	struct hawk_buf list[HAWK_DERIVE_LISTS]; /* text of lists */
	char name[HAWK_DNS_NAME_MAX], chain[HAWK_DNS_NAME_MAX];
	struct hawk_dns_record record;
	struct hawk_event out;
};

/* A DNS message with the stream it came from. */
struct hawk_dns_message {
	const uint8_t *data;
	size_t len;
	bool tcp;
	bool cut; /* more of it was sent */
	bool answer;
	struct hawk_dns head;
};

/* A packet on its way to events. */
struct hawk_making {
	struct hawk_derive *d;
	const struct hawk_event *base;
	void (*fn)(void *ctx, struct hawk_event *derived);
	void *ctx;
	uint64_t wanted;
	struct hawk_abi_NET_PACKET_BASE meta;
	const struct hawk_value *data;
	struct hawk_net_packet p;
	/* contents, as far as the rows that need them are run */
	struct hawk_dns_message dns;
	struct hawk_http http;
	struct hawk_tls_hello tls;
	unsigned int segments;
	/* the event that is being made */
	union {
		uint64_t align;
		uint8_t bytes[HAWK_DERIVE_FIXED_MAX];
	} fixed;
	struct hawk_value var[HAWK_EVENT_FIELDS_MAX];
};

/* Starts the event TOKEN: every variable field absent. Gives its fixed part, zeroed. */
#define HAWK_MAKE(m, TOKEN) ((struct hawk_abi_##TOKEN *)hawk_make_begin(m, sizeof(struct hawk_abi_##TOKEN)))
void *hawk_make_begin(struct hawk_making *m, size_t size);
/* The same for an event about a packet, with what all of them tell. */
#define HAWK_MAKE_PACKET(m, TOKEN) \
	((struct hawk_abi_##TOKEN *)hawk_make_packet(m, sizeof(struct hawk_abi_##TOKEN)))
void *hawk_make_packet(struct hawk_making *m, size_t size);
/* Sets the value of a variable field from bytes that live until the event is handed over. */
void hawk_make_bytes(struct hawk_value *v, const void *data, size_t len, size_t full);
/* The text of a list (hawk_derive.list) as the value of a list field; CUT: more there was. */
void hawk_make_list(struct hawk_value *v, const struct hawk_buf *list, bool cut);
/* Hands the event over. */
void hawk_make_end(struct hawk_making *m, uint16_t event);

/* packet.c: one per event, of the headers. */
void hawk_make_NET_PACKET_RAW(struct hawk_making *m);
void hawk_make_NET_PACKET_IPV4(struct hawk_making *m);
void hawk_make_NET_PACKET_IPV6(struct hawk_making *m);
void hawk_make_NET_PACKET_TCP(struct hawk_making *m);
void hawk_make_NET_PACKET_UDP(struct hawk_making *m);
void hawk_make_NET_PACKET_ICMP(struct hawk_making *m);
void hawk_make_NET_PACKET_ICMPV6(struct hawk_making *m);
/* dns.c */
void hawk_make_NET_PACKET_DNS(struct hawk_making *m);
void hawk_make_NET_PACKET_DNS_REQUEST(struct hawk_making *m);
void hawk_make_NET_PACKET_DNS_RESPONSE(struct hawk_making *m);
/* Remembers what a message asks and learns what it answers. */
void hawk_learn_dns(struct hawk_making *m);
/* content.c */
void hawk_make_NET_PACKET_HTTP(struct hawk_making *m);
void hawk_make_NET_PACKET_HTTP_REQUEST(struct hawk_making *m);
void hawk_make_NET_PACKET_HTTP_RESPONSE(struct hawk_making *m);
void hawk_make_NET_TLS_CLIENT_HELLO(struct hawk_making *m);
/* Remembers whom the process talks to. */
void hawk_learn_http(struct hawk_making *m);
void hawk_learn_tls(struct hawk_making *m);

#endif
