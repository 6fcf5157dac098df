/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_OBJECTS_H
#define HAWK_COLLECT_OBJECTS_H
/* The BPF objects built into the daemon. */
#include <stddef.h>

#include "src/probe/plan.h"

/*
 * The ELF bytes of an object (static). TYPED: the one that reads the kernel's memory by typed addresses, for a kernel
 * that has them (struct hawk_features).
 */
const void *hawk_object_elf(enum hawk_object_id id, bool typed, size_t *ret_size);

#endif
