/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where system calls come from: the mappings of the code that makes them and
 * of its stack. Only the calls that the map hawk_sysrow marks are looked at.
 * Mappings are found by a helper (since 5.17), or until 6.0 by walking their
 * tree without its lock.
 */
#include "bpf/lib/hawk.h"
#include "bpf/lib/hook.h"
#include "bpf/lib/regs.h"

/*
 * Go asks for its heap at 0xc0 << 32, on arm64 at 0x40 << 32, and grows it
 * upwards (runtime/malloc.go). Neither programs nor mmap(2) get that low.
 */
#if defined(__TARGET_ARCH_x86)
#define GO_HEAP_FROM 0xc000000000ULL
#else
#define GO_HEAP_FROM 0x4000000000ULL
#endif
#define GO_HEAP_BYTES 0x4000000000ULL

/* More than twice the depth of a tree with as many mappings as a process may have (sysctl vm.max_map_count, 2^20 at most). */
#define TREE_DEPTH 48

#define ENOENT 2

struct place {
	__u64 start, end, flags;
	__u32 type;
	__u32 reserved;
};

/* Memory without operations is anonymous, whatever file it has: vma_is_anonymous(), include/linux/mm.h. */
static __always_inline void place_of(struct place *to, struct vm_area_struct *vma)
{
	to->start = BPF_CORE_READ(vma, vm_start);
	to->end = BPF_CORE_READ(vma, vm_end);
	to->flags = BPF_CORE_READ(vma, vm_flags);
	if (!BPF_CORE_READ(vma, vm_ops))
		to->type = HAWK_VMA_ANONYMOUS;
	else
		to->type = BPF_CORE_READ(vma, vm_file) ? HAWK_VMA_FILE : HAWK_VMA_SPECIAL;
}

static long on_vma(struct task_struct *task, struct vm_area_struct *vma, void *ctx)
{
	place_of(ctx, vma);
	return 0;
}

/* Both give 0, or an error when there is no mapping or it cannot be told. */
static __always_inline long find_by_helper(struct place *to, __u64 addr)
{
	return bpf_find_vma(bpf_get_current_task_btf(), addr, on_vma, to, 0);
}

static __always_inline long find_by_tree(struct place *to, __u64 addr)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct mm_struct___until_6_0 *mm = (void *)BPF_CORE_READ(task, mm);
	struct rb_node *node = BPF_CORE_READ(mm, mm_rb.rb_node);

	for (int i = 0; i < TREE_DEPTH && node; i++) {
		struct vm_area_struct *vma = (void *)((__u64)node - bpf_core_field_offset(
								    struct vm_area_struct___until_6_0, vm_rb));

		if (addr < BPF_CORE_READ(vma, vm_start)) {
			node = BPF_CORE_READ(node, rb_left);
		} else if (addr >= BPF_CORE_READ(vma, vm_end)) {
			node = BPF_CORE_READ(node, rb_right);
		} else {
			place_of(to, vma);
			return 0;
		}
	}
	return -ENOENT;
}

/* The row of call NR when it is one to look at, with what of it. */
static __always_inline struct hawk_abi_sysrow *checked_row(__u64 nr, __u32 *ret_check)
{
	struct hawk_abi_sysrow *row;
	__u32 i;

	strip_x32(&nr);
	i = (__u32)nr;
	row = nr < HAWK_SYSCALL_NR_MAX ? bpf_map_lookup_elem(&hawk_sysrow, &i) : NULL;
	if (!row || !row->check)
		return NULL;
	*ret_check = row->check & ((1 << HAWK_CHECK_COMPAT) - 1);
	if (is_compat((void *)bpf_get_current_task())) {
		*ret_check = row->check >> HAWK_CHECK_COMPAT;
		i += HAWK_SYSCALL_NR_MAX;
		row = bpf_map_lookup_elem(&hawk_sysrow, &i);
	}
	return row;
}

static __always_inline struct hawk_abi_stack *known_stack(struct task_struct *task)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct hawk_abi_stack *stack = bpf_map_lookup_elem(&hawk_stacks, &tid);

	return stack && stack->mm == (__u64)BPF_CORE_READ(task, mm) ? stack : NULL;
}

/* A stack pointer lies behind what was pushed last: at first behind the whole stack. */
static __always_inline bool has_stack(const struct place *p, __u64 sp)
{
	return p->start < sp && sp <= p->end;
}

static __always_inline __u32 type_of(const struct place *p, struct task_struct *task)
{
	struct hawk_abi_stack *known = known_stack(task);
	struct mm_struct *mm = BPF_CORE_READ(task, mm);

	if (has_stack(p, BPF_CORE_READ(mm, start_stack)))
		return HAWK_VMA_STACK;
	if (known && has_stack(p, known->sp))
		return HAWK_VMA_THREAD_STACK;
	if (p->type != HAWK_VMA_ANONYMOUS)
		return p->type;
	if (p->start < BPF_CORE_READ(mm, brk) && p->end > BPF_CORE_READ(mm, start_brk))
		return HAWK_VMA_HEAP;
	return p->start - GO_HEAP_FROM < GO_HEAP_BYTES ? HAWK_VMA_GO_HEAP : HAWK_VMA_ANONYMOUS;
}

/* Signal handlers may have a stack of their own, sigaltstack(2). */
static __always_inline bool on_signal_stack(struct task_struct *task, __u64 sp)
{
	return sp - BPF_CORE_READ(task, sas_ss_sp) <= BPF_CORE_READ(task, sas_ss_size) &&
	       BPF_CORE_READ(task, sas_ss_size);
}

