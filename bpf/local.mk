# SPDX-License-Identifier: LGPL-2.1-or-later
# bpf/<object>.bpf.c -> <object>.bpf.o -> <object>.skel.h; the list is that of bpf/abi/probes.def.
BPF_OBJECTS =
BPF_DEPS = $(wildcard $(srcdir)/bpf/abi/*) $(wildcard $(srcdir)/bpf/lib/*.h)
BPF_SKELS = $(BPF_OBJECTS:%=bpf/%.skel.h)
BPF_CFLAGS = -g -O2 -target bpf -mcpu=v3 -Wall -Wextra -Wno-unused-parameter -Wno-missing-declarations \
	-D__TARGET_ARCH_$(BPF_ARCH) -I$(srcdir)
BPF_ABI = \
	bpf/abi/abi.h \
	bpf/abi/families.def \
	bpf/abi/file.def \
	bpf/abi/internal.def \
	bpf/abi/maps.def \
	bpf/abi/namespaces.def \
	bpf/abi/net.def \
	bpf/abi/probes.def \
	bpf/abi/process.def \
	bpf/abi/syscalls.def \
	bpf/abi/task.def \
	bpf/abi/types.def
EXTRA_DIST += $(BPF_ABI)
