/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_OBJECTS_H
#define HAWK_COLLECT_OBJECTS_H
/* The BPF objects built into the daemon. */
#include <stddef.h>

#include "src/probe/plan.h"

/*
 * The ELF bytes of an object (static). BLIND: the one without functions of the
 * kernel where there is such, for a kernel that hides its types.
 */
const void *hawk_object_elf(enum hawk_object_id id, bool blind, size_t *ret_size);

#endif
