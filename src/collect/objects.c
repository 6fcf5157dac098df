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

#include "bpf/cred.kprobe.typed.skel.h"
#include "bpf/cred.lsm.typed.skel.h"
#include "bpf/cred.tp.typed.skel.h"
#include "bpf/cred.tracing.typed.skel.h"
#include "bpf/file.kprobe.typed.skel.h"
#include "bpf/file.lsm.typed.skel.h"
#include "bpf/file.tp.typed.skel.h"
#include "bpf/file.tracing.typed.skel.h"
#include "bpf/integrity.tp.typed.skel.h"
#include "bpf/kern.kprobe.typed.skel.h"
#include "bpf/kern.lsm.typed.skel.h"
#include "bpf/kern.tp.typed.skel.h"
#include "bpf/kern.tracing.typed.skel.h"
#include "bpf/net.cgroup.typed.skel.h"
#include "bpf/net.flow.typed.skel.h"
#include "bpf/net.iter.typed.skel.h"
#include "bpf/net.kprobe.typed.skel.h"
#include "bpf/net.lsm.typed.skel.h"
#include "bpf/net.tp.typed.skel.h"
#include "bpf/net.tracing.typed.skel.h"
#include "bpf/process.iter.typed.skel.h"
#include "bpf/process.perf.typed.skel.h"
#include "bpf/process.thread.typed.skel.h"
#include "bpf/process.tp.typed.skel.h"
#include "bpf/syscall.fexit.typed.skel.h"
#include "bpf/syscall.kprobe.typed.skel.h"
#include "bpf/syscall.tp.typed.skel.h"
#include "bpf/syscall.vma.typed.skel.h"

const void *hawk_object_elf(enum hawk_object_id id, bool typed, size_t *ret_size)
{
	switch (id) {
#define OBJECT(name)          \
	case HAWK_OBJ_##name: \
		return typed ? name##_typed__elf_bytes(ret_size) : name##__elf_bytes(ret_size);
#define PROGRAM(program, object, kind, target)
#include "bpf/abi/probes.def"
#undef OBJECT
#undef PROGRAM
	default:
		*ret_size = 0;
		return NULL;
	}
}
