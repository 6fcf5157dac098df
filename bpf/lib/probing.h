/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The bodies behind the hooks of BPF, of probes, and of what drivers register. */
#ifndef HAWK_BPF_PROBING_H
#define HAWK_BPF_PROBING_H

#include "bpf/lib/kern.h"

HOOK_BODY(kern_bpf)
{
	struct hawk_abi_scratch *s = BEGIN(SECURITY_BPF);

	if (!s)
		return 0;
	BODY(s, SECURITY_BPF)->cmd = (__u32)a[0];
	BODY(s, SECURITY_BPF)->size = (__u32)a[2];
	EMIT(s);
	return 0;
}

HOOK_BODY(kern_map)
{
	struct hawk_abi_scratch *s = BEGIN(SECURITY_BPF_MAP);
	struct bpf_map *map = (struct bpf_map *)a[0];

	if (!s)
		return 0;
	BODY(s, SECURITY_BPF_MAP)->map_id = BPF_CORE_READ(map, id);
	BODY(s, SECURITY_BPF_MAP)->map_type = BPF_CORE_READ(map, map_type);
	put_kernel_str(s, VAR_OF(s, SECURITY_BPF_MAP, map_name), &map->name);
	EMIT(s);
	return 0;
}

HOOK_BODY(kern_prog)
{
	struct hawk_abi_scratch *s = BEGIN(SECURITY_BPF_PROG);
	struct bpf_prog *prog = (struct bpf_prog *)a[0];
	struct hawk_abi_SECURITY_BPF_PROG *b;
	struct bpf_prog_aux *aux;
	__u64 tag = 0;

	if (!s)
		return 0;
	aux = BPF_CORE_READ(prog, aux);
	bpf_probe_read_kernel(&tag, sizeof(tag), &prog->tag);
	b = BODY(s, SECURITY_BPF_PROG);
	b->tag = __builtin_bswap64(tag); /* as bpftool shows its bytes */
	b->type = BPF_CORE_READ(prog, type);
	b->attach_type = BPF_CORE_READ(prog, expected_attach_type);
	b->id = BPF_CORE_READ(aux, id);
	b->load = BPF_CORE_READ(aux, refcnt.counter) == 1; /* a second descriptor has a reference more, bpf_prog_load() */
	b->reserved = 0;
	b->reserved2 = 0;
	put_kernel_str(s, VAR_OF(s, SECURITY_BPF_PROG, name), &aux->name);
	put_kernel_str(s, VAR_OF(s, SECURITY_BPF_PROG, function), BPF_CORE_READ(aux, attach_func_name));
	EMIT(s);
	return 0;
}

/*
 * Name of what a perf event watches: a tracepoint, or the event of a kprobe or
 * uprobe. The flag that tells the two apart moved about; but the first word of a
 * struct tracepoint is the address of its name, and no string begins like one.
 */
static __always_inline const char *perf_event_name(struct perf_event *event)
{
	struct trace_event_call *call = BPF_CORE_READ(event, tp_event);
	const char *name = call ? BPF_CORE_READ(call, name) : NULL;
	__u64 first = 0;

	if (!name || bpf_probe_read_kernel(&first, sizeof(first), name))
		return NULL;
	return first >> 48 == 0xffff ? (const char *)first : name;
}

enum { LINK_RAW_TRACEPOINT = 1, LINK_PERF_EVENT = 7 }; /* enum bpf_link_type, include/uapi/linux/bpf.h */

/*
 * The links of raw tracepoints and perf events have one more word, types that
 * BTF lacks: struct bpf_raw_event_map (whose first word is the tracepoint), and
 * the file of the perf event (kernel/bpf/syscall.c).
 */
static __always_inline const char *link_symbol(struct bpf_link *link, struct bpf_prog_aux *aux)
{
	__u32 type = BPF_CORE_READ(link, type);
	struct perf_event *event;
	struct tracepoint *tp = NULL;
	struct file *file;
	__u64 word = 0;

	if (type != LINK_RAW_TRACEPOINT && type != LINK_PERF_EVENT)
		return BPF_CORE_READ(aux, attach_func_name);
	bpf_probe_read_kernel(&word, sizeof(word), (void *)((__u64)link + bpf_core_type_size(struct bpf_link)));
	if (type == LINK_RAW_TRACEPOINT) {
		bpf_probe_read_kernel(&tp, sizeof(tp), (void *)word);
		return BPF_CORE_READ(tp, name);
	}
	file = (struct file *)word;
	event = BPF_CORE_READ(file, private_data);
	return perf_event_name(event);
}

