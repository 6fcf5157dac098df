/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_FEATURES_H
#define HAWK_COLLECT_FEATURES_H
#include <bpf/btf.h>

#include "src/probe/plan.h"

/* Writes the name of function I (hawk_own_program) of the system call NAME. */
void hawk_features_own_function(int i, const char *name, char *func, size_t size);

/*
 * Asks the kernel what kinds of programs it takes, by loading the smallest
 * possible ones where nothing cheaper tells. DISABLED: comma-separated kinds
 * not to use; may be NULL. OWN: the types that the kernel shows. TYPES: those
 * to be looked into, the same or those of a file. Both may be NULL.
 */
void hawk_features_probe(struct hawk_features *f, const char *disabled, const struct btf *own, const struct btf *types);
/* The kernel's lockdown state ("none", "integrity", "confidentiality"), or NULL when it has no such thing. Static. */
const char *hawk_features_lockdown(void);
/* True when a cgroup2 hierarchy is mounted. */
bool hawk_features_cgroup2(void);

#endif
