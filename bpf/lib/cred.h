/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bodies behind the hooks of credential, memory and signal events. */
#ifndef HAWK_BPF_CRED_H
#define HAWK_BPF_CRED_H

#include "bpf/lib/hook.h"
#include "bpf/lib/regs.h"

/* One side of COMMIT_CREDS; the sum of what both sides got tells whether they differ. */
#define PUT_CRED(b, side, cred)                                                        \
	({                                                                             \
		(b)->side##_uid = BPF_CORE_READ(cred, uid.val);                        \
		(b)->side##_gid = BPF_CORE_READ(cred, gid.val);                        \
		(b)->side##_euid = BPF_CORE_READ(cred, euid.val);                      \
		(b)->side##_egid = BPF_CORE_READ(cred, egid.val);                      \
		(b)->side##_suid = BPF_CORE_READ(cred, suid.val);                      \
		(b)->side##_sgid = BPF_CORE_READ(cred, sgid.val);                      \
		(b)->side##_fsuid = BPF_CORE_READ(cred, fsuid.val);                    \
		(b)->side##_fsgid = BPF_CORE_READ(cred, fsgid.val);                    \
		(b)->side##_user_ns = NS_INUM(BPF_CORE_READ(cred, user_ns));           \
		(b)->side##_securebits = BPF_CORE_READ(cred, securebits);              \
		/* kernel_cap_t changed its type, not its bytes: read by address */    \
		bpf_probe_read_kernel(&(b)->side##_cap_inheritable, 8, &(cred)->cap_inheritable); \
		bpf_probe_read_kernel(&(b)->side##_cap_permitted, 8, &(cred)->cap_permitted);     \
		bpf_probe_read_kernel(&(b)->side##_cap_effective, 8, &(cred)->cap_effective);     \
		bpf_probe_read_kernel(&(b)->side##_cap_bounding, 8, &(cred)->cap_bset);           \
		bpf_probe_read_kernel(&(b)->side##_cap_ambient, 8, &(cred)->cap_ambient);         \
	})
#define CRED_DIFFERS(b, member) ((b)->old_##member ^ (b)->new_##member)

HOOK_BODY(cred_commit)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct cred *new = (void *)a[0], *old = BPF_CORE_READ(task, real_cred);
	struct hawk_abi_scratch *s = BEGIN(COMMIT_CREDS);
	struct hawk_abi_COMMIT_CREDS *b;

	if (!s)
		return 0;
	b = BODY(s, COMMIT_CREDS);
	PUT_CRED(b, old, old);
	PUT_CRED(b, new, new);
	if (CRED_DIFFERS(b, uid) | CRED_DIFFERS(b, gid) | CRED_DIFFERS(b, euid) | CRED_DIFFERS(b, egid) |
	    CRED_DIFFERS(b, suid) | CRED_DIFFERS(b, sgid) | CRED_DIFFERS(b, fsuid) | CRED_DIFFERS(b, fsgid) |
	    CRED_DIFFERS(b, user_ns) | CRED_DIFFERS(b, securebits) | CRED_DIFFERS(b, cap_inheritable) |
	    CRED_DIFFERS(b, cap_permitted) | CRED_DIFFERS(b, cap_effective) | CRED_DIFFERS(b, cap_bounding) |
	    CRED_DIFFERS(b, cap_ambient))
		EMIT(s);
	else
		scratch_put(s);
	return 0;
}

static __always_inline void capable_event(const struct judges *by, struct user_namespace *ns, int cap, int ret)
{
	struct hawk_abi_scratch *s = BEGIN(CAP_CAPABLE);

	if (!s)
		return;
	BODY(s, CAP_CAPABLE)->retval = ret;
	BODY(s, CAP_CAPABLE)->cap = cap;
	BODY(s, CAP_CAPABLE)->user_ns = NS_INUM(ns);
	EMIT(s);
}

#define CAP_OPT_NOAUDIT 2 /* include/linux/security.h */

HOOK_BODY(cred_cap)
{
	if (!((__u32)a[3] & CAP_OPT_NOAUDIT))
		capable_event(by, (struct user_namespace *)a[1], (int)a[2], (int)ret);
	return 0;
}

/* The inode of NEW's namespace where it is another than OLD's, which may be gone. */
#define NS_CHANGED(old, new, member)                                                            \
	({                                                                                      \
		__u64 _old = old ? (__u64)BPF_CORE_READ(old, member) : 0;                       \
		(__u64)BPF_CORE_READ(new, member) == _old ? 0 : NS_INUM(BPF_CORE_READ(new, member)); \
	})

/* A process that ends gets none: its old ones were told of. */
HOOK_BODY(cred_ns)
{
	struct task_struct *task = (struct task_struct *)a[0];
	struct nsproxy *new = (struct nsproxy *)a[1], *old = BPF_CORE_READ(task, nsproxy);
	struct hawk_abi_scratch *s = new ? BEGIN(SWITCH_TASK_NS) : NULL;
	struct hawk_abi_SWITCH_TASK_NS *b;

	if (!s)
		return 0;
	b = BODY(s, SWITCH_TASK_NS);
	b->pid = BPF_CORE_READ(task, tgid);
	b->new_mnt = NS_CHANGED(old, new, mnt_ns);
	b->new_pid = NS_CHANGED(old, new, pid_ns_for_children);
	b->new_uts = NS_CHANGED(old, new, uts_ns);
	b->new_ipc = NS_CHANGED(old, new, ipc_ns);
	b->new_net = NS_CHANGED(old, new, net_ns);
	b->new_cgroup = NS_CHANGED(old, new, cgroup_ns);
	b->new_time = 0;
	if (bpf_core_field_exists(new->time_ns_for_children))
		b->new_time = NS_CHANGED(old, new, time_ns_for_children);
	if (b->new_mnt | b->new_pid | b->new_uts | b->new_ipc | b->new_net | b->new_cgroup | b->new_time)
		EMIT(s);
	else
		scratch_put(s);
	return 0;
}

#define PR_SET_NAME 15 /* include/uapi/linux/prctl.h */
#define PR_SET_VMA 0x53564d41

HOOK_BODY(cred_prctl)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct hawk_abi_scratch *s = BEGIN(SECURITY_TASK_PRCTL);
	struct hawk_abi_SECURITY_TASK_PRCTL *b;
	__s32 option = (__s32)a[0];
	__u64 name = option == PR_SET_NAME ? a[1] : option == PR_SET_VMA ? a[4] : 0;

	if (!s)
		return 0;
	b = BODY(s, SECURITY_TASK_PRCTL);
	b->arg2 = a[1];
	b->arg3 = a[2];
	b->arg4 = a[3];
	b->arg5 = a[4];
	b->option = option;
	b->old_securebits = BPF_CORE_READ(task, real_cred, securebits);
	put_user_str(s, VAR_OF(s, SECURITY_TASK_PRCTL, name), (void *)name);
	if (!name)
		VAR_OF(s, SECURITY_TASK_PRCTL, name)->info = HAWK_VAR_ABSENT;
	EMIT(s);
	return 0;
}

#define TASK_START(task) BPF_CORE_READ(task, group_leader, start_boottime)

HOOK_BODY(cred_rlim)
{
	struct task_struct *target = (struct task_struct *)a[0];
	struct hawk_abi_scratch *s = BEGIN(SECURITY_TASK_SETRLIMIT);
	struct hawk_abi_SECURITY_TASK_SETRLIMIT *b;
	struct rlimit limit = {};

	if (!s)
		return 0;
	bpf_probe_read_kernel(&limit, sizeof(limit), (void *)a[2]);
	b = BODY(s, SECURITY_TASK_SETRLIMIT);
	b->new_rlim_cur = limit.rlim_cur;
	b->new_rlim_max = limit.rlim_max;
	b->target_start_time = TASK_START(target);
	b->target_host_pid = BPF_CORE_READ(target, tgid);
	b->resource = (__u32)a[1];
	put_kernel_str(s, VAR_OF(s, SECURITY_TASK_SETRLIMIT, target_comm), &target->comm);
	EMIT(s);
	return 0;
}

static __always_inline __u8 handle_method(__u64 handler)
{
	return handler > 1 ? 2 : handler; /* SIG_DFL, SIG_IGN: include/uapi/asm-generic/signal-defs.h */
}

#define PUT_SIGACTION(b, side, act)                                                    \
	({                                                                             \
		(b)->side##sa_handler_address = (__u64)BPF_CORE_READ(act, sa.sa_handler);      \
		(b)->side##sa_flags = BPF_CORE_READ(act, sa.sa_flags);                 \
		(b)->side##sa_mask = 0;                                                \
		bpf_probe_read_kernel(&(b)->side##sa_mask, 8, &(act)->sa.sa_mask);     \
		(b)->side##sa_handle_method = handle_method((b)->side##sa_handler_address);    \
	})

HOOK_BODY(cred_sigact)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct sighand_struct *sighand = BPF_CORE_READ(task, sighand);
	struct hawk_abi_scratch *s = BEGIN(DO_SIGACTION);
	__u32 at = ((__u32)a[0] - 1) & 63;
	struct k_sigaction *new = (void *)a[1], *old;
	struct hawk_abi_DO_SIGACTION *b;

	if (!s)
		return 0;
	old = (void *)((__u64)&sighand->action + at * bpf_core_type_size(struct k_sigaction));
	b = BODY(s, DO_SIGACTION);
	b->sig = (__s32)a[0];
	b->is_sa_initialized = new != NULL;
	b->sa_flags = b->sa_mask = b->sa_handler_address = 0;
	b->sa_handle_method = 0;
	b->is_old_sa_initialized = a[2] != 0;
	if (new)
		PUT_SIGACTION(b, , new);
	PUT_SIGACTION(b, old_, old);
	EMIT(s);
	return 0;
}

HOOK_BODY(cred_ptrace)
{
	struct task_struct *target = (struct task_struct *)a[0];
	struct hawk_abi_SECURITY_PTRACE_ACCESS_CHECK *b;
	struct hawk_abi_scratch *s;
	__u32 tgid = BPF_CORE_READ(target, tgid);

	if (tgid == bpf_get_current_pid_tgid() >> 32)
		return 0;
	s = BEGIN(SECURITY_PTRACE_ACCESS_CHECK);
	if (!s)
		return 0;
	b = BODY(s, SECURITY_PTRACE_ACCESS_CHECK);
	b->target_start_time = TASK_START(target);
	b->target_pid = tgid;
	b->target_tid = BPF_CORE_READ(target, pid);
	b->target_uid = BPF_CORE_READ(target, real_cred, uid.val);
	b->mode = (__u32)a[1];
	put_kernel_str(s, VAR_OF(s, SECURITY_PTRACE_ACCESS_CHECK, target_comm), &target->comm);
	EMIT(s);
	return 0;
}

HOOK_BODY(cred_trace)
{
	struct task_struct *parent = (struct task_struct *)a[0];
	struct hawk_abi_scratch *s = BEGIN(SECURITY_PTRACE_TRACEME);
	struct hawk_abi_SECURITY_PTRACE_TRACEME *b;

	if (!s)
		return 0;
	b = BODY(s, SECURITY_PTRACE_TRACEME);
	b->parent_start_time = TASK_START(parent);
	b->parent_pid = BPF_CORE_READ(parent, tgid);
	b->reserved = 0;
	put_kernel_str(s, VAR_OF(s, SECURITY_PTRACE_TRACEME, parent_comm), &parent->comm);
	EMIT(s);
	return 0;
}

HOOK_BODY(cred_mem)
{
	struct inode *inode = (struct inode *)a[0];
	struct proc_inode *proc = (void *)((__u64)inode - bpf_core_field_offset(struct proc_inode, vfs_inode));
	struct hawk_abi_scratch *s = BEGIN(PROC_MEM_ACCESS);
	struct file *file = (struct file *)a[1];
	struct pid *pid;

	if (!s)
		return 0;
	pid = BPF_CORE_READ(proc, pid);
	BODY(s, PROC_MEM_ACCESS)->retval = (int)ret;
	BODY(s, PROC_MEM_ACCESS)->target_pid = BPF_CORE_READ(pid, numbers[0].nr);
	BODY(s, PROC_MEM_ACCESS)->flags = BPF_CORE_READ(file, f_flags);
	EMIT(s);
	return 0;
}

/* Of MEM_PROT_ALERT and SECURITY_FILE_MPROTECT. */
#define PUT_MAPPED_FILE(s, TOKEN, file)                                                                  \
	({                                                                                               \
		struct hawk_abi_##TOKEN *_b = BODY(s, TOKEN);                                            \
		struct inode *_inode = file ? BPF_CORE_READ(file, f_inode) : NULL;                       \
                                                                                                         \
		_b->inode = _b->ctime = 0;                                                               \
		_b->dev = 0;                                                                             \
		VAR_OF(s, TOKEN, pathname)->len = 0;                                                     \
		VAR_OF(s, TOKEN, pathname)->info = HAWK_PATH_ABSENT;                                     \
		if (_inode) {                                                                            \
			_b->inode = BPF_CORE_READ(_inode, i_ino);                                        \
			_b->ctime = inode_ctime(_inode);                                                 \
			_b->dev = BPF_CORE_READ(_inode, i_sb, s_dev);                                    \
			put_file_path(s, VAR_OF(s, TOKEN, pathname), file, (void *)bpf_get_current_task()); \
		}                                                                                        \
	})

enum { PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4, PROT_RWX = 7 }; /* and VM_READ, VM_WRITE, VM_EXEC */

/* What mprotect is about, and where a hook within it is. */
struct range {
	__u64 addr, len;
	__s32 pkey;
};

#if defined(__TARGET_ARCH_x86)
enum { NR_MPROTECT = 10, NR_PKEY_MPROTECT = 329 }; /* asm/unistd_64.h */
#else
enum { NR_MPROTECT = 226, NR_PKEY_MPROTECT = 288 }; /* asm-generic/unistd.h */
#endif
#define PAGE_BYTES 4096ULL

/* The part of VMA that the current call is about; the whole one when the call is not known. */
static __always_inline void mprotect_range(struct range *range, struct vm_area_struct *vma)
{
	__u64 start = BPF_CORE_READ(vma, vm_start), end = BPF_CORE_READ(vma, vm_end);
	struct pt_regs *regs = current_regs();
	__u64 nr = syscall_nr(regs), args[6], last;

	range->pkey = -1;
	if ((nr == NR_MPROTECT || nr == NR_PKEY_MPROTECT) && !is_compat((void *)bpf_get_current_task())) {
		syscall_args(args, regs, false);
		last = args[0] + ((args[1] + PAGE_BYTES - 1) & -PAGE_BYTES);
		start = args[0] > start ? args[0] : start;
		end = last < end ? last : end;
		if (nr == NR_PKEY_MPROTECT)
			range->pkey = (__s32)args[3];
	}
	range->addr = start;
	range->len = end - start;
}

static __always_inline void alert_event(const struct judges *by, __u32 alert, struct file *file, __u32 prot, struct vm_area_struct *vma)
{
	struct hawk_abi_scratch *s = BEGIN(MEM_PROT_ALERT);
	struct hawk_abi_MEM_PROT_ALERT *b;
	struct range range;

	if (!s)
		return;
	mprotect_range(&range, vma);
	b = BODY(s, MEM_PROT_ALERT);
	b->alert = alert;
	b->prot = prot;
	b->addr = range.addr;
	b->len = range.len;
	b->prev_prot = BPF_CORE_READ(vma, vm_flags) & PROT_RWX;
	PUT_MAPPED_FILE(s, MEM_PROT_ALERT, file);
	EMIT(s);
}

HOOK_BODY(cred_wxmap)
{
	struct hawk_abi_MEM_PROT_ALERT *b;
	struct file *file = (struct file *)a[0];
	struct hawk_abi_scratch *s;

	if ((a[3] & (PROT_WRITE | PROT_EXEC)) != (PROT_WRITE | PROT_EXEC) || (__u64)ret >= (__u64)-4095)
		return 0;
	s = BEGIN(MEM_PROT_ALERT);
	if (!s)
		return 0;
	b = BODY(s, MEM_PROT_ALERT);
	b->alert = HAWK_ALERT_MAP_WX;
	b->prot = a[3] & PROT_RWX;
	b->prev_prot = 0;
	b->addr = ret;
	b->len = a[2];
	PUT_MAPPED_FILE(s, MEM_PROT_ALERT, file);
	EMIT(s);
	return 0;
}

static __always_inline __u32 prot_alert(__u32 prev, __u32 prot)
{
	if (!(prot & PROT_EXEC))
		return 0;
	if (prev & PROT_WRITE && !(prot & PROT_WRITE))
		return HAWK_ALERT_W_TO_X;
	if (!(prev & PROT_EXEC))
		return HAWK_ALERT_ADD_X;
	return prot & PROT_WRITE && !(prev & PROT_WRITE) ? HAWK_ALERT_X_TO_WX : 0;
}

/* int security_file_mprotect(struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot) */
HOOK_BODY(cred_wxprot)
{
	struct vm_area_struct *vma = (struct vm_area_struct *)a[0];
	__u32 alert = prot_alert(BPF_CORE_READ(vma, vm_flags), (__u32)a[1]);

	if (alert)
		alert_event(by, alert, BPF_CORE_READ(vma, vm_file), a[1] & PROT_RWX, vma);
	return 0;
}

HOOK_BODY(cred_mprot)
{
	struct vm_area_struct *vma = (struct vm_area_struct *)a[0];
	struct file *file = BPF_CORE_READ(vma, vm_file);
	struct hawk_abi_scratch *s = BEGIN(SECURITY_FILE_MPROTECT);
	struct hawk_abi_SECURITY_FILE_MPROTECT *b;
	struct range range;

	if (!s)
		return 0;
	mprotect_range(&range, vma);
	b = BODY(s, SECURITY_FILE_MPROTECT);
	b->addr = range.addr;
	b->len = range.len;
	b->prot = (__u32)a[1];
	b->prev_prot = BPF_CORE_READ(vma, vm_flags) & PROT_RWX;
	b->pkey = range.pkey;
	PUT_MAPPED_FILE(s, SECURITY_FILE_MPROTECT, file);
	EMIT(s);
	return 0;
}

#endif