static __always_inline void attach_event(const struct judges *by, struct bpf_prog *prog, __u32 link_type, const char *symbol)
{
	struct hawk_abi_scratch *s = BEGIN(BPF_ATTACH);
	struct hawk_abi_BPF_ATTACH *b;
	struct bpf_prog_aux *aux;

	if (!s)
		return;
	aux = BPF_CORE_READ(prog, aux);
	b = BODY(s, BPF_ATTACH);
	b->prog_type = BPF_CORE_READ(prog, type);
	b->prog_id = BPF_CORE_READ(aux, id);
	b->link_type = link_type;
	b->attach_type = BPF_CORE_READ(prog, expected_attach_type);
	put_kernel_str(s, VAR_OF(s, BPF_ATTACH, prog_name), &aux->name);
	put_kernel_str(s, VAR_OF(s, BPF_ATTACH, symbol_name), symbol);
	EMIT(s);
}

HOOK_BODY(kern_link)
{
	struct bpf_link *link = (struct bpf_link *)a[0];
	struct bpf_prog *prog = BPF_CORE_READ(link, prog);

	if (prog)
		attach_event(by, prog, BPF_CORE_READ(link, type), link_symbol(link, BPF_CORE_READ(prog, aux)));
	return 0;
}

#define PERF_EVENT_IOC_SET_BPF 0x40042408 /* include/uapi/linux/perf_event.h */

/* A perf event is a file without a directory, whose name is [perf_event] (anon_inode_getfile). */
static __always_inline bool is_perf_event(struct file *file)
{
	struct dentry *dentry = NULL;
	__u64 name[2] = {};

	bpf_probe_read_kernel(&dentry, sizeof(dentry), &file->f_path.dentry);
	bpf_probe_read_kernel(name, 12, BPF_CORE_READ(dentry, d_name.name));
	return name[0] == 0x76655f667265705bULL && name[1] == 0x5d746e65ULL; /* "[perf_ev" "ent]" */
}

HOOK_BODY(kern_ioctl)
{
	struct file *file = (struct file *)a[0], *prog_file;
	struct perf_event *event;
	struct bpf_prog *prog;

	if ((__u32)a[1] != PERF_EVENT_IOC_SET_BPF || !is_perf_event(file))
		return 0;
	prog_file = file_of_fd((void *)bpf_get_current_task(), a[2]);
	if (!prog_file)
		return 0;
	event = BPF_CORE_READ(file, private_data);
	prog = BPF_CORE_READ(prog_file, private_data);
	attach_event(by, prog, 0, perf_event_name(event));
	return 0;
}

HOOK_BODY(kern_perf)
{
	struct perf_event *event = (struct perf_event *)a[0];
	struct hawk_abi_scratch *s = BEGIN(SECURITY_PERF_EVENT_ALLOC);
	struct hawk_abi_SECURITY_PERF_EVENT_ALLOC *b;
	struct task_struct *target;

	if (!s)
		return 0;
	target = BPF_CORE_READ(event, hw.target);
	b = BODY(s, SECURITY_PERF_EVENT_ALLOC);
	b->config = BPF_CORE_READ(event, attr.config);
	b->type = BPF_CORE_READ(event, attr.type);
	b->cpu = BPF_CORE_READ(event, cpu);
	b->target_pid = target ? BPF_CORE_READ(target, tgid) : 0;
	b->target_tid = target ? BPF_CORE_READ(target, pid) : 0;
	EMIT(s);
	return 0;
}

HOOK_BODY(kern_kprobe)
{
	struct kprobe *probe = (struct kprobe *)a[0];
	struct hawk_abi_scratch *s = (int)ret == 0 ? BEGIN(KPROBE_ATTACH) : NULL;
	struct hawk_abi_KPROBE_ATTACH *b;

	if (!s)
		return 0;
	b = BODY(s, KPROBE_ATTACH);
	b->addr = (__u64)BPF_CORE_READ(probe, addr);
	b->pre_handler_addr = (__u64)BPF_CORE_READ(probe, pre_handler);
	b->post_handler_addr = (__u64)BPF_CORE_READ(probe, post_handler);
	b->offset = BPF_CORE_READ(probe, offset);
	put_kernel_str(s, VAR_OF(s, KPROBE_ATTACH, symbol_name), BPF_CORE_READ(probe, symbol_name));
	EMIT(s);
	return 0;
}

/* Any name of an inode. */
static __always_inline struct dentry *dentry_of(struct inode *inode)
{
	struct hlist_node *first = BPF_CORE_READ(inode, i_dentry.first);
	struct dentry___since_7_0 *new = NULL;

	if (!first)
		return NULL;
	if (bpf_core_field_exists(new->d_alias))
		return (void *)((__u64)first - bpf_core_field_offset(struct dentry___since_7_0, d_alias));
	return (void *)((__u64)first - bpf_core_field_offset(struct dentry___until_6_18, d_u.d_alias));
}

HOOK_BODY(kern_uprobe)
{
	struct uprobe_consumer *consumer = (struct uprobe_consumer *)a[3];
	struct hawk_abi_scratch *s = BEGIN(UPROBE_REGISTER);
	struct inode *inode = (struct inode *)a[0];
	struct hawk_abi_UPROBE_REGISTER *b;

	if (!s)
		return 0;
	b = BODY(s, UPROBE_REGISTER);
	b->inode = BPF_CORE_READ(inode, i_ino);
	b->offset = a[1];
	b->ref_ctr_offset = a[2];
	b->handler = (__u64)BPF_CORE_READ(consumer, handler);
	b->ret_handler = (__u64)BPF_CORE_READ(consumer, ret_handler);
	b->dev = BPF_CORE_READ(inode, i_sb, s_dev);
	b->reserved = 0;
	put_dentry_path(s, VAR_OF(s, UPROBE_REGISTER, pathname), dentry_of(inode));
	EMIT(s);
	return 0;
}

