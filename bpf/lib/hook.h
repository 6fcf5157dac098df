/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From the rows of bpf/abi/hooks/<family>.def to programs. An object defines
 * HAWK_TRACING, HAWK_LSM or HAWK_KPROBE, includes the headers with the bodies,
 * this one, and the rows. A body is
 *
 *	HOOK_BODY(file_open) { ... a[0] ... ret ... return 0; }
 *
 * by: who judges its records, for BEGIN() and EMIT(). a: the function's arguments as the registers hold them (the upper half of a
 * narrow one is not defined: cast it); ret: what it returned. Zeroes where the
 * row does not have them. The targets stand in the rows, the loader sets them.
 */
#ifndef HAWK_BPF_HOOK_H
#define HAWK_BPF_HOOK_H

#define HOOK_BODY(base) static __always_inline int hook_##base(const struct judges *by, const __u64 *a, __s64 ret)

/* A context may be read at constant offsets only, and no further than the function has arguments. */
#define CTX_ARGS_0 0
#define CTX_ARGS_1 ctx[0]
#define CTX_ARGS_2 CTX_ARGS_1, ctx[1]
#define CTX_ARGS_3 CTX_ARGS_2, ctx[2]
#define CTX_ARGS_4 CTX_ARGS_3, ctx[3]
#define CTX_ARGS_5 CTX_ARGS_4, ctx[4]
#define CTX_ARGS_6 CTX_ARGS_5, ctx[5]
/* Of eight the first six; of nine (do_mmap) the sixth is left out. */
#define CTX_ARGS_8 CTX_ARGS_6
#define CTX_ARGS_9 CTX_ARGS_5, ctx[6]
#define REGS_ARGS_0 0
#define REGS_ARGS_1 PT_REGS_PARM1(ctx)
#define REGS_ARGS_2 REGS_ARGS_1, PT_REGS_PARM2(ctx)
#define REGS_ARGS_3 REGS_ARGS_2, PT_REGS_PARM3(ctx)
#define REGS_ARGS_4 REGS_ARGS_3, PT_REGS_PARM4(ctx)
#define REGS_ARGS_5 REGS_ARGS_4, PT_REGS_PARM5(ctx)
#define REGS_ARGS_6 REGS_ARGS_5, HOOK_PARM6(ctx)
#define REGS_ARGS_8 REGS_ARGS_6
#define REGS_ARGS_9 REGS_ARGS_5, hook_parm7(ctx)
/* libbpf has PT_REGS_PARM6 since 1.2 */
#if defined(__TARGET_ARCH_x86)
#define HOOK_PARM6(ctx) ((ctx)->r9)
/* The seventh lies behind the return address. */
static __always_inline __u64 hook_parm7(struct pt_regs *ctx)
{
	__u64 arg = 0;

	bpf_probe_read_kernel(&arg, sizeof(arg), (void *)(PT_REGS_SP(ctx) + 8));
	return arg;
}
#else
#define HOOK_PARM6(ctx) (((const struct user_pt_regs *)(ctx))->regs[5])
#define hook_parm7(ctx) (((const struct user_pt_regs *)(ctx))->regs[6])
#endif

/* What a return takes off the stack of its caller: the address that it goes to. Elsewhere that is in a register. */
#if defined(__TARGET_ARCH_x86)
#define RETURN_BYTES 8
#else
#define RETURN_BYTES 0
#endif

/* What the kprobe keeps for the kretprobe of the same call. */
static __always_inline void join_keep(struct pt_regs *ctx, __u64 hook, const struct hawk_abi_join *args)
{
	struct hawk_abi_join_key key = { bpf_get_current_task(), hook, PT_REGS_SP(ctx) };

	bpf_map_update_elem(&hawk_join, &key, args, BPF_ANY);
}

static __always_inline bool join_take(struct pt_regs *ctx, __u64 hook, __u32 event, struct hawk_abi_join *ret_args)
{
	struct hawk_abi_join_key key = { bpf_get_current_task(), hook, PT_REGS_SP(ctx) - RETURN_BYTES };
	struct hawk_abi_join *kept = bpf_map_lookup_elem(&hawk_join, &key);

	if (!kept) {
		count_lost(event);
		return false;
	}
	*ret_args = *kept;
	bpf_map_delete_elem(&hawk_join, &key);
	return true;
}

/* An argument whose type the verifier does not know may not be read from the context by name, but as memory. */
#define COPY_ARGS(a, nargs) bpf_probe_read_kernel(a, 8 * nargs, ctx)

