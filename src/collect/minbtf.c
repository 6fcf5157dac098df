/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/collect/minbtf.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/base/cleanup.h"
#include "src/collect/collect.h"

/* Structures in structures, arrays of them, and types of types; the kernel has some ten. */
#define NESTED_MAX 64
#define ID_MEMBER "hawk_btf_id" /* TYPED in bpf/lib/kernel.h */

/* In the order of strcmp(). */
static const char *const names[] = {
#include "bpf/type_names.inc"
};

struct copy {
	const struct btf *from;
	struct btf *to;
	int *ids; /* in TO, by id in FROM; 0: not there */
	int pointer, byte;
};

static int by_name(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

static bool wanted(const struct btf *from, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(from, t->name_off);

	if (!btf_is_composite(t) && !btf_is_any_enum(t) && !btf_is_typedef(t))
		return false;
	return name && *name && bsearch(name, names, ARRAY_SIZE(names), sizeof(names[0]), by_name);
}

static int copy_type(struct copy *c, uint32_t id, int nested);

/* Members are copied first: a new one belongs to the structure that was added last. */
static int copy_composite(struct copy *c, const struct btf_type *t, const char *name, uint32_t id, int nested)
{
	const struct btf_member *m = btf_members(t);
	uint64_t id_bits = (uint64_t)id * 8;
	int r = 0, to;

	for (int i = 0; r >= 0 && i < btf_vlen(t); i++)
		r = copy_type(c, m[i].type, nested + 1);
	if (r < 0)
		return r;
	to = btf_is_struct(t) ? btf__add_struct(c->to, name, t->size) : btf__add_union(c->to, name, t->size);
	/* First, for an array without length is one only at the end. Beside bit fields offsets have 24 bits. */
	if (to > 0 && *name && btf_is_struct(t) && id_bits < 1U << 24)
		r = btf__add_field(c->to, ID_MEMBER, c->byte, (uint32_t)id_bits, 0);
	for (uint32_t i = 0; to > 0 && r >= 0 && i < btf_vlen(t); i++)
		r = btf__add_field(c->to, btf__name_by_offset(c->from, m[i].name_off), copy_type(c, m[i].type, nested + 1),
				   btf_member_bit_offset(t, i), btf_member_bitfield_size(t, i));
	return r < 0 ? r : to;
}

static int copy_enum(struct copy *c, const struct btf_type *t, const char *name)
{
	int to = btf_is_enum(t) ? btf__add_enum(c->to, name, t->size) : btf__add_enum64(c->to, name, t->size, btf_kflag(t)), r = 0;

	for (int i = 0; to > 0 && r >= 0 && i < btf_vlen(t); i++)
		r = btf_is_enum(t) ? btf__add_enum_value(c->to, btf__name_by_offset(c->from, btf_enum(t)[i].name_off),
							 btf_enum(t)[i].val)
				   : btf__add_enum64_value(c->to, btf__name_by_offset(c->from, btf_enum64(t)[i].name_off),
							   btf_enum64_value(&btf_enum64(t)[i]));
	return r < 0 ? r : to;
}

/* What libbpf needs to see of a type in a structure: for a pointer that it is one. */
static int add_type(struct copy *c, const struct btf_type *t, uint32_t id, int nested)
{
	const char *name = btf__name_by_offset(c->from, t->name_off);
	int to;

	if (!name)
		return -EINVAL;
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return copy_composite(c, t, name, id, nested);
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return copy_enum(c, t, name);
	case BTF_KIND_INT:
		return btf__add_int(c->to, name, t->size, btf_int_encoding(t));
	case BTF_KIND_FLOAT:
		return btf__add_float(c->to, name, t->size);
	case BTF_KIND_FWD:
		return btf__add_fwd(c->to, name, btf_kflag(t) ? BTF_FWD_UNION : BTF_FWD_STRUCT);
	case BTF_KIND_PTR:
		return c->pointer;
	case BTF_KIND_ARRAY:
		to = copy_type(c, btf_array(t)->type, nested + 1);
		return to < 0 ? to : btf__add_array(c->to, c->byte, to, btf_array(t)->nelems);
	case BTF_KIND_TYPEDEF:
		to = copy_type(c, t->type, nested + 1);
		return to < 0 ? to : btf__add_typedef(c->to, name, to);
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return copy_type(c, t->type, nested + 1);
	default:
		return 0; /* functions: no value has such a type */
	}
}

/* Returns the id of the copy, 0 for void, or a negative error. */
static int copy_type(struct copy *c, uint32_t id, int nested)
{
	const struct btf_type *t = btf__type_by_id(c->from, id);

	if (!t || nested > NESTED_MAX)
		return -EINVAL;
	if (id && !c->ids[id])
		c->ids[id] = add_type(c, t, id, nested);
	return c->ids[id];
}

static int copy_all(struct copy *c)
{
	uint32_t n = btf__type_cnt(c->from);
	int r;

	c->byte = btf__add_int(c->to, "char", 1, 0);
	c->pointer = btf__add_ptr(c->to, 0);
	r = c->byte < 0 ? c->byte : c->pointer;
	for (uint32_t id = 1; r >= 0 && id < n; id++)
		if (wanted(c->from, btf__type_by_id(c->from, id)))
			r = copy_type(c, id, 0);
	return r < 0 ? r : 0;
}

static int to_file(const struct btf *btf)
{
	_cleanup_close_ int fd = memfd_create("sechawk-btf", MFD_CLOEXEC);
	uint32_t size = 0;
	const char *data = btf__raw_data(btf, &size);

	if (!data)
		return -ENOMEM;
	if (fd < 0)
		return -errno;
	for (ssize_t n; size; data += n, size -= (uint32_t)n) {
		n = write(fd, data, size);
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
	}
	return TAKE_FD(fd);
}

int hawk_minbtf_new(const struct btf *types)
{
	struct copy c = { .from = types, .to = btf__new_empty(), .ids = calloc(btf__type_cnt(types), sizeof(*c.ids)) };
	int r = !c.ids || libbpf_get_error(c.to) ? -ENOMEM : copy_all(&c);

	if (r == 0)
		r = to_file(c.to);
	btf__free(c.to);
	free(c.ids);
	return r;
}
