/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/integrity/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/cleanup.h"

#define MUST(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "%s:%d: %s: %m\n", __FILE__, __LINE__, #condition); \
		abort(); \
	} \
} while (0)

static uint8_t *at(struct kernel *k, uint64_t address, size_t len)
{
	if (address >= KERNEL_IDT && address - KERNEL_IDT + len <= sizeof(k->idt))
		return k->idt + (address - KERNEL_IDT);
	if (address >= KERNEL_DATA && address - KERNEL_DATA + len <= sizeof(k->data))
		return k->data + (address - KERNEL_DATA);
	for (int i = 0; i < MODULES; i++)
		if (address >= MODULE_DATA(i) && address - MODULE_DATA(i) + len <= sizeof(k->module_data[i]))
			return k->module_data[i] + (address - MODULE_DATA(i));
	return NULL;
}

static int read_memory(void *ctx, uint64_t address, void *to, size_t len)
{
	struct kernel *k = ctx;
	uint8_t *from = at(k, address, len);

	MUST(len <= HAWK_KMEM_READ_MAX);
	if (k->reads_left && --k->reads_left == 0)
		kernel_set(k, k->repair, k->repaired);
	if (!from)
		return -EFAULT;
	memcpy(to, from, len);
	return 0;
}

uint64_t kernel_alloc(struct kernel *k, size_t size)
{
	uint64_t address = KERNEL_DATA + k->used;

	k->used += (size + 15) & ~(size_t)15;
	MUST(k->used <= sizeof(k->data));
	return address;
}

void kernel_set(struct kernel *k, uint64_t address, uint64_t word)
{
	uint8_t *to = at(k, address, sizeof(word));

	MUST(to);
	memcpy(to, &word, sizeof(word));
}

uint64_t kernel_get(struct kernel *k, uint64_t address)
{
	uint8_t *from = at(k, address, sizeof(uint64_t));
	uint64_t word;

	MUST(from);
	memcpy(&word, from, sizeof(word));
	return word;
}

static void set_text(struct kernel *k, uint64_t address, const char *text)
{
	uint8_t *to = at(k, address, strlen(text) + 1);

	MUST(to);
	memcpy(to, text, strlen(text) + 1);
}

void kernel_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	MUST(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

void kernel_symbol(struct kernel *k, uint64_t address, const char *name_and_owner)
{
	FILE *f = fopen(k->kallsyms, "ae");

	MUST(f && fprintf(f, "%016llx d %s\n", (unsigned long long)address, name_and_owner) > 0 && fclose(f) == 0);
}

/* Made up: every member 8 bytes behind the one before. */
static int member(void *ctx, const char *type, const char *name)
{
	static const struct {
		const char *type, *name;
		int offset;
	} rows[] = {
		{ "module", "list", 8 }, { "module", "state", 24 }, { "module", "name", 32 },
		{ "module", "srcversion", 96 }, { "module", "mem", 104 },
		{ "module_memory", "base", 0 }, { "module_memory", "size", 8 },
		{ "kset", "list", 0 }, { "kobject", "entry", 8 },
		{ "module_kobject", "kobj", 0 }, { "module_kobject", "mod", 64 },
		{ "mod_tree_root", "root", 0 }, { "latch_tree_root", "tree", 8 },
		{ "mod_tree_node", "mod", 0 }, { "mod_tree_node", "node", 8 }, { "latch_tree_node", "node", 0 },
		{ "rb_root", "rb_node", 0 }, { "rb_node", "rb_left", 16 }, { "rb_node", "rb_right", 8 },
		{ "proc_dir_entry", "proc_iops", 0 }, { "proc_dir_entry", "proc_ops", 8 },
		{ "proc_dir_entry", "seq_ops", 16 }, { "proc_dir_entry", "subdir", 24 },
		{ "proc_dir_entry", "subdir_node", 32 }, { "proc_dir_entry", "name", 56 },
		{ "proc_dir_entry", "mode", 64 }, { "proc_dir_entry", "namelen", 66 },
		{ "net", "proc_net", 16 },
		{ "file_system_type", "fs_supers", 8 }, { "super_block", "s_instances", 8 },
		{ "super_block", "s_root", 0 }, { "dentry", "d_inode", 0 }, { "inode", "i_fop", 0 },
		{ "inode", "i_op", 8 },
	};

	(void)ctx;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].type, type) && !strcmp(rows[i].name, name))
			return rows[i].offset;
	return -ENOENT;
}

static int size_of(void *ctx, const char *type)
{
	(void)ctx;
	if (!strcmp(type, "module_memory"))
		return MODULE_MEMORY;
	return !strcmp(type, "proc_dir_entry") ? 80 : 48;
}

static void functions(void *ctx, const char *type, void (*fn)(void *arg, const char *name, uint32_t offset), void *arg)
{
	bool seq = !strcmp(type, "seq_operations");

	(void)ctx;
	fn(arg, seq ? "start" : "open", 8);
	fn(arg, seq ? "show" : "read", 16);
	fn(arg, seq ? "next" : "iterate_shared", 24);
	fn(arg, "beyond", 48); /* not in it: left out */
}