static __always_inline void debugfs_event(const struct judges *by, const __u64 *a, __u64 ops)
{
	struct hawk_abi_scratch *s = BEGIN(DEBUGFS_CREATE_FILE);
	struct hawk_abi_DEBUGFS_CREATE_FILE *b;
	struct dentry *parent = (struct dentry *)a[2];

	if (!s)
		return;
	b = BODY(s, DEBUGFS_CREATE_FILE);
	b->proc_ops_addr = ops;
	b->mode = (__u16)a[1];
	b->reserved = 0;
	b->reserved2 = 0;
	put_kernel_str(s, VAR_OF(s, DEBUGFS_CREATE_FILE, file_name), (void *)a[0]);
	put_dentry_path(s, VAR_OF(s, DEBUGFS_CREATE_FILE, path), is_error((__u64)parent) ? NULL : parent);
	EMIT(s);
}

HOOK_BODY(kern_dbgf)
{
	debugfs_event(by, a, a[5]);
	return 0;
}

HOOK_BODY(kern_dbgf7)
{
	debugfs_event(by, a, 0);
	return 0;
}

HOOK_BODY(kern_dbgdir)
{
	struct hawk_abi_scratch *s = BEGIN(DEBUGFS_CREATE_DIR);
	struct dentry *parent = (struct dentry *)a[1];

	if (!s)
		return 0;
	BODY(s, DEBUGFS_CREATE_DIR)->retval = is_error(ret) ? ret : 0;
	put_kernel_str(s, VAR_OF(s, DEBUGFS_CREATE_DIR, name), (void *)a[0]);
	put_dentry_path(s, VAR_OF(s, DEBUGFS_CREATE_DIR, path), is_error((__u64)parent) ? NULL : parent);
	EMIT(s);
	return 0;
}

HOOK_BODY(kern_proc)
{
	struct hawk_abi_scratch *s = BEGIN(PROC_CREATE);

	if (!s)
		return 0;
	BODY(s, PROC_CREATE)->proc_ops_addr = a[3];
	BODY(s, PROC_CREATE)->mode = (__u16)a[1];
	BODY(s, PROC_CREATE)->reserved = 0;
	BODY(s, PROC_CREATE)->reserved2 = 0;
	put_kernel_str(s, VAR_OF(s, PROC_CREATE, name), (void *)a[0]);
	EMIT(s);
	return 0;
}

static __always_inline const char *device_name(struct device *dev)
{
	const char *name = BPF_CORE_READ(dev, init_name);

	return name ? name : BPF_CORE_READ(dev, kobj.name); /* dev_name(), include/linux/device.h */
}

HOOK_BODY(kern_device)
{
	struct device *dev = (struct device *)a[0], *parent = BPF_CORE_READ(dev, parent);
	struct hawk_abi_scratch *s = BEGIN(DEVICE_ADD);

	if (!s)
		return 0;
	BODY(s, DEVICE_ADD)->retval = (int)ret;
	BODY(s, DEVICE_ADD)->devt = BPF_CORE_READ(dev, devt);
	BODY(s, DEVICE_ADD)->reserved = 0;
	put_kernel_str(s, VAR_OF(s, DEVICE_ADD, name), device_name(dev));
	put_kernel_str(s, VAR_OF(s, DEVICE_ADD, parent_name), parent ? device_name(parent) : NULL);
	EMIT(s);
	return 0;
}

HOOK_BODY(kern_chrdev)
{
	struct hawk_abi_scratch *s = BEGIN(REGISTER_CHRDEV);
	struct hawk_abi_REGISTER_CHRDEV *b;
	__u32 major = (__u32)a[0];

	if (!s)
		return 0;
	b = BODY(s, REGISTER_CHRDEV);
	b->retval = (int)ret;
	b->char_device_fops = a[4];
	b->requested_major_number = major;
	b->granted_major_number = (int)ret < 0 ? 0 : major ? major : (__u32)ret;
	put_kernel_str(s, VAR_OF(s, REGISTER_CHRDEV, char_device_name), (void *)a[3]);
	EMIT(s);
	return 0;
}

HOOK_BODY(kern_ksym)
{
	struct hawk_abi_scratch *s = BEGIN(KALLSYMS_LOOKUP_NAME);

	if (!s)
		return 0;
	BODY(s, KALLSYMS_LOOKUP_NAME)->symbol_address = ret;
	put_kernel_str(s, VAR_OF(s, KALLSYMS_LOOKUP_NAME, symbol_name), (void *)a[0]);
	EMIT(s);
	return 0;
}

#endif
