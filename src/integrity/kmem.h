/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_INTEGRITY_KMEM_H
#define HAWK_INTEGRITY_KMEM_H
/* The kernel's memory and types as the checks see them. Whoever runs the checks supplies both. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At most so many bytes are read at once. */
#define HAWK_KMEM_READ_MAX 4096

struct hawk_kmem {
	/* Copies LEN bytes of kernel memory at ADDRESS. Returns 0 or -errno; -EFAULT: not there. */
	int (*read)(void *ctx, uint64_t address, void *to, size_t len);
	void *ctx;
};

static inline int hawk_kmem_read(const struct hawk_kmem *m, uint64_t address, void *to, size_t len)
{
	return m->read(m->ctx, address, to, len);
}
/* A pointer at ADDRESS. */
static inline int hawk_kmem_word(const struct hawk_kmem *m, uint64_t address, uint64_t *ret)
{
	return m->read(m->ctx, address, ret, sizeof(*ret));
}

/* The functions among the members of a structure of operations. */
#define HAWK_OPERATIONS_MAX 64
struct hawk_operations {
	uint32_t size; /* of the structure; 0: not known */
	uint32_t n;
	struct {
		char name[32];
		uint32_t offset;
	} v[HAWK_OPERATIONS_MAX];
};

/* Offsets in the structures of this kernel; -1: it has no such member, or its types are not known. */
struct hawk_layout {
#define MEMBER(id, type, member) int32_t id;
#define SIZE(id, type) int32_t id;
#define OPERATIONS(id, type) struct hawk_operations id;
#include "src/integrity/layout.def"
#undef MEMBER
#undef SIZE
#undef OPERATIONS
};

/* Who knows the types. */
struct hawk_layout_source {
	/* Offset of a member in bytes, or -errno. */
	int (*member)(void *ctx, const char *type, const char *member);
	/* Size in bytes, or -errno. */
	int (*size)(void *ctx, const char *type);
	/* Calls FN for each member that is a pointer to a function. */
	void (*functions)(void *ctx, const char *type, void (*fn)(void *arg, const char *name, uint32_t offset),
			  void *arg);
	void *ctx;
};

/* Fills *ret. Returns false when no structure is known at all. */
bool hawk_layout_fill(struct hawk_layout *ret, const struct hawk_layout_source *source);

/* A structure of operations and everything else that is read at once fits in this. */
#define HAWK_STRUCT_MAX 1024

#endif
