/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/sink/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/base/cleanup.h"

#define RING_BYTES_MAX ((size_t)1 << 30)
#define RECORD_BYTES_MIN 32 /* shorter ones on average run out of lengths before bytes */

#define load(p) atomic_load_explicit(p, memory_order_relaxed)
#define store(p, v) atomic_store_explicit(p, v, memory_order_relaxed)

/* Maps the same CAP bytes twice in a row. Returns 0 or -errno. */
static int map_twice(char **ret, size_t cap)
{
	_cleanup_close_ int fd = memfd_create("sechawk-queue", MFD_CLOEXEC);
	char *p;

	if (fd < 0 || ftruncate(fd, (off_t)cap) < 0)
		return -errno;
	p = mmap(NULL, 2 * cap, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return -errno;
	for (size_t at = 0; at < 2 * cap; at += cap)
		if (mmap(p + at, cap, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
			int r = -errno;

			munmap(p, 2 * cap);
			return r;
		}
	*ret = p;
	return 0;
}

static size_t cap_of(size_t bytes)
{
	size_t cap = (size_t)sysconf(_SC_PAGESIZE);

	while (cap < bytes)
		cap *= 2;
	return cap;
}

size_t hawk_ring_memory(size_t bytes)
{
	size_t cap = cap_of(bytes < RING_BYTES_MAX ? bytes : RING_BYTES_MAX);

	return cap + cap / RECORD_BYTES_MIN * sizeof(uint32_t);
}

int hawk_ring_init(struct hawk_ring *r, size_t bytes)
{
	_cleanup_free_ uint32_t *lens = NULL;
	char *data = NULL;
	size_t cap;
	int e;

	if (bytes > RING_BYTES_MAX)
		return -EINVAL;
	cap = cap_of(bytes);
	lens = calloc(cap / RECORD_BYTES_MIN, sizeof(*lens));
	if (!lens)
		return -ENOMEM;
	e = map_twice(&data, cap);
	if (e < 0)
		return e;
	*r = (struct hawk_ring){
		.data = data,
		.lens = TAKE_PTR(lens),
		.cap = cap,
		.mask = (uint32_t)(cap / RECORD_BYTES_MIN) - 1,
		.state = HAWK_RING_IDLE,
	};
	return 0;
}

void hawk_ring_done(struct hawk_ring *r)
{
	if (r->data)
		munmap(r->data, 2 * r->cap);
	free(r->lens);
	*r = (struct hawk_ring){ .data = NULL };
}

/*
 * Takes over an idle ring; an empty one starts again at the beginning, on pages that are in use and in the
 * cache.
 */
static void claim(struct hawk_ring *r)
{
	int idle = HAWK_RING_IDLE;

	if (!atomic_compare_exchange_strong(&r->state, &idle, HAWK_RING_CLAIMED))
		return;
	if (load(&r->in) != load(&r->out))
		return; /* pushed while the consumer was on its way to sleep */
	store(&r->head, 0);
	store(&r->tail, 0);
	r->tail_seen = 0;
	r->out_seen = load(&r->out);
}

bool hawk_ring_push(struct hawk_ring *r, const void *record, size_t len, size_t reserve)
{
	uint32_t in = load(&r->in);
	uint64_t head;

	if (load(&r->state) == HAWK_RING_IDLE)
		claim(r);
	head = load(&r->head);
	if (!len || len > r->cap || reserve > r->cap - len)
		return false;
	if (head - r->tail_seen > r->cap - len - reserve || in - r->out_seen > r->mask) {
		r->out_seen = atomic_load_explicit(&r->out, memory_order_acquire);
		r->tail_seen = load(&r->tail);
		if (head - r->tail_seen > r->cap - len - reserve || in - r->out_seen > r->mask)
			return false;
	}
	memcpy(r->data + (head & (r->cap - 1)), record, len);
	r->lens[in & r->mask] = (uint32_t)len;
	store(&r->head, head + len);
	atomic_store_explicit(&r->in, in + 1, memory_order_release);
	return true;
}

bool hawk_ring_flush(struct hawk_ring *r)
{
	/*
	 * Pairs with hawk_ring_idle(): either the consumer sees the records
	 * stored above or we see that it sleeps.
	 */
	atomic_thread_fence(memory_order_seq_cst);
	if (load(&r->state) == HAWK_RING_IDLE && load(&r->in) != load(&r->out))
		claim(r);
	if (load(&r->state) != HAWK_RING_CLAIMED)
		return false;
	atomic_store_explicit(&r->state, HAWK_RING_READING, memory_order_release);
	return true;
}

bool hawk_ring_begin(struct hawk_ring *r)
{
	int idle = HAWK_RING_IDLE;

	if (atomic_compare_exchange_strong(&r->state, &idle, HAWK_RING_READING))
		return true;
	return idle == HAWK_RING_READING;
}

size_t hawk_ring_peek(const struct hawk_ring *r, size_t max, const char **ret, size_t *ret_n)
{
	uint32_t in = atomic_load_explicit(&r->in, memory_order_acquire), out = load(&r->out);
	size_t len = 0, n = 0;

	for (; out + (uint32_t)n != in; n++) {
		size_t next = r->lens[(out + (uint32_t)n) & r->mask];

		if (n && (next > max || len > max - next))
			break;
		len += next;
	}
	*ret = r->data + (load(&r->tail) & (r->cap - 1));
	*ret_n = n;
	return len;
}

void hawk_ring_pop(struct hawk_ring *r, size_t len, size_t n)
{
	store(&r->tail, load(&r->tail) + len);
	atomic_store_explicit(&r->out, load(&r->out) + (uint32_t)n, memory_order_release);
}

bool hawk_ring_idle(struct hawk_ring *r)
{
	int idle = HAWK_RING_IDLE;

	atomic_store(&r->state, HAWK_RING_IDLE);
	atomic_thread_fence(memory_order_seq_cst);
	if (load(&r->in) == load(&r->out))
		return true;
	/* The producer may have claimed it just now; then its wake-up comes. */
	return !atomic_compare_exchange_strong(&r->state, &idle, HAWK_RING_READING);
}

size_t hawk_ring_bytes(const struct hawk_ring *r)
{
	uint64_t head = load(&r->head), tail = load(&r->tail);

	return head < tail ? 0 : head - tail > r->cap ? r->cap : (size_t)(head - tail);
}
