# SPDX-License-Identifier: LGPL-2.1-or-later
# bpf/<object>.bpf.c -> <object>.bpf.o -> <object>.skel.h; the list is that of bpf/abi/probes.def.
# Families with rows in bpf/abi/hooks; their objects have programs from these rows only.
HOOK_FAMILIES = file net cred kern
HOOK_KINDS = tracing lsm kprobe
BPF_NAMES = process.tp process.thread process.perf process.iter file.tp net.tp net.flow net.iter net.cgroup syscall.tp syscall.vma syscall.fexit syscall.kprobe \
	cred.tp kern.tp integrity.tp \
	$(foreach family,$(HOOK_FAMILIES),$(HOOK_KINDS:%=$(family).%))
# Each a second time, with typed reads of the kernel's memory (bpf/lib/read.h) instead of helpers.
BPF_VARIANTS = $(BPF_NAMES) $(BPF_NAMES:%=%.typed)
BPF_SKELS = $(BPF_VARIANTS:%=bpf/%.skel.h)
SYSCALL_TABLES = fs_io fs_meta fs_wait mount proc cred sched signal mem net ipc time kernel old
BPF_DEPS = $(wildcard $(srcdir)/bpf/abi/*.h) $(wildcard $(srcdir)/bpf/abi/*.def) $(wildcard $(srcdir)/bpf/abi/*/*.def) $(wildcard $(srcdir)/bpf/lib/*.h)
BPF_CFLAGS = -g -O2 -target bpf -mcpu=v3 -Wall -Wextra -Werror -Wno-unused-parameter -Wno-unused-function \
	-Wno-missing-declarations -Wno-address-of-packed-member -D__TARGET_ARCH_$(BPF_ARCH) -I$(srcdir)

EXTRA_DIST += $(BPF_NAMES:%=bpf/%.bpf.c) bpf/lib/hawk.h bpf/lib/kernel.h bpf/lib/maps.h bpf/lib/record.h \
	bpf/lib/task.h bpf/lib/process.h bpf/lib/inode.h bpf/lib/path.h bpf/lib/hook.h bpf/lib/fact.h bpf/lib/regs.h bpf/lib/socket.h bpf/lib/probing.h $(HOOK_FAMILIES:%=bpf/lib/%.h) \
	bpf/lib/file_exec.h bpf/lib/file_io.h bpf/lib/file_mount.h bpf/lib/file_name.h bpf/lib/syscall.h bpf/lib/args.h bpf/lib/argv.h bpf/lib/fd.h \
	bpf/abi/abi.h bpf/abi/argtypes.def bpf/abi/facts.def bpf/abi/families.def bpf/abi/hooks.def \
	$(HOOK_FAMILIES:%=bpf/abi/%.def) $(HOOK_FAMILIES:%=bpf/abi/hooks/%.def) bpf/abi/internal.def bpf/abi/made.def bpf/abi/maps.def bpf/abi/mux.def bpf/abi/namespaces.def \
	bpf/abi/probes.def bpf/abi/process.def bpf/abi/pending.def bpf/abi/syscalls.def bpf/abi/task.def bpf/abi/types.def \
	$(SYSCALL_TABLES:%=bpf/abi/syscalls/%.def)
EXTRA_DIST += bpf/lib/owner.h bpf/lib/packet.h bpf/abi/packet_class.def bpf/abi/packets.def
EXTRA_DIST += bpf/lib/read.h bpf/lib/judge.h bpf/lib/page.h
BPF_OBJECTS = $(BPF_VARIANTS:%=bpf/%.bpf.o)
BUILT_SOURCES += $(BPF_SKELS) bpf/type_names.inc
CLEANFILES += $(BPF_SKELS) $(BPF_OBJECTS) bpf/type_names.inc
# Only steps on the way for make, which would remove them; people look into them.
.SECONDARY: $(BPF_OBJECTS)

V_BPF = $(V_BPF_@AM_V@)
V_BPF_ = $(V_BPF_@AM_DEFAULT_V@)
V_BPF_0 = @echo "  BPF     " $@;

bpf/%.bpf.o: bpf/%.bpf.c $(BPF_DEPS)
	@$(MKDIR_P) bpf
	$(V_BPF)$(CLANG) $(BPF_CFLAGS) -c $< -o $@.tmp && $(LLVM_STRIP) -g $@.tmp && mv $@.tmp $@
bpf/%.typed.bpf.o: bpf/%.bpf.c $(BPF_DEPS)
	@$(MKDIR_P) bpf
	$(V_BPF)$(CLANG) $(BPF_CFLAGS) -DHAWK_TYPED -c $< -o $@.tmp && $(LLVM_STRIP) -g $@.tmp && mv $@.tmp $@
bpf/%.skel.h: bpf/%.bpf.o
	$(V_BPF)$(BPFTOOL) gen skeleton $< name $(subst .,_,$*) > $@.tmp && mv $@.tmp $@
# The kernel's types by the names that the objects have for them, without what stands behind "___" (libbpf's flavours).
bpf/type_names.inc: $(BPF_OBJECTS)
	$(AM_V_GEN)for object in $(BPF_OBJECTS); do $(BPFTOOL) btf dump file $$object || exit 1; done > $@.dump && \
	sed -n -E "s/^\[[0-9]+\] (STRUCT|UNION|ENUM|ENUM64|TYPEDEF) '(\w+)'.*/\2/p" $@.dump | sed 's/___.*//; /^hawk_/d' | \
	LC_ALL=C sort -u | sed 's/.*/"&",/' > $@.tmp && rm $@.dump && mv $@.tmp $@
