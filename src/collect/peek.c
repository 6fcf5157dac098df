/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/collect/peek.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "src/base/cleanup.h"
#include "src/collect/internal.h"

struct hawk_peek {
	struct hawk_instance *instance;
	int prog_fd, page_fd; /* the instance's */
	const struct hawk_abi_peek *bytes; /* mapped */
};

int hawk_peek_new(struct hawk_peek **ret, struct hawk_collect *c)
{
	bool programs[HAWK_PROG_MAX] = { [HAWK_PROG_kern_peek_rtp] = true, [HAWK_PROG_kern_page_rtp] = true };
	struct hawk_load load = { .object = HAWK_OBJ_integrity_tp, .programs = programs };
	_cleanup_free_ struct hawk_peek *p = calloc(1, sizeof(*p));
	void *bytes;
	int r;

	if (!p)
		return -ENOMEM;
	r = hawk_instance_load(c, &load, &p->instance);
	if (r < 0)
		return r;
	bytes = mmap(NULL, sizeof(*p->bytes), PROT_READ, MAP_SHARED, c->map_fd[HAWK_MAP_hawk_peek], 0);
	if (bytes == MAP_FAILED) {
		r = -errno;
		hawk_instance_put(p->instance);
		return r;
	}
	p->bytes = bytes;
	p->prog_fd = bpf_program__fd(bpf_object__find_program_by_name(p->instance->object, "kern_peek_rtp"));
	p->page_fd = bpf_program__fd(bpf_object__find_program_by_name(p->instance->object, "kern_page_rtp"));
	*ret = TAKE_PTR(p);
	return 0;
}

struct hawk_peek *hawk_peek_free(struct hawk_peek *p)
{
	if (!p)
		return NULL;
	munmap((void *)p->bytes, sizeof(*p->bytes));
	hawk_instance_put(p->instance);
	free(p);
	return NULL;
}

int hawk_peek_read(struct hawk_peek *p, uint64_t address, void *to, size_t len)
{
	__u64 args[] = { address, len };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));

	if (len > sizeof(p->bytes->bytes))
		return -E2BIG;
	if (bpf_prog_test_run_opts(p->prog_fd, &opts) < 0)
		return -errno;
	if (opts.retval)
		return -EFAULT;
	memcpy(to, p->bytes->bytes, len);
	return 0;
}

int hawk_peek_page(struct hawk_peek *p, int fd, struct hawk_abi_page *ret)
{
	__u64 args[] = { (__u64)fd };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));

	if (bpf_prog_test_run_opts(p->page_fd, &opts) < 0)
		return -errno;
	if (opts.retval)
		return -EBADF;
	memcpy(ret, p->bytes->bytes, sizeof(*ret));
	return 0;
}