/* A second thread whose begin was not seen: what it has now is taken for its stack. */
static __always_inline bool learn_stack(struct task_struct *task, __u64 sp)
{
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct hawk_abi_stack stack = {};

	if (tid == bpf_get_current_pid_tgid() >> 32 || known_stack(task))
		return false;
	stack.mm = (__u64)BPF_CORE_READ(task, mm);
	stack.sp = sp + 1;
	bpf_map_update_elem(&hawk_stacks, &tid, &stack, BPF_ANY);
	return true;
}

#define PUT_PLACE(s, TOKEN, call, place)                                              \
	({                                                                            \
		BODY(s, TOKEN)->syscall = (call)->id - HAWK_EVENT_SYSCALL_FIRST;      \
		BODY(s, TOKEN)->vma_start = (place)->start;                           \
		BODY(s, TOKEN)->vma_size = (place)->end - (place)->start;             \
		BODY(s, TOKEN)->vma_flags = (place)->flags;                           \
		BODY(s, TOKEN)->vma_type = (place)->type;                             \
	})

static __always_inline void source_event(const struct judges *by, const struct hawk_abi_sysrow *call, const struct place *p, __u64 ip)
{
	struct hawk_abi_scratch *s = BEGIN(SUSPICIOUS_SYSCALL_SOURCE);

	if (!s)
		return;
	BODY(s, SUSPICIOUS_SYSCALL_SOURCE)->ip = ip;
	PUT_PLACE(s, SUSPICIOUS_SYSCALL_SOURCE, call, p);
	EMIT(s);
}

static __always_inline void pivot_event(const struct judges *by, const struct hawk_abi_sysrow *call, const struct place *p, __u64 sp)
{
	struct hawk_abi_scratch *s = BEGIN(STACK_PIVOT);

	if (!s)
		return;
	BODY(s, STACK_PIVOT)->sp = sp;
	PUT_PLACE(s, STACK_PIVOT, call, p);
	EMIT(s);
}

typedef long (*finder)(struct place *to, __u64 addr);

static __always_inline void check_source(const struct judges *by, const struct hawk_abi_sysrow *call, struct pt_regs *regs, finder find)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 ip = user_ip(regs);
	struct place p = {};
	long r = find(&p, ip - 1);

	if (r && r != -ENOENT)
		count_lost(HAWK_EV_SUSPICIOUS_SYSCALL_SOURCE);
	if (r || p.type != HAWK_VMA_ANONYMOUS)
		return;
	p.type = type_of(&p, task);
	source_event(by, call, &p, ip);
}

/* One that points nowhere is no pivot: nothing could be taken from there. */
static __always_inline void check_stack(const struct judges *by, const struct hawk_abi_sysrow *call, struct pt_regs *regs, finder find)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_stack *known = known_stack(task);
	__u64 sp = user_sp(regs);
	struct place p = {};
	long r;

	if (on_signal_stack(task, sp) || (known && known->sp == sp))
		return;
	r = find(&p, sp);
	if (r && r != -ENOENT)
		count_lost(HAWK_EV_STACK_PIVOT);
	if (r)
		return;
	p.type = type_of(&p, task);
	if (p.type != HAWK_VMA_STACK && p.type != HAWK_VMA_THREAD_STACK && p.type != HAWK_VMA_GO_HEAP &&
	    !learn_stack(task, sp))
		pivot_event(by, call, &p, sp);
}

static __always_inline int check_call(const struct judges *by, struct bpf_raw_tracepoint_args *ctx, finder find)
{
	struct pt_regs *regs = (void *)ctx->args[0];
	struct hawk_abi_sysrow *call;
	__u32 check = 0;

	call = checked_row(ctx->args[1], &check);
	if (!call)
		return 0;
	if (check & HAWK_CHECK_SOURCE)
		check_source(by, call, regs, find);
	if (check & HAWK_CHECK_STACK)
		check_stack(by, call, regs, find);
	return 0;
}

SEC("raw_tp/sys_enter")
int sys_vma_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	return check_call(by, ctx, find_by_helper);
}

SEC("raw_tp/sys_enter")
int sys_vmatree_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	RTP_JUDGES;
	return check_call(by, ctx, find_by_tree);
}

/* The registers that a new thread begins with (copy_thread() in arch/.../kernel/process.c). */
static __always_inline struct pt_regs *first_regs(struct task_struct *child)
{
#if defined(__TARGET_ARCH_x86)
	return (void *)(BPF_CORE_READ(child, thread.sp) + bpf_core_field_offset(struct fork_frame, regs));
#else
	return (void *)BPF_CORE_READ(child, thread.cpu_context.sp);
#endif
}

/* (parent, child): the child does not run yet. */
SEC("raw_tp/sched_process_fork")
int sys_stack_rtp(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *child = (void *)ctx->args[1];
	struct hawk_abi_stack stack = {};
	__u32 tid = BPF_CORE_READ(child, pid);

	stack.mm = (__u64)BPF_CORE_READ(child, mm);
	stack.sp = user_sp(first_regs(child));
	if (stack.mm && !(BPF_CORE_READ(child, flags) & PF_KTHREAD))
		bpf_map_update_elem(&hawk_stacks, &tid, &stack, BPF_ANY);
	return 0;
}