#if defined(HAWK_TRACING)
#define TRACING_BEFORE_OPAQUE(base, nargs) \
	OWN_ARRAY(base##_fe)               \
	SEC("fentry")                      \
	int base##_fe(__u64 *ctx)          \
	{                                  \
		OWN_JUDGES(base##_fe);     \
		__u64 a[6] = { 0 };        \
                                           \
		COPY_ARGS(a, nargs);       \
		hook_##base(by, a, 0);     \
		return 0;                  \
	}
#define TRACING_AFTER_OPAQUE(base, nargs)              \
	OWN_ARRAY(base##_fx)                           \
	SEC("fexit")                                   \
	int base##_fx(__u64 *ctx)                      \
	{                                              \
		OWN_JUDGES(base##_fx);                 \
		__u64 a[6] = { 0 };                    \
                                                       \
		COPY_ARGS(a, nargs);                   \
		hook_##base(by, a, (__s64)ctx[nargs]); \
		return 0;                              \
	}
#define TRACING_BEFORE(base, nargs)                \
	OWN_ARRAY(base##_fe)                       \
	SEC("fentry")                              \
	int base##_fe(__u64 *ctx)                  \
	{                                          \
		OWN_JUDGES(base##_fe);             \
		__u64 a[6] = { CTX_ARGS_##nargs }; \
                                                   \
		hook_##base(by, a, 0);             \
		return 0;                          \
	}
#define TRACING_AFTER(base, nargs)                     \
	OWN_ARRAY(base##_fx)                           \
	SEC("fexit")                                   \
	int base##_fx(__u64 *ctx)                      \
	{                                              \
		OWN_JUDGES(base##_fx);                 \
		__u64 a[6] = { CTX_ARGS_##nargs };     \
                                                       \
		hook_##base(by, a, (__s64)ctx[nargs]); \
		return 0;                              \
	}
#define TRACING_RETURN(base, nargs)                    \
	OWN_ARRAY(base##_fx)                           \
	SEC("fexit")                                   \
	int base##_fx(__u64 *ctx)                      \
	{                                              \
		OWN_JUDGES(base##_fx);                 \
		__u64 a[6] = { 0 };                    \
                                                       \
		hook_##base(by, a, (__s64)ctx[nargs]); \
		return 0;                              \
	}
#define TRACING_AFTER_KPROBE(base, nargs)
#define HOOK(base, when, nargs, token, target) TRACING_##when(base, nargs)
#define SECURITY(base, nargs, token, hook) TRACING_BEFORE(base, nargs)

#elif defined(HAWK_LSM)
/* The verdict of the programs before is passed on. */
#define HOOK(base, when, nargs, token, target)
#define SECURITY(base, nargs, token, hook)         \
	OWN_ARRAY(base##_lsm)                      \
	SEC("lsm")                                 \
	int base##_lsm(__u64 *ctx)                 \
	{                                          \
		OWN_JUDGES(base##_lsm);            \
		__u64 a[6] = { CTX_ARGS_##nargs }; \
                                                   \
		hook_##base(by, a, 0);             \
		return (int)ctx[nargs];            \
	}

#elif defined(HAWK_KPROBE)
#define KPROBE_BEFORE(base, nargs, token)           \
	SEC("kprobe")                               \
	int base##_kp(struct pt_regs *ctx)          \
	{                                           \
		KP_JUDGES;                          \
		__u64 a[6] = { REGS_ARGS_##nargs }; \
                                                    \
		hook_##base(by, a, 0);              \
		return 0;                           \
	}
#define KPROBE_AFTER(base, nargs, token)                                            \
	SEC("kprobe")                                                               \
	int base##_kp(struct pt_regs *ctx)                                          \
	{                                                                           \
		struct hawk_abi_join args = { { REGS_ARGS_##nargs } };              \
                                                                                    \
		join_keep(ctx, HAWK_HOOK_##base##_krp, &args);                      \
		return 0;                                                           \
	}                                                                           \
	SEC("kretprobe")                                                            \
	int base##_krp(struct pt_regs *ctx)                                         \
	{                                                                           \
		KP_JUDGES;                                                          \
		struct hawk_abi_join args;                                          \
                                                                                    \
		if (join_take(ctx, HAWK_HOOK_##base##_krp, HAWK_EV_##token, &args)) \
			hook_##base(by, args.args, (__s64)PT_REGS_RC(ctx));         \
		return 0;                                                           \
	}
#define KPROBE_BEFORE_OPAQUE KPROBE_BEFORE
#define KPROBE_AFTER_OPAQUE KPROBE_AFTER
#define KPROBE_AFTER_KPROBE KPROBE_AFTER
#define KPROBE_RETURN(base, nargs, token)                   \
	SEC("kretprobe")                                    \
	int base##_krp(struct pt_regs *ctx)                 \
	{                                                   \
		KP_JUDGES;                                  \
		__u64 a[6] = { 0 };                         \
                                                            \
		hook_##base(by, a, (__s64)PT_REGS_RC(ctx)); \
		return 0;                                   \
	}
#define HOOK(base, when, nargs, token, target) KPROBE_##when(base, nargs, token)
#define SECURITY(base, nargs, token, hook) KPROBE_BEFORE(base, nargs, token)
#endif

#endif
