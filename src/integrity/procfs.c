/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who hides processes, files or connections changes what /proc says of them:
 * functions in the operations of a file or directory, or the operations as a
 * whole. All that an entry of /proc leads to is looked at.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "src/base/cleanup.h"
#include "src/integrity/internal.h"

#define DEPTH_MAX 16
#define ENTRIES_MAX 65536
/* Tables that were looked at already: most entries share some. */
#define SEEN 1024

struct walk {
	struct hawk_pass *p;
	uint64_t seen[SEEN];
	size_t entries;
	unsigned int depth;
	char path[256]; /* of the directory that is walked */
	bool broken;
};

static bool was_seen(struct walk *w, uint64_t table)
{
	uint64_t *slot = &w->seen[(table >> 3) * 0x9e3779b97f4a7c15ULL >> 54];
	bool seen = *slot == table;

	*slot = table;
	return seen;
}

/* Whose operations they are, and what a finding is. */
struct subject {
	uint16_t event;
	const char *name;
};

static void tell(struct hawk_pass *p, const struct subject *s, const char *operation, uint64_t function)
{
	struct hawk_anomaly *g = hawk_anomaly_add(p->findings, s->event);

	hawk_anomaly_number(g, function);
	hawk_anomaly_text(p->findings, g, s->name);
	hawk_anomaly_text(p->findings, g, operation);
	hawk_anomaly_symbol(p, g, function);
}

/* A structure of operations at TABLE. Returns false when it cannot be read. */
static bool check_operations(struct hawk_pass *p, const struct subject *s, const struct hawk_operations *o,
			     uint64_t table)
{
	uint8_t raw[HAWK_STRUCT_MAX];

	if (hawk_kmem_read(&p->env->memory, table, raw, o->size) < 0)
		return false;
	for (uint32_t i = 0; i < o->n; i++) {
		uint64_t function = hawk_word_at(raw, (int32_t)o->v[i].offset);

		p->result->looked += function != 0;
		if (!hawk_is_legal(p, table, function))
			tell(p, s, o->v[i].name, function);
	}
	return true;
}

static void check_table(struct walk *w, const char *path, const struct hawk_operations *o, uint64_t table)
{
	const struct subject s = { HAWK_EV_HOOKED_PROC_FOPS, path };

	if (table && !was_seen(w, table) && !check_operations(w->p, &s, o, table))
		w->broken = true;
}

static bool is_one(const struct hawk_pass *p, uint64_t ops, enum hawk_symbol a, enum hawk_symbol b)
{
	return ops == hawk_ksyms_known(p->ksyms, a) || ops == hawk_ksyms_known(p->ksyms, b);
}

/* fs/proc/generic.c: behind the operations of these two kinds there is another structure, or one function. */
static void check_seq_file(struct walk *w, const char *path, const uint8_t *pde, uint64_t ops)
{
	const struct hawk_layout *l = w->p->layout;
	uint64_t seq = l->pde_seq >= 0 ? hawk_word_at(pde, l->pde_seq) : 0;
	const struct subject s = { HAWK_EV_HOOKED_PROC_FOPS, path };

	if (!seq)
		return;
	if (is_one(w->p, ops, HAWK_SYM_proc_seq_ops, HAWK_SYM_proc_net_seq_ops)) {
		check_table(w, path, &l->seq_ops, seq);
	} else if (is_one(w->p, ops, HAWK_SYM_proc_single_ops, HAWK_SYM_proc_net_single_ops)) {
		w->p->result->looked++;
		/* with no table, whoever is listed and brings the function may have made the entry */
		if (!hawk_is_legal(w->p, seq, seq))
			tell(w->p, &s, "single_show", seq);
	}
}

static bool on_node(void *ctx, uint64_t node);

static void walk_directory(struct walk *w, const uint8_t *pde)
{
	const struct hawk_layout *l = w->p->layout;
	uint64_t root = hawk_word_at(pde, l->pde_subdir + l->rb_root_node);

	if (w->depth == DEPTH_MAX) {
		w->broken = true;
		return;
	}
	w->depth++;
	if (hawk_rb_each(w->p, root, on_node, w) < 0)
		w->broken = true;
	w->depth--;
}

/* An entry at ADDRESS; its name is added to the path while it is walked. */
static void check_entry(struct walk *w, uint64_t address)
{
	const struct hawk_layout *l = w->p->layout;
	uint8_t pde[HAWK_STRUCT_MAX];
	size_t len = strlen(w->path);
	char name[256] = "";
	uint64_t ops;
	uint16_t mode;

	if (++w->entries > ENTRIES_MAX ||
	    hawk_kmem_read(&w->p->env->memory, address, pde, (size_t)l->sizeof_pde) < 0 ||
	    hawk_kmem_text(&w->p->env->memory, hawk_word_at(pde, l->pde_name), name, sizeof(name)) < 0) {
		w->broken = true;
		return;
	}
	memcpy(&mode, pde + l->pde_mode, sizeof(mode));
	snprintf(w->path + len, sizeof(w->path) - len, "/%s", name);
	ops = hawk_word_at(pde, l->pde_ops);
	check_table(w, w->path, &l->inode_ops, hawk_word_at(pde, l->pde_iops));
	check_table(w, w->path, S_ISDIR(mode) ? &l->file_ops : &l->proc_ops, S_ISLNK(mode) ? 0 : ops);
	if (S_ISREG(mode))
		check_seq_file(w, w->path, pde, ops);
	else if (S_ISDIR(mode))
		walk_directory(w, pde);
	w->path[len] = '\0';
}

