/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The shared maps, declared from maps.def. Every object declares all of them;
 * the daemon creates each once and puts its fd in all objects, so the sizes
 * here only have to agree with those the daemon uses.
 */
#ifndef HAWK_BPF_MAPS_H
#define HAWK_BPF_MAPS_H

#define HAWK_DEF_ARRAY(key_type, value_type) \
	__type(key, key_type);               \
	__type(value, value_type)
#define HAWK_DEF_PERCPU_ARRAY HAWK_DEF_ARRAY
#define HAWK_DEF_LRU_HASH HAWK_DEF_ARRAY
#define HAWK_DEF_PROG_ARRAY HAWK_DEF_ARRAY
#define HAWK_DEF_RINGBUF(key_type, value_type)

#define MAP(name, map_type, key_type, value_type, entries, mflags, doc) \
	struct {                                                        \
		__uint(type, BPF_MAP_TYPE_##map_type);                  \
		__uint(max_entries, entries);                           \
		__uint(map_flags, mflags);                              \
		HAWK_DEF_##map_type(key_type, value_type);              \
	} name SEC(".maps");
#include "bpf/abi/maps.def"
#undef MAP

static __always_inline struct hawk_abi_config *config(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&hawk_cfg, &zero);
}

static __always_inline struct hawk_abi_counts *counts(__u32 event)
{
	return bpf_map_lookup_elem(&hawk_counts, &event);
}

#endif
