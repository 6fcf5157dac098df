/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include "src/integrity/kmem.h"

static void add_operation(void *arg, const char *name, uint32_t offset)
{
	struct hawk_operations *o = arg;

	if (o->n == HAWK_OPERATIONS_MAX || o->size < sizeof(uint64_t) || offset > o->size - sizeof(uint64_t))
		return;
	snprintf(o->v[o->n].name, sizeof(o->v[0].name), "%s", name);
	o->v[o->n++].offset = offset;
}

static void fill_operations(struct hawk_operations *o, const struct hawk_layout_source *source,
			    const char *type)
{
	int size = source->size(source->ctx, type);

	*o = (struct hawk_operations){ .size = size > 0 && size <= HAWK_STRUCT_MAX ? (uint32_t)size : 0 };
	source->functions(source->ctx, type, add_operation, o);
}

bool hawk_layout_fill(struct hawk_layout *ret, const struct hawk_layout_source *source)
{
	bool any = false;
	int r;

#define NUMBER(id, number)          \
	r = (number);               \
	ret->id = r < 0 ? -1 : r;   \
	any |= r >= 0;
#define MEMBER(id, of, what) NUMBER(id, source->member(source->ctx, of, what))
#define SIZE(id, of) NUMBER(id, source->size(source->ctx, of))
#define OPERATIONS(id, type) fill_operations(&ret->id, source, type);
#include "src/integrity/layout.def"
#undef MEMBER
#undef SIZE
#undef OPERATIONS
#undef NUMBER
	return any;
}
