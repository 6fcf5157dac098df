/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/collect/kring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

int hawk_kring_map(struct hawk_kring *r, int fd, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *rw, *ro;

	rw = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (rw == MAP_FAILED)
		return -errno;
	ro = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, fd, (off_t)page);
	if (ro == MAP_FAILED) {
		int r2 = -errno;

		munmap(rw, page);
		return r2;
	}
	*r = (struct hawk_kring){
		.consumer = (unsigned long *)rw,
		.producer = (unsigned long *)ro,
		.data = ro + page,
		.size = size,
	};
	r->at = __atomic_load_n(r->consumer, __ATOMIC_RELAXED);
	return 0;
}

void hawk_kring_unmap(struct hawk_kring *r)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!r->consumer)
		return;
	munmap(r->consumer, page);
	munmap(r->producer, page + 2 * r->size);
	*r = (struct hawk_kring){ .consumer = NULL };
}

unsigned long hawk_kring_limit(const struct hawk_kring *r)
{
	return __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);
}

/* Header of a record: length with two flag bits, and a page offset for the kernel. */
#define RECORD_HEADER BPF_RINGBUF_HDR_SZ

static size_t record_step(size_t len)
{
	return (len + RECORD_HEADER + 7) & ~(size_t)7;
}

enum hawk_kring_peek hawk_kring_peek(struct hawk_kring *r, unsigned long limit, const void **ret, size_t *ret_len)
{
	while (r->at < limit) {
		const uint32_t *head = (const uint32_t *)(r->data + (r->at & (r->size - 1)));
		uint32_t len = __atomic_load_n(head, __ATOMIC_ACQUIRE);

		if (len & BPF_RINGBUF_BUSY_BIT)
			return HAWK_KRING_BUSY;
		if (!(len & BPF_RINGBUF_DISCARD_BIT)) {
			*ret = (const uint8_t *)head + RECORD_HEADER;
			*ret_len = len;
			return HAWK_KRING_READY;
		}
		r->at += record_step(len & ~BPF_RINGBUF_DISCARD_BIT);
	}
	return HAWK_KRING_EMPTY;
}

void hawk_kring_next(struct hawk_kring *r, size_t len)
{
	r->at += record_step(len);
}

void hawk_kring_release(struct hawk_kring *r)
{
	__atomic_store_n(r->consumer, r->at, __ATOMIC_RELEASE);
}
