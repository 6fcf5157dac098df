/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading the kernel's memory at an address that the verifier knows nothing about. */
#ifndef HAWK_BPF_READ_H
#define HAWK_BPF_READ_H

/*
 * bpf_probe_read_kernel() is a call that makes two more: 15 to 30 ns. Since 6.2
 * an address can be declared to be that of a structure, and its fields are then
 * plain loads, which give 0 where there is no memory, as the helper does.
 */
#ifndef HAWK_BLIND /* the object for kernels that hide their types */
extern void *bpf_rdonly_cast(void *address, __u32 btf_id) __ksym __weak;

/*
 * The first came with 6.2 as well: asked instead of the address of the function, which the verifier takes since 6.4
 * only. The second is the form of capabilities since 6.3: plain loads of a field that is not there do not load.
 */
#define CAN_CAST                                                               \
	(bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_cgrp_storage_get) && \
	 bpf_core_field_exists(((struct cred *)0)->cap_effective.val))

/* The type of what P points to; a value has no "const", which would be another type to the kernel. */
#define POINTED(p)                             \
	__typeof__(({                          \
		__typeof__(*(p)) *_pointed = NULL; \
		*_pointed;                     \
	}))
#define CAST(p) ((POINTED(p) *)bpf_rdonly_cast((void *)(p), bpf_core_type_id_kernel(POINTED(p))))
#else
#define CAN_CAST 0
#define CAST(p) (p)
#endif

/*
 * A pointer loaded that way is typed, and then neither a number to compute with
 * nor an argument of a SHARED function. Negation makes it a number again.
 */
#define UNTYPED(v)                                                                          \
	({                                                                                  \
		__u64 _number = (__u64)(v);                                                 \
		if (__builtin_classify_type(v) == 5) /* pointer_type_class */               \
			asm volatile("%0 = -%0\n%0 = -%0" : "+r"(_number));                 \
		(__typeof__(v))_number;                                                     \
	})

/* As libbpf has it, and by plain loads where the kernel can: READ(task, mm, arg_start). */
#ifndef HAWK_BLIND
#undef BPF_CORE_READ
#define BPF_CORE_READ(src, a, ...)                                                 \
	({                                                                         \
		___type((src), a, ##__VA_ARGS__) _value;                           \
		if (CAN_CAST)                                                      \
			_value = UNTYPED(___arrow(CAST(src), a, ##__VA_ARGS__));   \
		else                                                               \
			BPF_CORE_READ_INTO(&_value, (src), a, ##__VA_ARGS__);      \
		_value;                                                            \
	})
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
