/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The processes that exist, read by the task iterator: at start, and again when records of them were lost. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "src/base/buf.h"
#include "src/base/cleanup.h"
#include "src/collect/internal.h"

#define SEEDS_MAX ((size_t)256 * 1024 * 1024)
#define PID_NS_INIT 0xEFFFFFFCU /* PROC_PID_INIT_INO, include/linux/proc_ns.h */

/* The iterator shows the processes of our pid namespace; only in the first one that is all of them. */
static bool sees_all(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == PID_NS_INIT;
}

static uint64_t boot_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

/* The iterator writes records back to back; each has its size in the header. */
static int split_seeds(struct hawk_seeds *ret, const uint8_t *data, size_t len)
{
	struct hawk_buf out = { .max = SEEDS_MAX };
	size_t at = 0;

	while (len - at >= sizeof(struct hawk_abi_rec)) {
		struct hawk_abi_rec rec;
		uint64_t size;

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
	ret->data = (uint8_t *)out.data;
	ret->len = out.len;
	ret->whole = at == len && sees_all();
	return 0;
}

static const bool iterator_programs[HAWK_PROG_MAX] = { [HAWK_PROG_proc_seed_iter] = true };

static void *load_iterator(void *arg)
{
	struct hawk_collect *c = arg;

	c->iterator.load = (struct hawk_load){ .object = HAWK_OBJ_process_iter, .programs = iterator_programs };
	hawk_load_all(c, &c->iterator, 1);
	return NULL;
}

void hawk_seed_load(struct hawk_collect *c)
{
	c->iterator_loading = pthread_create(&c->iterator_loader, NULL, load_iterator, c) == 0;
}

static void await_iterator(struct hawk_collect *c)
{
	if (c->iterator_loading)
		pthread_join(c->iterator_loader, NULL);
	c->iterator_loading = false;
}

/* Loaded once: later readings cost no loading. Returns an fd to read from, or -errno. */
static int open_iterator(struct hawk_collect *c)
{
	struct bpf_link *link;
	int fd, r;

	await_iterator(c);
	if (!c->iterator.instance) /* not begun, or it failed for want of memory: that may be over */
		load_iterator(c);
	if (c->iterator.result < 0)
		return c->iterator.result;
	link = bpf_program__attach_iter(bpf_object__find_program_by_name(c->iterator.instance->object, "proc_seed_iter"), NULL);
	r = (int)libbpf_get_error(link);
	if (r < 0)
		return r;
	fd = bpf_iter_create(bpf_link__fd(link));
	r = fd < 0 ? -errno : fd;
	bpf_link__destroy(link); /* what is open holds it */
	return r;
}

static int read_all(int fd, struct hawk_buf *in)
{
	for (;;) {
		char *to = hawk_buf_room(in, 64 * 1024);
		ssize_t n = to ? read(fd, to, 64 * 1024) : 0;

		if (n < 0 && errno == EAGAIN)
			continue;
		if (n <= 0)
			return in->error ? in->error : n < 0 ? -errno : 0;
		in->len += (size_t)n;
	}
}

int hawk_collect_seed(struct hawk_collect *c)
{
	struct hawk_seeds seeds = { .begun = boot_time() };
	_cleanup_close_ int fd = open_iterator(c);
	struct hawk_buf in = { .max = SEEDS_MAX };
	int r;

	if (fd < 0)
		return fd;
	r = read_all(fd, &in);
	if (r == 0)
		r = split_seeds(&seeds, (const uint8_t *)in.data, in.len);
	hawk_buf_done(&in);
	if (r < 0)
		return r;
	pthread_mutex_lock(&c->lock);
	free(c->fresh.data);
	c->fresh = seeds;
	pthread_mutex_unlock(&c->lock);
	return 0;
}

void hawk_seed_close(struct hawk_collect *c)
{
	await_iterator(c);
	hawk_instance_put(c->iterator.instance);
	free(c->seeds.data);
	free(c->fresh.data);
}
