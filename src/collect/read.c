/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading: seeds, the two rings, and their merge by time. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/collect/internal.h"

#define SEEDS_MAX ((size_t)256 * 1024 * 1024)

/* What stands next in one of the sources. */
struct head {
	const void *record;
	size_t len;
	uint64_t time;
};

static uint64_t record_time(const void *record, size_t len)
{
	uint64_t time = 0;

	if (len >= sizeof(time))
		memcpy(&time, record, sizeof(time)); /* the first member of struct hawk_abi_rec */
	return time;
}

/* The iterator writes records back to back; each has its size in the header. */
static int split_seeds(struct hawk_collect *c, const uint8_t *data, size_t len)
{
	struct hawk_buf out = { .max = SEEDS_MAX };

	for (size_t at = 0; at < len;) {
		struct hawk_abi_rec rec;
		uint64_t size;

		if (len - at < sizeof(rec))
			break;
		memcpy(&rec, data + at, sizeof(rec));
		if (rec.size < sizeof(rec) || rec.size > len - at)
			break;
		size = rec.size;
		hawk_buf_put(&out, &size, sizeof(size));
		hawk_buf_put(&out, data + at, rec.size);
		hawk_buf_put(&out, "\0\0\0\0\0\0\0", -rec.size & 7);
		at += rec.size;
	}
	if (out.error) {
		int r = out.error;

		hawk_buf_done(&out);
		return r;
	}
	c->seeds = (struct hawk_seeds){ .data = (uint8_t *)out.data, .len = out.len };
	return 0;
}

int hawk_collect_seed(struct hawk_collect *c)
{
	bool programs[HAWK_PROG_MAX] = { [HAWK_PROG_proc_seed_iter] = true };
	struct hawk_buf in = { .max = SEEDS_MAX };
	struct hawk_instance *instance = NULL;
	struct bpf_link *link = NULL;
	int fd = -1, r;

	r = hawk_instance_load(c, &(struct hawk_load){ .object = HAWK_OBJ_process_iter, .programs = programs }, &instance);
	if (r < 0)
		return r;
	link = bpf_program__attach_iter(bpf_object__find_program_by_name(instance->object, "proc_seed_iter"), NULL);
	r = (int)libbpf_get_error(link);
	if (r == 0) {
		fd = bpf_iter_create(bpf_link__fd(link));
		r = fd < 0 ? -errno : 0;
	}
	while (r == 0) {
		char *to = hawk_buf_room(&in, 64 * 1024);
		ssize_t n = to ? read(fd, to, 64 * 1024) : 0;

		if (n < 0 && errno == EAGAIN)
			continue;
		if (n <= 0) {
			r = in.error ? in.error : n < 0 ? -errno : 1;
			break;
		}
		in.len += (size_t)n;
	}
	if (r == 1)
		r = split_seeds(c, (const uint8_t *)in.data, in.len);
	hawk_buf_done(&in);
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	hawk_instance_put(instance);
	return r;
}

static bool peek_seed(struct hawk_seeds *s, struct head *h)
{
	uint64_t size;

	if (s->at >= s->len)
		return false;
	memcpy(&size, s->data + s->at, sizeof(size));
	h->record = s->data + s->at + sizeof(size);
	h->len = size;
	h->time = record_time(h->record, h->len);
	return true;
}

static void next_seed(struct hawk_seeds *s, size_t len)
{
	s->at += sizeof(uint64_t) + ((len + 7) & ~(size_t)7);
	if (s->at < s->len)
		return;
	free(s->data);
	*s = (struct hawk_seeds){ .data = NULL };
}

static enum hawk_kring_peek peek_ring(struct hawk_kring *r, unsigned long limit, struct head *h)
{
	enum hawk_kring_peek p = hawk_kring_peek(r, limit, &h->record, &h->len);

	if (p == HAWK_KRING_READY)
		h->time = record_time(h->record, h->len);
	return p;
}

/*
 * How far each ring may be read in one go. A bulk record may depend on a life
 * record that was there before it, and the other way round; looking at life,
 * bulk and life again makes both visible: up to LIFE every bulk record that
 * came before is below BULK, and up to BULK every life record that came before
 * is below LIFE_LATE.
 */
struct limits {
	unsigned long life, bulk, life_late;
};

static struct limits take_limits(const struct hawk_collect *c)
{
	struct limits l;

	l.life = hawk_kring_limit(&c->life);
	l.bulk = hawk_kring_limit(&c->bulk);
	l.life_late = hawk_kring_limit(&c->life);
	return l;
}

/* Hands over the oldest record of all sources. Returns false when there is none, or an older one may still be missing. */
static bool read_one(struct hawk_collect *c, const struct limits *l,
		     void (*fn)(void *ctx, const void *record, size_t len), void *ctx)
{
	struct head seed, life, bulk;
	bool have_seed = peek_seed(&c->seeds, &seed);
	enum hawk_kring_peek p_life = peek_ring(&c->life, l->life_late, &life), p_bulk;

	if (p_life == HAWK_KRING_BUSY)
		return false;
	p_bulk = peek_ring(&c->bulk, l->bulk, &bulk);
	if (p_bulk == HAWK_KRING_BUSY)
		return false;
	if (have_seed && (p_life != HAWK_KRING_READY || seed.time <= life.time) &&
	    (p_bulk != HAWK_KRING_READY || seed.time <= bulk.time)) {
		fn(ctx, seed.record, seed.len);
		next_seed(&c->seeds, seed.len);
	} else if (p_bulk == HAWK_KRING_READY && (p_life != HAWK_KRING_READY || bulk.time < life.time)) {
		fn(ctx, bulk.record, bulk.len);
		hawk_kring_next(&c->bulk, bulk.len);
	} else if (p_life == HAWK_KRING_READY && (p_bulk == HAWK_KRING_READY || c->life.at < l->life)) {
		fn(ctx, life.record, life.len);
		hawk_kring_next(&c->life, life.len);
	} else {
		return false;
	}
	return true;
}

long hawk_collect_read(struct hawk_collect *c, void (*fn)(void *ctx, const void *record, size_t len), void *ctx,
		       size_t max)
{
	struct limits l = take_limits(c);
	long n = 0;

	while ((max == 0 || (size_t)n < max) && read_one(c, &l, fn, ctx)) {
		/* room for the kernel while a long batch is read */
		if ((++n & 255) == 0) {
			hawk_kring_release(&c->bulk);
			hawk_kring_release(&c->life);
		}
	}
	hawk_kring_release(&c->bulk);
	hawk_kring_release(&c->life);
	return n;
}

bool hawk_collect_sleep(struct hawk_collect *c, bool sleeping)
{
	__atomic_store_n(&c->config->sleeping, sleeping, __ATOMIC_SEQ_CST);
	if (!sleeping)
		return true;
	if (hawk_kring_limit(&c->life) == c->life.at && hawk_kring_limit(&c->bulk) == c->bulk.at && !c->seeds.data)
		return true;
	__atomic_store_n(&c->config->sleeping, 0, __ATOMIC_SEQ_CST);
	return false;
}
