/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* io_uring: what is given to a ring. What the operations do is told by the hooks of what they call. */
#include "bpf/lib/hawk.h"

/* io_uring_create(int fd, void *ctx, u32 sq_entries, u32 cq_entries, u32 flags) */
SEC("raw_tp/io_uring_create")
int file_urnew_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct hawk_abi_IO_URING_CREATE *b;
	struct hawk_abi_scratch *s = BEGIN(IO_URING_CREATE);

	if (!s)
		return 0;
	b = BODY(s, IO_URING_CREATE);
	b->fd = (__s32)ctx->args[0];
	b->sq_entries = (__u32)ctx->args[2];
	b->cq_entries = (__u32)ctx->args[3];
	b->flags = (__u32)ctx->args[4];
	EMIT(s);
	return 0;
}

struct uring_op {
	__u64 user_data;
	__u32 flags;
	__u8 opcode;
};

static __always_inline void read_request(struct uring_op *op, struct io_kiocb *req)
{
	op->opcode = BPF_CORE_READ(req, opcode);
	op->flags = BPF_CORE_READ(req, flags);
	if (bpf_core_field_exists(req->cqe))
		op->user_data = BPF_CORE_READ(req, cqe.user_data);
	else
		op->user_data = BPF_CORE_READ((struct io_kiocb___until_5_18 *)req, user_data);
}

#define IORING_OP_STATX 21 /* include/uapi/linux/io_uring.h */

/* The directory DFD of the current process, as openat(2) and its like mean it. */
static __always_inline void put_directory(struct hawk_abi_scratch *s, struct hawk_abi_var *v, __s32 dfd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct file *file;
	struct path path = {};

	if (dfd != AT_FDCWD) {
		file = file_of_fd(task, (__u32)dfd);
		if (file)
			put_file_path(s, v, file, task);
		return;
	}
	if (!fs)
		return;
	path.mnt = BPF_CORE_READ(fs, pwd.mnt);
	path.dentry = BPF_CORE_READ(fs, pwd.dentry);
	put_path(s, v, &path, task);
}

/* What statx is asked about: the kernel has copied it when it tells of the request. */
SHARED int put_statx(__u32 slot, __u64 req)
{
	struct io_statx___since_7_0 *new = (void *)req;
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct io_statx *statx = (void *)req;
	struct filename *name = NULL;

	if (!s || !bpf_core_field_exists(statx->dfd))
		return 0;
	if (bpf_core_field_exists(statx->filename))
		name = BPF_CORE_READ(statx, filename);
	else if (bpf_core_field_exists(new->filename))
		name = BPF_CORE_READ(new, filename.__incomplete_filename);
	if (!name)
		return 0;
	put_directory(s, VAR_OF(s, IO_URING_SUBMIT, dirfd_path), BPF_CORE_READ(statx, dfd));
	put_kernel_str(s, VAR_OF(s, IO_URING_SUBMIT, pathname), BPF_CORE_READ(name, name));
	return 0;
}

/* REQ: the request when all of it is there, else 0. */
static __always_inline int submitted(const struct judges *by, const struct uring_op *op, __u64 req)
{
	struct hawk_abi_scratch *s = BEGIN(IO_URING_SUBMIT);
	struct hawk_abi_IO_URING_SUBMIT *b;

	if (!s)
		return 0;
	b = BODY(s, IO_URING_SUBMIT);
	b->user_data = op->user_data;
	b->flags = op->flags;
	b->opcode = op->opcode;
	b->reserved = 0;
	b->reserved2 = 0;
	*VAR_OF(s, IO_URING_SUBMIT, dirfd_path) = (struct hawk_abi_var){ .info = HAWK_PATH_ABSENT };
	*VAR_OF(s, IO_URING_SUBMIT, pathname) = (struct hawk_abi_var){ .info = HAWK_VAR_ABSENT };
	if (req && op->opcode == IORING_OP_STATX)
		put_statx(s->slot, req);
	EMIT(s);
	return 0;
}

/* io_uring_submit_req(struct io_kiocb *req), since 6.4 */
SEC("raw_tp/io_uring_submit_req")
int file_urreq_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct uring_op op = {};

	read_request(&op, (void *)ctx->args[0]);
	return submitted(by, &op, ctx->args[0]);
}

/*
 * The arguments were (ctx, opcode, user_data, …), then (ctx, req, …), since 6.0
 * (req, bool). They are read as memory: a program that touches one that is not
 * there cannot be attached.
 */
SEC("raw_tp/io_uring_submit_sqe")
int file_ursqe_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	struct uring_op op = {};
	__u64 args[3] = {};

	bpf_probe_read_kernel(args, sizeof(args), ctx);
	if (bpf_core_field_exists(struct trace_event_raw_io_uring_submit_sqe, req)) {
		read_request(&op, (void *)(args[1] > 0xffff ? args[1] : args[0]));
	} else {
		op.opcode = (__u8)args[1];
		op.user_data = args[2];
	}
	return submitted(by, &op, 0);
}
