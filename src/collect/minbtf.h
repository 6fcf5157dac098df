/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAWK_COLLECT_MINBTF_H
#define HAWK_COLLECT_MINBTF_H
/*
 * The types of the kernel that our objects name, and what is inside of them:
 * some 1,000 of its 100,000 or more. For each type that an object names libbpf
 * goes through all that it is given, so that each object took a tenth of a
 * second with the kernel's own.
 */
#include <bpf/btf.h>

/*
 * Makes a file in memory with these types, in the format of BTF
 * (Documentation/bpf/btf.rst). In each structure of ours that can be read at
 * typed addresses (TYPED in bpf/lib/kernel.h) there is one member more than the
 * kernel has: its offset is the type's id in TYPES. Returns an fd that the
 * caller closes, or -errno.
 */
int hawk_minbtf_new(const struct btf *types);

#endif
