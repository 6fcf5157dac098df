/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads kernel memory for the checks of src/integrity. Attached to nothing: the
 * daemon runs it (BPF_PROG_TEST_RUN, for this type since 5.10) with address and
 * length as arguments.
 */
#include "bpf/lib/hawk.h"
#include "bpf/lib/page.h"

SEC("raw_tp")
int kern_peek_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 from = ctx->args[0], len = ctx->args[1];
	__u32 zero = 0;
	struct hawk_abi_peek *to = bpf_map_lookup_elem(&hawk_peek, &zero);

	barrier_var(len);
	if (!to || len > sizeof(to->bytes))
		return -1;
	/* a fault is no error of the program: the memory is not there */
	return bpf_probe_read_kernel(to->bytes, len, (const void *)from) < 0;
}

/* Where the first page of the file behind a descriptor of the daemon is: for who has to find the memory of pages. */
SEC("raw_tp")
int kern_page_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *file = file_of_fd(task, ctx->args[0]);
	struct hawk_abi_page *ret;
	__u32 zero = 0;

	ret = bpf_map_lookup_elem(&hawk_peek, &zero);
	if (!ret || !file)
		return -1;
	ret->page = first_page(BPF_CORE_READ(file, f_inode));
	ret->task = (__u64)UNTYPED(task);
	ret->size = bpf_core_type_size(struct page);
	return 0;
}