/* Operations at OPS, of functions that follow the one at FIRST. */
static uint64_t set_ops(struct kernel *k, uint64_t ops, uint64_t first)
{
	kernel_set(k, ops, 0xdead); /* no function */
	for (uint64_t i = 1; i <= 3; i++)
		kernel_set(k, ops + 8 * i, first + 0x10 * i);
	return ops;
}

/* Operations of the kernel itself. */
static uint64_t make_ops(struct kernel *k)
{
	return set_ops(k, kernel_alloc(k, 48), FUNCTION(0));
}

/* As the right-most node of the tree whose root is at ROOT. */
static void link_node(struct kernel *k, uint64_t root, uint64_t node)
{
	uint64_t slot = root;

	while (kernel_get(k, slot))
		slot = kernel_get(k, slot) + (uint64_t)k->layout.rb_right;
	kernel_set(k, slot, node);
}

uint64_t kernel_pde(struct kernel *k, uint64_t parent, const char *name, uint16_t mode)
{
	uint64_t pde = kernel_alloc(k, 80), text = kernel_alloc(k, 32);

	set_text(k, text, name);
	kernel_set(k, pde + 56, text);
	kernel_set(k, pde + 64, mode);
	kernel_set(k, pde, make_ops(k));
	kernel_set(k, pde + 8, make_ops(k));
	if (parent)
		link_node(k, parent + 24, pde + 32);
	return pde;
}

static void append(struct kernel *k, uint64_t head, uint64_t node)
{
	uint64_t last = head;

	while (kernel_get(k, last) != head)
		last = kernel_get(k, last);
	kernel_set(k, last, node);
	kernel_set(k, node, head);
}

static void make_modules(struct kernel *k)
{
	uint64_t tree = kernel_alloc(k, 32), symbol = kernel_alloc(k, 8), built_in = kernel_alloc(k, 72);
	char text[4096] = "", name[16], line[96];

	k->modules_head = kernel_alloc(k, 16);
	k->kset = kernel_alloc(k, 16);
	kernel_set(k, k->modules_head, k->modules_head);
	kernel_set(k, k->kset, k->kset);
	kernel_set(k, symbol, k->kset);
	kernel_symbol(k, k->modules_head, "modules");
	kernel_symbol(k, symbol, "module_kset");
	kernel_symbol(k, tree, "mod_tree");
	append(k, k->kset, built_in + 8);
	for (int i = 0; i < MODULES; i++) {
		uint64_t m = kernel_alloc(k, 640), object = kernel_alloc(k, 72);
		uint64_t node = MODULE_MEM(m, 0) + 16; /* of its text: struct mod_tree_node mtn */

		k->module[i] = m;
		k->node[i] = node + 8;
		snprintf(name, sizeof(name), "mod%d", i);
		set_text(k, m + 32, name);
		kernel_set(k, m + 96, kernel_alloc(k, 16));
		set_text(k, kernel_get(k, m + 96), "ABC123");
		kernel_set(k, MODULE_MEM(m, 0), MODULE_TEXT(i));
		kernel_set(k, MODULE_MEM(m, 0) + 8, 0x1000);
		kernel_set(k, MODULE_MEM(m, 1), MODULE_DATA(i));
		kernel_set(k, MODULE_MEM(m, 1) + 8, 0x1000);
		append(k, k->modules_head, m + 8);
		kernel_set(k, object + 64, m);
		append(k, k->kset, object + 8);
		kernel_set(k, node, m);
		link_node(k, tree + 8, node + 8);
		snprintf(line, sizeof(line), "%s 4096 0 - Live 0x%llx\n", name, (unsigned long long)MODULE_TEXT(i));
		strcat(text, line);
	}
	kernel_write(k->modules, text);
}

/* The entry of LIST that leads to NODE leads to the next one. */
static void unlink_node(struct kernel *k, uint64_t list, uint64_t node)
{
	uint64_t before = list;

	while (kernel_get(k, before) != node)
		before = kernel_get(k, before);
	kernel_set(k, before, kernel_get(k, node));
}

void kernel_unlist(struct kernel *k, int module)
{
	unlink_node(k, k->modules_head, k->module[module] + 8);
}

void kernel_unset(struct kernel *k, int module)
{
	uint64_t node = k->kset;

	do
		node = kernel_get(k, node);
	while (kernel_get(k, node - 8 + 64) != k->module[module]);
	unlink_node(k, k->kset, node);
}

