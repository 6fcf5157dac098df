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

static __always_inline int submitted(const struct judges *by, const struct uring_op *op)
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
	return submitted(by, &op);
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
	return submitted(by, &op);
}
