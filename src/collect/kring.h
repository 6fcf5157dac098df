/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_KRING_H
#define HAWK_COLLECT_KRING_H
/*
 * One BPF ring buffer, read without copying. libbpf's own reader hands out
 * records of one ring as they come; merging two rings needs to look before
 * taking. Layout: kernel/bpf/ringbuf.c (consumer page, producer page, data
 * mapped twice).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hawk_kring {
	unsigned long *consumer; /* mapped page, written by us */
	unsigned long *producer; /* mapped page, written by the kernel */
	uint8_t *data;
	size_t size;
	unsigned long at; /* our place; written to *consumer by hawk_kring_release */
};

enum hawk_kring_peek {
	HAWK_KRING_EMPTY, /* nothing before the limit */
	HAWK_KRING_BUSY,  /* a record is being written */
	HAWK_KRING_READY,
};

/* Maps the ring of FD, SIZE bytes. Returns 0 or -errno. */
int hawk_kring_map(struct hawk_kring *r, int fd, size_t size);
void hawk_kring_unmap(struct hawk_kring *r);
/* Where the producer is now; records before it can be peeked at. */
unsigned long hawk_kring_limit(const struct hawk_kring *r);
/* The record at our place, before LIMIT. Discarded ones are skipped. */
enum hawk_kring_peek hawk_kring_peek(struct hawk_kring *r, unsigned long limit, const void **ret, size_t *ret_len);
/* Steps over a record of LEN bytes. */
void hawk_kring_next(struct hawk_kring *r, size_t len);
/* Gives what was stepped over back to the kernel. */
void hawk_kring_release(struct hawk_kring *r);

#endif