static bool on_node(void *ctx, uint64_t node)
{
	struct walk *w = ctx;

	check_entry(w, node - (uint64_t)w->p->layout->pde_node);
	return w->entries <= ENTRIES_MAX;
}

static void walk_from(struct walk *w, uint64_t entry, const char *parent)
{
	w->broken = false;
	w->entries = 0;
	snprintf(w->path, sizeof(w->path), "%s", parent);
	check_entry(w, entry);
	if (w->broken)
		hawk_pass_missed(w->p, HAWK_CHECK_PARTLY, "not all entries of /proc could be followed");
}

/* The directory itself as a process sees it: the operations of its inode. */
static void check_root_inode(struct walk *w)
{
	const struct hawk_kmem *m = &w->p->env->memory;
	const struct hawk_layout *l = w->p->layout;
	const int32_t *const needs[] = { &l->fs_supers, &l->super_instances, &l->super_root, &l->dentry_inode,
					 &l->inode_fop, &l->inode_op };
	uint64_t type = hawk_pass_symbol(w->p, HAWK_SYM_proc_fs_type), at, table;

	if (!type || !hawk_pass_knows(w->p, needs, ARRAY_SIZE(needs), "the root of /proc"))
		return;
	/* the first instance, which there may not be: struct hlist_head has one pointer */
	if (hawk_kmem_word(m, type + (uint64_t)l->fs_supers, &at) < 0 || !at)
		return;
	at -= (uint64_t)l->super_instances;
	if (hawk_kmem_word(m, at + (uint64_t)l->super_root, &at) < 0 || !at ||
	    hawk_kmem_word(m, at + (uint64_t)l->dentry_inode, &at) < 0 || !at)
		return;
	if (hawk_kmem_word(m, at + (uint64_t)l->inode_fop, &table) == 0)
		check_table(w, "/proc", &l->file_ops, table);
	if (hawk_kmem_word(m, at + (uint64_t)l->inode_op, &table) == 0)
		check_table(w, "/proc", &l->inode_ops, table);
}

/* What no entry leads to: /proc/PID and /proc/sys. */
static void check_others(struct walk *w)
{
	const struct {
		enum hawk_symbol symbol;
		const struct hawk_operations *o;
	} others[] = {
#define PROC_TABLE(name, kind) { HAWK_SYM_##name, &w->p->layout->kind },
#include "src/integrity/symbols.def"
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		check_table(w, hawk_symbol_name(others[i].symbol), others[i].o, hawk_pass_symbol(w->p, others[i].symbol));
}

/* The structure is read as a whole: every member that is used lies in it. */
static bool knows_entries(struct hawk_pass *p)
{
	const struct hawk_layout *l = p->layout;
	const int32_t *const needs[] = { &l->sizeof_pde, &l->pde_iops, &l->pde_ops, &l->pde_subdir, &l->pde_node,
					 &l->pde_name, &l->pde_mode, &l->rb_left, &l->rb_right, &l->rb_root_node };
	bool fits;

	if (!hawk_pass_knows(p, needs, ARRAY_SIZE(needs), "the entries of /proc"))
		return false;
	fits = l->sizeof_pde <= HAWK_STRUCT_MAX && l->rb_root_node <= 64 && l->pde_seq <= l->sizeof_pde - 8 &&
	       l->file_ops.size && l->proc_ops.size && l->inode_ops.size;
	for (size_t i = 1; i < 7; i++)
		fits &= *needs[i] <= l->sizeof_pde - 8 - l->rb_root_node;
	if (!fits)
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "the entries of /proc: their structures have another size than "
						       "in any kernel that is known");
	return fits;
}

static bool knows_types(struct hawk_pass *p)
{
	if (!p->layout)
		hawk_pass_missed(p, HAWK_CHECK_SKIPPED, "the types of this kernel are not known (kernel.btf)");
	return p->layout;
}

void hawk_check_proc(struct hawk_pass *p)
{
	struct walk w = { .p = p };
	uint64_t root, net;

	if (!knows_types(p))
		return;
	hawk_pass_needs_modules(p);
	check_others(&w);
	check_root_inode(&w);
	root = hawk_pass_symbol(p, HAWK_SYM_proc_root);
	if (!root || !knows_entries(p))
		return;
	walk_from(&w, root, "");
	/* /proc/net of the first network namespace hangs on no entry */
	net = hawk_pass_symbol(p, HAWK_SYM_init_net);
	if (!net || p->layout->net_proc < 0 ||
	    hawk_kmem_word(&p->env->memory, net + (uint64_t)p->layout->net_proc, &net) < 0)
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "/proc/net is not found");
	else
		walk_from(&w, net, "/proc");
}

void hawk_check_seq(struct hawk_pass *p)
{
	static const enum hawk_symbol tables[] = {
#define SEQ_TABLE(name) HAWK_SYM_##name,
#include "src/integrity/symbols.def"
	};

	if (!knows_types(p))
		return;
	if (!p->layout->seq_ops.size) {
		hawk_pass_missed(p, HAWK_CHECK_PARTLY, "the structures of this kernel are not known");
		return;
	}
	hawk_pass_needs_modules(p);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		const struct subject s = { HAWK_EV_HOOKED_SEQ_OPS, hawk_symbol_name(tables[i]) };
		uint64_t table = hawk_pass_symbol(p, tables[i]);

		if (table && !check_operations(p, &s, &p->layout->seq_ops, table))
			hawk_pass_missed(p, HAWK_CHECK_PARTLY, "%s cannot be read", s.name);
	}
}
