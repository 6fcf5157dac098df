/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_DERIVE_TARGETS_H
#define HAWK_DERIVE_TARGETS_H
/*
 * Whom each process talked to by name: Host of HTTP requests and server names
 * of TLS connections. Fixed memory; the target used longest ago makes room,
 * first one of the same process when it has many. One thread (the pipeline's).
 */
#include <stddef.h>
#include <stdint.h>

#define HAWK_TARGET_NAME_MAX 255
#define HAWK_TARGETS_PER_PROCESS 32

enum hawk_target_kind { HAWK_TARGET_HTTP, HAWK_TARGET_TLS };

struct hawk_target {
	uint32_t pid;
	uint64_t start; /* of the process */
	enum hawk_target_kind kind;
	uint16_t port;
	uint16_t len;
	char name[HAWK_TARGET_NAME_MAX + 1]; /* bytes as sent, cut to fit; NUL at .len */
	uint8_t ip[16];    /* of the last connection */
	uint64_t first, last; /* CLOCK_BOOTTIME ns */
	uint64_t count;
};

struct hawk_targets;

struct hawk_targets_stats {
	uint64_t entries, max_entries;
	uint64_t evicted;
};

/* MAX targets in all; 0: 2048. Returns 0 or -ENOMEM. */
int hawk_targets_new(struct hawk_targets **ret, size_t max);
/* NULL is fine. Returns NULL. */
struct hawk_targets *hawk_targets_free(struct hawk_targets *t);
/* Remembers a target: pid, start, kind, port, name, len, ip and last of T are set. */
void hawk_targets_add(struct hawk_targets *t, const struct hawk_target *target);
/* Calls FN for the targets of a process (PID and START; pid 0: of all), last used first. */
void hawk_targets_each(const struct hawk_targets *t, uint32_t pid, uint64_t start,
		       void (*fn)(void *ctx, const struct hawk_target *target), void *ctx);
/* A short word for the kind: "http", "tls". */
const char *hawk_target_kind_name(enum hawk_target_kind kind);
struct hawk_targets_stats hawk_targets_stats(const struct hawk_targets *t);

#endif
