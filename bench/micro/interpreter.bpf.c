/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What generated programs are measured against: conditions in a table, and a
 * loop that looks at each. The same slot, the same bits.
 */
#include "bpf/lib/kernel.h"

#include <bpf/bpf_helpers.h>

#include "bpf/abi/abi.h"
#include "bench/micro/interpreter.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct interpreter_table);
} conditions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct hawk_abi_scratch);
} hawk_scratch SEC(".maps");

static __always_inline int is_true(const struct interpreter_condition *c, __u64 v)
{
	switch (c->op) {
	case INTERPRETER_EQ:
		return v == c->value;
	case INTERPRETER_NE:
		return v != c->value;
	case INTERPRETER_GE:
		return v >= c->value;
	case INTERPRETER_LE:
		return v <= c->value;
	default:
		return (v & c->value) == c->value;
	}
}

SEC("raw_tp")
int numbers(void *ctx)
{
	struct interpreter_table *t;
	struct hawk_abi_scratch *s;
	__u32 zero = 0;

	t = bpf_map_lookup_elem(&conditions, &zero);
	s = bpf_map_lookup_elem(&hawk_scratch, &zero);
	if (!t || !s)
		return 0;
	for (__u32 i = 0; i < HAWK_COLUMNS / 64; i++)
		s->judge.pass[i] = t->start[i];
	for (__u32 i = 0; i < INTERPRETER_CONDITIONS; i++) {
		const struct interpreter_condition *c = &t->conditions[i];
		__u64 v;

		if (i >= t->n)
			break;
		v = *(__u64 *)((__u8 *)s + (c->offset & 0x3fff)) & c->mask;
		if (!is_true(c, v))
			s->judge.pass[(c->column / 64) & 7] &= ~(1ULL << (c->column & 63));
	}
	return 0;
}

SEC("raw_tp")
int paths(void *ctx)
{
	struct interpreter_table *t;
	struct hawk_abi_scratch *s;
	__u32 zero = 0;

	t = bpf_map_lookup_elem(&conditions, &zero);
	s = bpf_map_lookup_elem(&hawk_scratch, &zero);
	if (!t || !s)
		return 0;
	for (__u32 i = 0; i < HAWK_COLUMNS / 64; i++)
		s->judge.pass[i] = t->start[i];
	for (__u32 i = 0; i < INTERPRETER_PATHS; i++) {
		const struct interpreter_path *p = &t->paths[i];
		const __u64 *text = (const __u64 *)s->judge.text[0].bytes;
		int differ = 0;

		if (i >= t->n)
			break;
		for (__u32 w = 0; w < INTERPRETER_WORDS; w++) {
			if ((text[w] ^ p->words[w]) & p->masks[w]) {
				differ = 1;
				break;
			}
		}
		if (differ)
			s->judge.pass[(i / 64) & 7] &= ~(1ULL << (i & 63));
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
