/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/collect/objects.h"

#include <bpf/libbpf.h>

/* A skeleton also has functions per object; only its bytes are of use here, since all objects are treated alike. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include "bpf/cred.kprobe.skel.h"
#include "bpf/cred.lsm.skel.h"
#include "bpf/cred.tp.skel.h"
#include "bpf/cred.tracing.skel.h"
#include "bpf/file.kprobe.skel.h"
#include "bpf/file.lsm.skel.h"
#include "bpf/file.tp.skel.h"
#include "bpf/file.tracing.skel.h"
#include "bpf/integrity.tp.skel.h"
#include "bpf/kern.kprobe.skel.h"
#include "bpf/kern.lsm.skel.h"
#include "bpf/kern.tp.skel.h"
#include "bpf/kern.tracing.skel.h"
#include "bpf/net.cgroup.skel.h"
#include "bpf/net.flow.skel.h"
#include "bpf/net.iter.skel.h"
#include "bpf/net.kprobe.skel.h"
#include "bpf/net.lsm.skel.h"
#include "bpf/net.tp.skel.h"
#include "bpf/net.tracing.skel.h"
#include "bpf/process.iter.skel.h"
#include "bpf/process.perf.skel.h"
#include "bpf/process.thread.skel.h"
#include "bpf/process.tp.skel.h"
#include "bpf/syscall.fexit.skel.h"
#include "bpf/syscall.kprobe.skel.h"
#include "bpf/syscall.tp.skel.h"
#include "bpf/syscall.vma.skel.h"

#include "bpf/cred.kprobe.blind.skel.h"
#include "bpf/cred.tp.blind.skel.h"
#include "bpf/file.kprobe.blind.skel.h"
#include "bpf/file.tp.blind.skel.h"
#include "bpf/kern.kprobe.blind.skel.h"
#include "bpf/kern.tp.blind.skel.h"
#include "bpf/net.cgroup.blind.skel.h"
#include "bpf/net.flow.blind.skel.h"
#include "bpf/net.kprobe.blind.skel.h"
#include "bpf/net.tp.blind.skel.h"
#include "bpf/process.thread.blind.skel.h"
#include "bpf/process.tp.blind.skel.h"
#include "bpf/syscall.tp.blind.skel.h"
#include "bpf/syscall.vma.blind.skel.h"

static const void *blind_elf(enum hawk_object_id id, size_t *ret_size)
{
	switch (id) {
#define BLIND(name)           \
	case HAWK_OBJ_##name: \
		return name##_blind__elf_bytes(ret_size);
		BLIND(cred_kprobe)
		BLIND(cred_tp)
		BLIND(file_kprobe)
		BLIND(file_tp)
		BLIND(kern_kprobe)
		BLIND(kern_tp)
		BLIND(net_cgroup)
		BLIND(net_flow)
		BLIND(net_kprobe)
		BLIND(net_tp)
		BLIND(process_thread)
		BLIND(process_tp)
		BLIND(syscall_tp)
		BLIND(syscall_vma)
#undef BLIND
	default:
		return NULL;
	}
}

const void *hawk_object_elf(enum hawk_object_id id, bool blind, size_t *ret_size)
{
	const void *elf = blind ? blind_elf(id, ret_size) : NULL;

	if (elf)
		return elf;
	switch (id) {
#define OBJECT(name)            \
	case HAWK_OBJ_##name:   \
		return name##__elf_bytes(ret_size);
#define PROGRAM(program, object, kind, target)
#include "bpf/abi/probes.def"
#undef OBJECT
#undef PROGRAM
	default:
		*ret_size = 0;
		return NULL;
	}
}
