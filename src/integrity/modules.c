/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Modules that the kernel runs and does not list. A module is in the list
 * "modules" (lsmod(8)), in the tree by which the kernel finds code by address
 * (mod_tree) and, as a directory of /sys/module, in module_kset. Who hides
 * takes itself out of the list, and can hardly do so out of all of them. What
 * /proc/modules shows is compared, too: it can be made to leave lines out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/base/cleanup.h"
#include "src/integrity/internal.h"

#define LOOK(p, address, member) \
	hawk_kmem_word(&(p)->env->memory, (address) + (uint64_t)(p)->layout->member, &word)

/* struct module_memory: 16 bytes, and 72 with a node of mod_tree; 80 with what 6.13 put there besides. */
#define STRIDE_MAX 128

/* Since 6.4: several pieces. */
static int read_pieces(struct hawk_module *m, const struct hawk_pass *p)
{
	const struct hawk_layout *l = p->layout;
	size_t stride = l->sizeof_memory > 0 ? (size_t)l->sizeof_memory : 0;
	uint8_t raw[HAWK_MODULE_REGIONS * STRIDE_MAX];
	uint32_t size;
	int r;

	if (stride < 12 || stride > STRIDE_MAX || l->memory_base < 0 || l->memory_size < 0 ||
	    (size_t)l->memory_base > stride - 8 || (size_t)l->memory_size > stride - 4)
		return -EOPNOTSUPP;
	r = hawk_kmem_read(&p->env->memory, m->address + (uint64_t)l->module_mem, raw, HAWK_MODULE_REGIONS * stride);
	if (r < 0)
		return r;
	for (size_t i = 0; i < HAWK_MODULE_REGIONS; i++) {
		m->region[i].base = hawk_word_at(raw, (int32_t)(i * stride) + l->memory_base);
		memcpy(&size, raw + i * stride + (size_t)l->memory_size, sizeof(size));
		m->region[i].size = size;
	}
	return 0;
}

/* Where the code and the data of a module are. */
static int read_regions(struct hawk_module *m, const struct hawk_pass *p)
{
	const struct hawk_layout *l = p->layout;
	uint64_t at = m->address + (uint64_t)l->module_core_layout, base;
	uint32_t size, text;

	if (l->module_mem >= 0)
		return read_pieces(m, p);
	if (l->module_core_layout < 0 || l->layout_base < 0 || l->layout_size < 0 || l->layout_text_size < 0)
		return -EOPNOTSUPP;
	if (hawk_kmem_word(&p->env->memory, at + (uint64_t)l->layout_base, &base) < 0 ||
	    hawk_kmem_read(&p->env->memory, at + (uint64_t)l->layout_size, &size, sizeof(size)) < 0 ||
	    hawk_kmem_read(&p->env->memory, at + (uint64_t)l->layout_text_size, &text, sizeof(text)) < 0)
		return -EFAULT;
	m->region[0].base = m->region[1].base = base;
	m->region[0].size = text;
	m->region[1].size = size; /* all of it */
	return 0;
}

static int read_module(struct hawk_module *ret, const struct hawk_pass *p, uint64_t address)
{
	struct hawk_module m = { .address = address };
	int r;

	r = hawk_kmem_text(&p->env->memory, address + (uint64_t)p->layout->module_name, m.name, sizeof(m.name));
	if (r == 0)
		r = hawk_kmem_read(&p->env->memory, address + (uint64_t)p->layout->module_state, &m.state,
				   sizeof(m.state));
	if (r < 0)
		return r;
	*ret = m;
	return 0;
}

static int read_list(struct hawk_modules *ret, const struct hawk_pass *p)
{
	const struct hawk_layout *l = p->layout;
	uint64_t head = hawk_ksyms_known(p->ksyms, HAWK_SYM_modules), node, word;
	_cleanup_free_ struct hawk_module *v = NULL;
	size_t n = 0, nowhere = 0;

	if (!head || l->module_list < 0 || l->module_name < 0 || l->module_state < 0)
		return -ENOENT;
	v = calloc(HAWK_MODULES_MAX, sizeof(*v));
	if (!v)
		return -ENOMEM;
	if (hawk_kmem_word(&p->env->memory, head, &node) < 0)
		return -EFAULT;
	while (node != head) {
		if (n == HAWK_MODULES_MAX)
			return -ELOOP;
		if (read_module(&v[n], p, node - (uint64_t)l->module_list) < 0 ||
		    hawk_kmem_word(&p->env->memory, node, &word) < 0)
			return -EFAULT;
		nowhere += read_regions(&v[n++], p) < 0;
		node = word;
	}
	*ret = (struct hawk_modules){ .v = TAKE_PTR(v), .n = n, .nowhere = nowhere };
	return 0;
}

bool hawk_has_modules(const struct hawk_pass *p)
{
	return hawk_ksyms_known(p->ksyms, HAWK_SYM_modules) || access(p->env->modules, F_OK) == 0;
}

void hawk_modules_read(struct hawk_modules *ret, const struct hawk_pass *p)
{
	*ret = (struct hawk_modules){ .n = 0 };
	if (hawk_has_modules(p))
		ret->error = read_list(ret, p);
}

static const struct hawk_module *listed(const struct hawk_pass *p, uint64_t address)
{
	for (size_t i = 0; i < p->modules->n; i++)
		if (p->modules->v[i].address == address)
			return &p->modules->v[i];
	return NULL;
}

