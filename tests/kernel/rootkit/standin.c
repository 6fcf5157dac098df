/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A stand-in for a rootkit: does to a kernel what they do, one thing at a time, so that the checks of the kernel can be
 * seen to find it. For virtual machines. Its parameter "deed" names what is done, a row of deeds[]; another one, or
 * "none", undoes that. Each hook calls what it replaces: the machine works on.
 */
#include <linux/fs.h>
#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <asm/desc.h>
#include <asm/unistd.h>

#define VECTOR 4 /* overflow: no 64-bit code raises it */

static unsigned long (*lookup)(const char *name);

/* What was overwritten: one thing at a time. */
static struct {
	void *at;
	size_t len;
	u8 bytes[sizeof(gate_desc)];
} before;

/* Writes where the kernel may only read, as rootkits do: CR0.WP binds the kernel, too (Intel SDM 3A, 2.5). */
static void overwrite(void *at, const void *with, size_t len)
{
	unsigned long flags, cr0;

	local_irq_save(flags);
	cr0 = read_cr0();
	asm volatile("mov %0, %%cr0" : : "r"(cr0 & ~X86_CR0_WP) : "memory");
	memcpy(at, with, len);
	asm volatile("mov %0, %%cr0" : : "r"(cr0) : "memory");
	local_irq_restore(flags);
}

static int replace(void *at, const void *with, size_t len)
{
	if (!at)
		return -ENOENT;
	before.at = at;
	before.len = len;
	memcpy(before.bytes, at, len);
	overwrite(at, with, len);
	return 0;
}

static void put_back(void)
{
	overwrite(before.at, before.bytes, before.len);
}

static asmlinkage long (*call_before)(const struct pt_regs *regs);

static asmlinkage long own_call(const struct pt_regs *regs)
{
	return call_before(regs);
}

static int hook_call(void)
{
	void **table = (void **)lookup("sys_call_table"), *with = own_call;

	if (!table)
		return -ENOENT;
	call_before = table[__NR_getpgid];
	return replace(&table[__NR_getpgid], &with, sizeof(with));
}

static void own_handler(void)
{
}

static int hook_interrupt(void)
{
	gate_desc *table = (gate_desc *)lookup("idt_table"), gate;
	unsigned long to = (unsigned long)own_handler;

	if (!table)
		return -ENOENT;
	gate = table[VECTOR];
	gate.offset_low = (u16)to;
	gate.offset_middle = (u16)(to >> 16);
	gate.offset_high = (u32)(to >> 32);
	return replace(&table[VECTOR], &gate, sizeof(gate));
}

static int (*iterate_before)(struct file *, struct dir_context *);

static int own_iterate(struct file *file, struct dir_context *ctx)
{
	return iterate_before(file, ctx);
}

static int hook_proc(void)
{
	struct file_operations *ops = (void *)lookup("proc_root_operations");
	void *with = own_iterate;

	if (!ops)
		return -ENOENT;
	iterate_before = ops->iterate_shared;
	return replace(&ops->iterate_shared, &with, sizeof(with));
}

static int (*show_before)(struct seq_file *, void *);

static int own_show(struct seq_file *seq, void *v)
{
	return show_before(seq, v);
}

static int hook_seq(void)
{
	struct seq_operations *ops = (void *)lookup("tcp4_seq_ops");
	void *with = own_show;

	if (!ops)
		return -ENOENT;
	show_before = ops->show;
	return replace(&ops->show, &with, sizeof(with));
}

static void own_callback(unsigned long ip, unsigned long parent, struct ftrace_ops *op, struct ftrace_regs *regs)
{
}

/* May lead a call elsewhere, which is what hooks are for; this one does not. */
static struct ftrace_ops ops = { .func = own_callback, .flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_IPMODIFY };

static int hook_function(void)
{
	char name[] = "tcp4_seq_show";
	int r = ftrace_set_filter(&ops, name, sizeof(name) - 1, 1);

	return r ? r : register_ftrace_function(&ops);
}

static void unhook_function(void)
{
	unregister_ftrace_function(&ops);
}

/* Out of the list that /proc/modules shows. */
static int hide(void)
{
	list_del(&THIS_MODULE->list);
	return 0;
}

static void show(void)
{
	list_add(&THIS_MODULE->list, (struct list_head *)lookup("modules"));
}

/* And out of that of /sys/module; its directory stays, or nobody could undo it. */
static int hide_well(void)
{
	struct kobject *own = &THIS_MODULE->mkobj.kobj;

	spin_lock(&own->kset->list_lock);
	list_del_init(&own->entry);
	spin_unlock(&own->kset->list_lock);
	return hide();
}

static void show_well(void)
{
	struct kobject *own = &THIS_MODULE->mkobj.kobj;

	spin_lock(&own->kset->list_lock);
	list_add_tail(&own->entry, &own->kset->list);
	spin_unlock(&own->kset->list_lock);
	show();
}

static int hook_function_and_hide(void)
{
	int r = hook_function();

	return r ? r : hide();
}

static void unhook_function_and_show(void)
{
	show();
	unhook_function();
}

static const struct deed {
	const char *name;
	int (*done)(void);
	void (*undone)(void);
} deeds[] = {
	{ "call", hook_call, put_back },
	{ "interrupt", hook_interrupt, put_back },
	{ "proc", hook_proc, put_back },
	{ "seq", hook_seq, put_back },
	{ "function", hook_function, unhook_function },
	{ "function-hidden", hook_function_and_hide, unhook_function_and_show },
	{ "hidden", hide, show },
	{ "hidden-well", hide_well, show_well },
};
static const struct deed *now;

static void undo(void)
{
	if (now)
		now->undone();
	now = NULL;
}

static int set_deed(const char *value, const struct kernel_param *parameter)
{
	int r;

	undo();
	if (sysfs_streq(value, "none"))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++) {
		if (!sysfs_streq(value, deeds[i].name))
			continue;
		r = deeds[i].done();
		if (!r)
			now = &deeds[i];
		return r;
	}
	return -EINVAL;
}

static int get_deed(char *text, const struct kernel_param *parameter)
{
	return sysfs_emit(text, "%s\n", now ? now->name : "none");
}

static const struct kernel_param_ops deed_ops = { .set = set_deed, .get = get_deed };
module_param_cb(deed, &deed_ops, NULL, 0600);
MODULE_PARM_DESC(deed, "what is done to the kernel");

/* Functions that are not exported are found by one that is not either, and that by a probe. */
static int __init begin(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	int r = register_kprobe(&probe);

	if (r)
		return r;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	return 0;
}

static void __exit end(void)
{
	undo();
}

module_init(begin);
module_exit(end);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("Stand-in for a rootkit, for tests of Sechawk");
