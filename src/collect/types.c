/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/collect/types.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "src/collect/internal.h"

/* Nameless structures in nameless structures. */
#define NESTED_MAX 8

struct hawk_types {
	struct btf *btf;
	/* the last one: a look-up goes through all types, and members are asked for one after the other */
	const char *name;
	const struct btf_type *type;
};

int hawk_types_new(struct hawk_types **ret, const struct hawk_collect *c)
{
	struct hawk_types *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->btf = c->options.btf ? btf__parse(c->options.btf, NULL) : btf__load_vmlinux_btf();
	r = (int)libbpf_get_error(t->btf);
	if (r) {
		free(t);
		return r;
	}
	*ret = t;
	return 0;
}

struct hawk_types *hawk_types_free(struct hawk_types *t)
{
	if (t)
		btf__free(t->btf);
	free(t);
	return NULL;
}

static const struct btf_type *find(struct hawk_types *t, const char *name)
{
	int id;

	if (t->name && strcmp(t->name, name) == 0)
		return t->type;
	id = btf__find_by_name_kind(t->btf, name, BTF_KIND_STRUCT);
	t->name = name;
	t->type = id < 0 ? NULL : btf__type_by_id(t->btf, (__u32)id);
	return t->type;
}

static const struct btf_type *resolve(const struct hawk_types *t, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(t->btf, id);

	for (int i = 0; type && i < 32 && (btf_is_mod(type) || btf_is_typedef(type)); i++)
		type = btf__type_by_id(t->btf, type->type);
	return type;
}

int hawk_types_size(struct hawk_types *t, const char *type)
{
	const struct btf_type *s = find(t, type);

	return s ? (int)s->size : -ENOENT;
}

static int member_of(const struct hawk_types *t, const struct btf_type *s, const char *member, int nested)
{
	const struct btf_member *m = btf_members(s);

	for (int i = 0; i < btf_vlen(s); i++) {
		const char *name = btf__name_by_offset(t->btf, m[i].name_off);
		int offset = (int)btf_member_bit_offset(s, (__u32)i) / 8, inner;
		const struct btf_type *type;

		if (name && strcmp(name, member) == 0)
			return offset;
		type = name && *name ? NULL : resolve(t, m[i].type);
		if (!type || !btf_is_composite(type) || nested == NESTED_MAX)
			continue;
		inner = member_of(t, type, member, nested + 1);
		if (inner >= 0)
			return offset + inner;
	}
	return -ENOENT;
}

int hawk_types_member(struct hawk_types *t, const char *type, const char *member)
{
	const struct btf_type *s = find(t, type);

	return s ? member_of(t, s, member, 0) : -ENOENT;
}

void hawk_types_functions(struct hawk_types *t, const char *type,
			  void (*fn)(void *arg, const char *name, uint32_t offset), void *arg)
{
	const struct btf_type *s = find(t, type);
	const struct btf_member *m = s ? btf_members(s) : NULL;

	for (int i = 0; s && i < btf_vlen(s); i++) {
		const struct btf_type *to = resolve(t, m[i].type);

		if (to && btf_is_ptr(to))
			to = resolve(t, to->type);
		else
			to = NULL;
		if (to && btf_is_func_proto(to))
			fn(arg, btf__name_by_offset(t->btf, m[i].name_off), btf_member_bit_offset(s, (__u32)i) / 8);
	}
}