static void hidden(struct hawk_pass *p, uint64_t address, const char *found, const char *missing)
{
	char name[HAWK_MODULE_NAME_LEN + 1] = "", version[64] = "";
	const struct hawk_kmem *m = &p->env->memory;
	struct hawk_anomaly *g;
	uint64_t word;

	if (hawk_kmem_text(m, address + (uint64_t)p->layout->module_name, name, sizeof(name)) < 0)
		name[0] = '\0';
	if (p->layout->module_srcversion < 0 || LOOK(p, address, module_srcversion) < 0 || !word ||
	    hawk_kmem_text(m, word, version, sizeof(version)) < 0)
		version[0] = '\0';
	/* of several places the first one is told */
	for (size_t i = 0; i < p->findings->n; i++)
		if (p->findings->v[i].number[0] == address)
			return;
	g = hawk_anomaly_add(p->findings, HAWK_EV_HIDDEN_KERNEL_MODULE);
	hawk_anomaly_number(g, address);
	hawk_anomaly_text(p->findings, g, name);
	hawk_anomaly_text(p->findings, g, version);
	hawk_anomaly_text(p->findings, g, found);
	hawk_anomaly_text(p->findings, g, missing);
}

static void check_kset(struct hawk_pass *p)
{
	const struct hawk_layout *l = p->layout;
	const int32_t *const needs[] = { &l->kset_list, &l->kobject_entry, &l->module_kobject_kobj,
					 &l->module_kobject_mod };
	uint64_t symbol = hawk_pass_symbol(p, HAWK_SYM_module_kset), kset, head, node, word;

	if (!symbol || !hawk_pass_knows(p, needs, ARRAY_SIZE(needs), "module_kset"))
		return;
	if (hawk_kmem_word(&p->env->memory, symbol, &kset) < 0 || LOOK(p, kset, kset_list) < 0)
		goto unreadable;
	head = kset + (uint64_t)l->kset_list;
	node = word;
	for (size_t n = 0; node != head; n++) {
		uint64_t owner = node - (uint64_t)l->kobject_entry - (uint64_t)l->module_kobject_kobj;

		/* code that is built in has a directory, too, and no module */
		if (n == HAWK_MODULES_MAX || LOOK(p, owner, module_kobject_mod) < 0)
			goto unreadable;
		p->result->looked += word != 0;
		if (word && !listed(p, word))
			hidden(p, word, "module_kset", "modules");
		if (hawk_kmem_word(&p->env->memory, node, &node) < 0)
			goto unreadable;
	}
	return;
unreadable:
	hawk_pass_missed(p, HAWK_CHECK_PARTLY, "module_kset cannot be walked to its end");
}

static bool check_node(void *ctx, uint64_t node)
{
	struct hawk_pass *p = ctx;
	uint64_t owner = node - (uint64_t)p->layout->latch_node - (uint64_t)p->layout->tree_node_node, word;

	if (LOOK(p, owner, tree_node_mod) < 0)
		return true; /* the tree says the same of its next node */
	p->result->looked++;
	if (word && !listed(p, word))
		hidden(p, word, "mod_tree", "modules");
	return true;
}

static void check_tree(struct hawk_pass *p)
{
	const struct hawk_layout *l = p->layout;
	const int32_t *const needs[] = { &l->tree_root, &l->tree_latch, &l->tree_node_mod, &l->tree_node_node,
					 &l->latch_node, &l->rb_root_node, &l->rb_left, &l->rb_right };
	uint64_t tree = hawk_pass_symbol(p, HAWK_SYM_mod_tree), root;

	if (!tree || !hawk_pass_knows(p, needs, ARRAY_SIZE(needs), "mod_tree"))
		return;
	/* there are two of them; one is enough */
	tree += (uint64_t)l->tree_root + (uint64_t)l->tree_latch + (uint64_t)l->rb_root_node;
	if (hawk_kmem_word(&p->env->memory, tree, &root) < 0 || hawk_rb_each(p, root, check_node, p) < 0)
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "mod_tree cannot be walked to its end");
}

/* True when TEXT, in the form of /proc/modules, has a line for NAME. */
static bool has_line(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
		if (strncmp(line, name, len) == 0 && line[len] == ' ')
			return true;
	return false;
}

static void check_file(struct hawk_pass *p)
{
	_cleanup_(hawk_buf_done) struct hawk_buf text = { .max = 4 * 1024 * 1024 };
	_cleanup_fclose_ FILE *f = fopen(p->env->modules, "re");
	char *to;

	while (f && (to = hawk_buf_room(&text, 16384))) {
		size_t n = fread(to, 1, 16384, f);

		text.len += n;
		if (!n)
			break;
	}
	if (!f || ferror(f) || !hawk_buf_str(&text)) {
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "%s cannot be read", p->env->modules);
		return;
	}
	for (size_t i = 0; i < p->modules->n; i++) {
		const struct hawk_module *m = &p->modules->v[i];

		/* MODULE_STATE_UNFORMED is left out by the kernel itself, m_show() in kernel/module/procfs.c */
		if (m->state != 3 && !has_line(text.data, m->name))
			hidden(p, m->address, "modules", "/proc/modules");
	}
}

void hawk_check_modules(struct hawk_pass *p)
{
	if (!hawk_has_modules(p)) {
		hawk_pass_note(p, "this kernel has no modules");
		return;
	}
	if (!p->layout) {
		hawk_pass_missed(p, HAWK_CHECK_SKIPPED, "the types of this kernel are not known (kernel.btf)");
		return;
	}
	if (!hawk_pass_symbol(p, HAWK_SYM_modules))
		return;
	if (p->modules->error < 0) {
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "the list of modules cannot be walked to its end");
		return;
	}
	p->result->looked = p->modules->n;
	check_kset(p);
	check_tree(p);
	check_file(p);
}