static void make_proc(struct kernel *k)
{
	static const char *const tables[] = {
		"proc_tgid_base_operations", "proc_tgid_base_inode_operations", "proc_sys_dir_file_operations",
		"proc_sys_file_operations", "proc_seq_ops", "proc_net_seq_ops", "proc_single_ops",
		"proc_net_single_ops", "tcp6_seq_ops", "udp_seq_ops", "udp6_seq_ops", "raw_seq_ops", "raw6_seq_ops",
	};
	uint64_t net = kernel_alloc(k, 24), type = kernel_alloc(k, 16), super = kernel_alloc(k, 16);
	uint64_t dentry = kernel_alloc(k, 8), inode = kernel_alloc(k, 16), directory, of_module;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		kernel_symbol(k, make_ops(k), tables[i]);
	k->tcp_ops = make_ops(k);
	kernel_symbol(k, k->tcp_ops, "tcp4_seq_ops");
	k->root_pde = kernel_pde(k, 0, "proc", S_IFDIR | 0555);
	kernel_symbol(k, k->root_pde, "proc_root");
	kernel_pde(k, k->root_pde, "version", S_IFREG | 0444);
	kernel_pde(k, k->root_pde, "self", S_IFLNK | 0777);
	directory = kernel_pde(k, k->root_pde, "fs", S_IFDIR | 0555);
	k->file_pde = kernel_pde(k, directory, "file", S_IFREG | 0444);
	k->file_ops = kernel_get(k, k->file_pde + 8);
	/* a module has a file of its own */
	of_module = kernel_pde(k, directory, "mod0", S_IFREG | 0444);
	kernel_set(k, of_module + 8, set_ops(k, MODULE_DATA(0), MODULE_TEXT(0)));
	k->net_pde = kernel_pde(k, 0, "net", S_IFDIR | 0555);
	kernel_pde(k, k->net_pde, "tcp", S_IFREG | 0444);
	kernel_set(k, net + 16, k->net_pde);
	kernel_symbol(k, net, "init_net");
	kernel_set(k, type + 8, super + 8);
	kernel_set(k, super, dentry);
	kernel_set(k, dentry, inode);
	kernel_set(k, inode, make_ops(k));
	kernel_set(k, inode + 8, make_ops(k));
	kernel_symbol(k, type, "proc_fs_type");
}

void kernel_make(struct kernel *k)
{
	const struct hawk_layout_source source = { member, size_of, functions, NULL };

	*k = (struct kernel){ .dir = "/tmp/hawk-integrity-XXXXXX" };
	MUST(mkdtemp(k->dir));
	snprintf(k->kallsyms, sizeof(k->kallsyms), "%s/kallsyms", k->dir);
	snprintf(k->modules, sizeof(k->modules), "%s/modules", k->dir);
	snprintf(k->hooks, sizeof(k->hooks), "%s/hooks", k->dir);
	kernel_write(k->hooks, "");
	kernel_write(k->kallsyms, "");
	MUST(hawk_layout_fill(&k->layout, &source));
	k->enabled[0] = k->hooks;
	k->env = (struct hawk_integrity){
		.memory = { read_memory, k }, .layout = &k->layout, .kallsyms = k->kallsyms, .modules = k->modules,
		.enabled = k->enabled,
	};
	kernel_symbol(k, KERNEL_TEXT, "_stext");
	kernel_symbol(k, KERNEL_TEXT_END, "_etext");
	kernel_symbol(k, KERNEL_DATA - 0x2000, "_sinittext");
	kernel_symbol(k, KERNEL_DATA - 0x1000, "_einittext");
	kernel_symbol(k, MODULE_TEXT(1) + 0x100, "evil\t[mod1]");
	/* ten calls, one place that fills up, and then something else */
	k->calls = kernel_alloc(k, 12 * 8);
	for (uint64_t i = 0; i < 10; i++)
		kernel_set(k, k->calls + 8 * i, FUNCTION(i));
	kernel_set(k, k->calls + 88, 0x1234);
	kernel_symbol(k, k->calls, "sys_call_table");
	kernel_symbol(k, k->calls + 88, "what_follows");
	for (uint64_t i = 0; i < 256; i++) {
		kernel_set(k, KERNEL_IDT + 16 * i, (FUNCTION(i) & 0xffff) | 0x8e00ULL << 32 | (FUNCTION(i) >> 16 & 0xffff) << 48);
		kernel_set(k, KERNEL_IDT + 16 * i + 8, FUNCTION(i) >> 32);
	}
	make_modules(k);
	make_proc(k);
}

void kernel_done(struct kernel *k)
{
	hawk_anomalies_done(&k->findings);
	unlink(k->kallsyms);
	unlink(k->modules);
	unlink(k->hooks);
	rmdir(k->dir);
}

size_t kernel_check(struct kernel *k, unsigned int mask)
{
	hawk_anomalies_done(&k->findings);
	hawk_integrity_run(&k->env, mask, &k->findings, k->result);
	return k->findings.n;
}

static const struct hawk_value *value(struct kernel *k, size_t finding, const char *field)
{
	static struct hawk_event event;
	int i;

	MUST(finding < k->findings.n);
	hawk_anomaly_event(&k->findings, &k->findings.v[finding], &event);
	i = hawk_event_field(event.desc, field);
	MUST(i >= 0);
	return &event.data[i];
}

const char *kernel_text(struct kernel *k, size_t finding, const char *field)
{
	static char text[1024];
	const struct hawk_value *v = value(k, finding, field);

	snprintf(text, sizeof(text), "%.*s", (int)v->len, (const char *)v->bytes);
	return text;
}

uint64_t kernel_number(struct kernel *k, size_t finding, const char *field)
{
	return value(k, finding, field)->u;
}
