/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files that become memory or programs. */
#ifndef HAWK_BPF_FILE_EXEC_H
#define HAWK_BPF_FILE_EXEC_H

#include "bpf/lib/argv.h"
#include "bpf/lib/fd.h"

/* int security_mmap_file(struct file *file, unsigned long prot, unsigned long flags) */
HOOK_BODY(file_mmap)
{
	struct file *file = (void *)a[0];
	struct hawk_abi_scratch *s;

	if (!file)
		return 0;
	s = FILE_BEGIN_INODE(SECURITY_MMAP_FILE, BPF_CORE_READ(file, f_inode));
	if (!s)
		return 0;
	BODY(s, SECURITY_MMAP_FILE)->prot = a[1];
	BODY(s, SECURITY_MMAP_FILE)->mmap_flags = a[2];
	BODY(s, SECURITY_MMAP_FILE)->flags = BPF_CORE_READ(file, f_flags);
	FILE_FILE(s, SECURITY_MMAP_FILE, pathname, a[0]);
	EMIT(s);
	return 0;
}

#define SOLIB_EXEC 4 /* PROT_EXEC, include/uapi/asm-generic/mman-common.h */

static __always_inline void solib_fill(struct hawk_abi_scratch *s, struct file *file)
{
	FILE_INODE(s, SHARED_OBJECT_LOADED, BPF_CORE_READ(file, f_inode));
	BODY(s, SHARED_OBJECT_LOADED)->flags = BPF_CORE_READ(file, f_flags);
	FILE_FILE(s, SHARED_OBJECT_LOADED, pathname, file);
}

/* An exec maps the program and its interpreter before it says where the code is (load_elf_binary, fs/binfmt_elf.c). */
HOOK_BODY(file_solib)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file *file = (void *)a[0];
	struct hawk_abi_scratch *s;

	if (!file || !(a[1] & SOLIB_EXEC) || !BPF_CORE_READ(task, mm, start_code))
		return 0;
	s = BEGIN(SHARED_OBJECT_LOADED);
	if (!s)
		return 0;
	solib_fill(s, file);
	EMIT(s);
	return 0;
}

static __always_inline int mapped(const struct judges *by, const __u64 *a, __s64 ret)
{
	struct file *file = (void *)a[0];
	struct hawk_abi_DO_MMAP *b;
	struct hawk_abi_scratch *s;

	if (!file)
		return 0;
	s = FILE_BEGIN_INODE(DO_MMAP, BPF_CORE_READ(file, f_inode));
	if (!s)
		return 0;
	b = BODY(s, DO_MMAP);
	b->addr = ret;
	b->len = a[2];
	b->prot = a[3];
	b->mmap_flags = a[4];
	b->pgoff = a[5];
	b->flags = BPF_CORE_READ(file, f_flags);
	FILE_FILE(s, DO_MMAP, pathname, a[0]);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_domap)
{
	return mapped(by, a, ret);
}

HOOK_BODY(file_domap8)
{
	return mapped(by, a, ret);
}

HOOK_BODY(file_interp)
{
	struct file *file = (void *)ret;
	struct hawk_abi_scratch *s;

	if (is_err(ret))
		return 0;
	s = FILE_BEGIN_INODE(LOAD_ELF_PHDRS, BPF_CORE_READ(file, f_inode));
	if (!s)
		return 0;
	FILE_FILE(s, LOAD_ELF_PHDRS, pathname, file);
	EMIT(s);
	return 0;
}

#define EXEC_ARRAYS(s, TOKEN) put_exec_arrays((s)->slot, FILE_VAR_AT(TOKEN, argv), FILE_VAR_AT(TOKEN, env))
#define NO_EXEC_ARRAYS(s, TOKEN)                                                               \
	({                                                                                     \
		*VAR_OF(s, TOKEN, argv) = (struct hawk_abi_var){ .info = HAWK_VAR_ABSENT };    \
		*VAR_OF(s, TOKEN, env) = (struct hawk_abi_var){ .info = HAWK_VAR_ABSENT };     \
	})

HOOK_BODY(file_bprm)
{
	struct linux_binprm *bprm = (void *)a[0];
	struct file *file = BPF_CORE_READ(bprm, file);
	struct hawk_abi_scratch *s = FILE_BEGIN_INODE(SECURITY_BPRM_CHECK, BPF_CORE_READ(file, f_inode));

	if (!s)
		return 0;
	FILE_FILE(s, SECURITY_BPRM_CHECK, pathname, file);
	put_kernel_str(s, VAR_OF(s, SECURITY_BPRM_CHECK, cmdpath), BPF_CORE_READ(bprm, filename));
	put_kernel_str(s, VAR_OF(s, SECURITY_BPRM_CHECK, interp), BPF_CORE_READ(bprm, interp));
	EXEC_ARRAYS(s, SECURITY_BPRM_CHECK);
	EMIT(s);
	return 0;
}

/* What the exec that fails was asked with, and by whom. */
SHARED int exec_failed_call(__u32 slot)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct pt_regs *regs = (void *)UNTYPED(current_regs());
	struct hawk_abi_scratch *s = scratch_of(slot);
	struct file *in = file_of_fd(task, 0);
	struct hawk_abi_PROCESS_EXECUTE_FAILED *b;
	bool compat = is_compat(task);
	__u64 nr = syscall_nr(regs);

	if (!s)
		return 0;
	strip_x32(&nr);
	b = BODY(s, PROCESS_EXECUTE_FAILED);
	b->dirfd = AT_FDCWD;
	b->flags = 0;
	if (exec_argv_index((__s32)nr, compat) == 2) {
		b->dirfd = (__s32)first_arg(regs, compat);
		b->flags = (__u32)syscall_arg(regs, compat, 4);
	}
	b->stdin_type = in ? BPF_CORE_READ(in, f_inode, i_mode) & S_IFMT : 0;
	b->kernel_invoked = started_by_kernel(task);
	b->reserved2 = b->reserved3 = 0;
	put_stdin(slot, FILE_VAR_AT(PROCESS_EXECUTE_FAILED, stdin_path));
	return 0;
}

static __always_inline int exec_failed(const struct judges *by, struct linux_binprm *bprm, __s32 ret)
{
	struct file *file = BPF_CORE_READ(bprm, file);
	struct hawk_abi_scratch *s;

	if (ret >= 0 || is_err((__u64)file))
		return 0;
	s = FILE_BEGIN_INODE(PROCESS_EXECUTE_FAILED, BPF_CORE_READ(file, f_inode));
	if (!s)
		return 0;
	BODY(s, PROCESS_EXECUTE_FAILED)->retval = ret;
	put_kernel_str(s, VAR_OF(s, PROCESS_EXECUTE_FAILED, pathname), BPF_CORE_READ(bprm, filename));
	FILE_FILE(s, PROCESS_EXECUTE_FAILED, binary_path, file);
	put_kernel_str(s, VAR_OF(s, PROCESS_EXECUTE_FAILED, interpreter_path), BPF_CORE_READ(bprm, interp));
	exec_failed_call(s->slot);
	if (BPF_CORE_READ_BITFIELD_PROBED(bprm, point_of_no_return)) /* the memory of the caller is gone */
		NO_EXEC_ARRAYS(s, PROCESS_EXECUTE_FAILED);
	else
		EXEC_ARRAYS(s, PROCESS_EXECUTE_FAILED);
	EMIT(s);
	return 0;
}

HOOK_BODY(file_exfail)
{
	return exec_failed(by, (void *)a[0], (__s32)ret);
}

HOOK_BODY(file_exfai4)
{
	return exec_failed(by, (void *)a[0], (__s32)ret);
}

#endif
