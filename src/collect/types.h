/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_TYPES_H
#define HAWK_COLLECT_TYPES_H
/* The structures of the kernel, from its BTF. Any thread. */
#include <stdint.h>

#include "src/collect/collect.h"

struct hawk_types;

/*
 * Reads the types of the kernel, or those of the file that C was given: some
 * tens of megabytes until freed. Returns 0 or -errno.
 */
int hawk_types_new(struct hawk_types **ret, const struct hawk_collect *c);
struct hawk_types *hawk_types_free(struct hawk_types *t);
/* Size in bytes of the structure TYPE, or -ENOENT. */
int hawk_types_size(struct hawk_types *t, const char *type);
/* Offset in bytes of a member, of nameless structures and unions in it, too; or -ENOENT. */
int hawk_types_member(struct hawk_types *t, const char *type, const char *member);
/* Calls FN for each member of TYPE that is a pointer to a function. */
void hawk_types_functions(struct hawk_types *t, const char *type,
			  void (*fn)(void *arg, const char *name, uint32_t offset), void *arg);

#endif
