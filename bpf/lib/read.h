/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading the kernel's memory at an address that the verifier knows nothing about. */
#ifndef HAWK_BPF_READ_H
#define HAWK_BPF_READ_H

/*
 * bpf_probe_read_kernel() is a call that makes two more: 15 to 30 ns. Since 6.2
 * an address can be declared to be that of a structure, and its fields are then
 * plain loads, which give 0 where there is no memory, as the helper does.
 */
#ifdef HAWK_TYPED /* the second build of each object, for kernels with hawk_features.typed */
#define CAN_CAST 1
extern void *bpf_rdonly_cast(void *address, __u32 btf_id) __ksym;

/* The type of what P points to; a value has no "const", which would be another type to the kernel. */
#define POINTED(p)                             \
	__typeof__(({                          \
		__typeof__(*(p)) *_pointed = NULL; \
		*_pointed;                     \
	}))
#define CAST(p) ((POINTED(p) *)bpf_rdonly_cast((void *)(p), bpf_core_field_offset(POINTED(p), hawk_btf_id)))
#else
#define CAN_CAST 0
#define CAST(p) (p)
#endif

/*
 * A pointer loaded that way is typed, and then neither a number to compute with
 * nor an argument of a SHARED function. Negation makes it a number again. A load
 * and one of our own memory must not become one, as clang has it for the ends of
 * two branches: the verifier wants the same kind of address each time. The
 * number makes each place unlike all others.
 */
#define UNTYPED(v)                                                                                \
	({                                                                                        \
		__u64 _number = (__u64)(v);                                                       \
		if (__builtin_classify_type(v) == 5) /* pointer_type_class */                     \
			asm volatile("%0 = -%0\n%0 = -%0" : "+r"(_number) : "i"(__COUNTER__));    \
		else                                                                              \
			asm volatile("" : "+r"(_number) : "i"(__COUNTER__));                      \
		(__typeof__(v))_number;                                                           \
	})

/* As libbpf has it, or by plain loads: READ(task, mm, arg_start). */
#ifdef HAWK_TYPED
#undef BPF_CORE_READ
#define BPF_CORE_READ(src, a, ...) UNTYPED(___arrow(CAST(src), a, ##__VA_ARGS__))
#endif

/* Eight bytes at an address; without a call as the beginning of a structure that any word can be. */
static __always_inline __u64 read_word(__u64 address)
{
	__u64 word = 0;

	if (CAN_CAST)
		return (__u64)UNTYPED(CAST((struct list_head *)address)->next);
	bpf_probe_read_kernel(&word, sizeof(word), (void *)address);
	return word;
}

#endif
