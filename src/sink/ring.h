/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_SINK_RING_H
#define HAWK_SINK_RING_H
/*
 * A bounded queue of byte records between two threads, without locks: the
 * pipeline pushes, one consumer takes. The bytes of consecutive records lie
 * side by side (the lengths are kept apart), and the memory is mapped twice in
 * a row, so that what is queued can always be given to one write(2).
 *
 * Sleep and wake-up. A consumer that finds nothing declares itself idle and
 * from then on leaves the ring alone. The first push claims an idle ring: it
 * belongs to the producer until hawk_ring_flush() hands it back, which is when
 * the consumer has to be woken. So there is one wake-up per batch, and since
 * the producer owns an empty claimed ring it starts again at its beginning: a
 * consumer that keeps up touches little memory, however large the ring.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hawk_ring_state {
	HAWK_RING_READING, /* the consumer looks by itself */
	HAWK_RING_IDLE,    /* the consumer waits to be woken */
	HAWK_RING_CLAIMED, /* the same, and the producer is writing */
};

struct hawk_ring {
	char *data;
	uint32_t *lens; /* of record i at [i & mask] */
	size_t cap;     /* bytes, a power of two */
	uint32_t mask;
	_Atomic int state;
	/* Written by the producer; each side on cache lines of its own. */
	_Alignas(64) _Atomic uint64_t head; /* bytes pushed since the last start at the beginning */
	_Atomic uint32_t in;                /* records pushed */
	uint64_t tail_seen;
	uint32_t out_seen;
	/* Written by the consumer. */
	_Alignas(64) _Atomic uint64_t tail;
	_Atomic uint32_t out;
};

/*
 * Makes a ring of at least BYTES, rounded up to a power of two of pages. Returns 0, -EINVAL (too large) or
 * -errno.
 */
int hawk_ring_init(struct hawk_ring *r, size_t bytes);
/* Bytes that a ring of at least BYTES takes when it was full once. */
size_t hawk_ring_memory(size_t bytes);
void hawk_ring_done(struct hawk_ring *r);

/* Producer: appends a record when it fits and RESERVE bytes stay free; false when it does not. */
bool hawk_ring_push(struct hawk_ring *r, const void *record, size_t len, size_t reserve);
/* Producer: end of a batch. True when the consumer must be woken. */
bool hawk_ring_flush(struct hawk_ring *r);

/* Consumer: starts to look. False when the producer has claimed the ring: a wake-up will come. */
bool hawk_ring_begin(struct hawk_ring *r);
/*
 * Consumer: what is queued, whole records of at most MAX bytes in all (but at
 * least one record). Returns the bytes at *ret and sets *ret_n to the number of
 * records; 0 when empty.
 */
size_t hawk_ring_peek(const struct hawk_ring *r, size_t max, const char **ret, size_t *ret_n);
/* Consumer: length of the I-th record that peek gave. */
static inline size_t hawk_ring_len(const struct hawk_ring *r, size_t i)
{
	return r->lens[(atomic_load_explicit(&r->out, memory_order_relaxed) + (uint32_t)i) & r->mask];
}
/* Consumer: removes the first N records, which are LEN bytes. */
void hawk_ring_pop(struct hawk_ring *r, size_t len, size_t n);
/* Consumer: goes idle. False when a record came meanwhile: look again. */
bool hawk_ring_idle(struct hawk_ring *r);

/* Bytes queued, by anybody; exact only when both sides rest. */
size_t hawk_ring_bytes(const struct hawk_ring *r);

#endif
