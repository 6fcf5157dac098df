/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DERIVE_DNSCACHE_H
#define HAWK_DERIVE_DNSCACHE_H
/*
 * Which names an address had when somebody on this host asked: the answers
 * that were seen, for as long as they say they hold. Fixed memory; the answer
 * used longest ago makes room. One thread (the pipeline's).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"

#define HAWK_DNSCACHE_NAME_MAX 255
/* Names of one address; those of content delivery networks have thousands. */
#define HAWK_DNSCACHE_NAMES_MAX 8
/* An answer is kept so long at least: who asked still has to connect. */
#define HAWK_DNSCACHE_TTL_MIN 30
#define HAWK_DNSCACHE_TTL_MAX (7 * 86400) /* RFC 8767 4 */

struct hawk_dnscache;

/* One name of one address. */
struct hawk_dns_name {
	uint8_t ip[16]; /* IPv4 as v4-mapped IPv6 */
	uint64_t expires; /* CLOCK_BOOTTIME ns */
	uint64_t seen;    /* the last answer that told it */
	uint32_t answers; /* that told it */
	uint32_t pid;     /* process that asked last; 0: unknown */
	uint16_t len;
	char name[HAWK_DNSCACHE_NAME_MAX + 1];
};

struct hawk_dnscache_stats {
	uint64_t entries, max_entries;
	uint64_t answers;  /* names learnt, again or for the first time */
	uint64_t evicted;  /* names that made room before they expired */
	uint64_t expired;  /* names that went when they had expired */
	uint64_t refused;  /* too long, or one too many for their address */
	uint64_t hits, misses; /* of look-ups for events */
};

/* MAX names in all; 0: 8192. Returns 0 or -ENOMEM. */
int hawk_dnscache_new(struct hawk_dnscache **ret, size_t max);
/* NULL is fine. Returns NULL. */
struct hawk_dnscache *hawk_dnscache_free(struct hawk_dnscache *c);

struct hawk_dns_answer {
	uint8_t ip[16];
	const char *name;
	uint32_t ttl; /* seconds */
	uint32_t pid;
	uint64_t now; /* CLOCK_BOOTTIME ns */
};
/* Learns that NAME has this address. */
void hawk_dnscache_add(struct hawk_dnscache *c, const struct hawk_dns_answer *answer);
/* Appends the names that an address has at NOW, newest first, each ended by NUL. Returns how many. */
size_t hawk_dnscache_names(struct hawk_dnscache *c, const uint8_t ip[16], uint64_t now, struct hawk_buf *out);
/* Calls FN for every name that holds at NOW, newest first; of one address only when IP is not NULL. */
void hawk_dnscache_each(const struct hawk_dnscache *c, const uint8_t *ip, uint64_t now,
			void (*fn)(void *ctx, const struct hawk_dns_name *name), void *ctx);
struct hawk_dnscache_stats hawk_dnscache_stats(const struct hawk_dnscache *c);

#endif
