# SPDX-License-Identifier: LGPL-2.1-or-later
# Live tests: small programs that do one real thing each (triggers), and the runner that compares
# what they did with what the daemon saw. They need root; scripts/test runs them.
# Files of tests/kernel/events.
EVENT_FAMILIES = cred file floods integrity kern libraries net origin packets process starts syscalls uring
TRIGGERS = argv_big argv_fuse compat deep_path dup exec_all exec_huge exec_thread exits fork_storm hostile kill_sig memfd odd_names open_all \
	ptrace_me sentinel setuid_exec short_lived tcp ten_calls threads unshare_ns
TRIGGER_BINARIES = $(TRIGGERS:%=tests/kernel/bin/%) tests/kernel/bin/all_calls
# 32-bit callers, without a library: the compiler is enough.
if HAWK_X86
TRIGGER_BINARIES += tests/kernel/bin/compat32 tests/kernel/bin/all_calls32
endif
check_DATA += $(TRIGGER_BINARIES)
EXTRA_DIST += tests/kernel/live.py tests/kernel/cases.py tests/kernel/cases_exec.py tests/kernel/harness.py tests/kernel/events.py tests/kernel/calls.py tests/kernel/oracle.py tests/kernel/strace.py \
	tests/kernel/policy.py tests/kernel/policy_cases.py tests/kernel/policy_forms.py tests/kernel/policy_life.py \
	tests/kernel/registry.py tests/kernel/runner.py tests/kernel/table.py $(EVENT_FAMILIES:%=tests/kernel/events/%.py) \
	tests/kernel/rootkit/Kbuild tests/kernel/rootkit/standin.c \
	tests/kernel/triggers/trigger.h tests/kernel/triggers/compat32.c tests/kernel/triggers/all_calls.c $(TRIGGERS:%=tests/kernel/triggers/%.c)
CLEANFILES += $(TRIGGER_BINARIES)

# Never with sanitizers: those cannot be linked statically.
tests/kernel/bin/%: tests/kernel/triggers/%.c tests/kernel/triggers/trigger.h
	$(AM_V_CC)$(MKDIR_P) tests/kernel/bin && $(CC) $(WARN_CFLAGS) $(CPPFLAGS) $(CFLAGS) -D_GNU_SOURCE -I$(srcdir) \
		-static -pthread -o $@ $<

# Programs without a library.
BARE_CFLAGS = $(WARN_CFLAGS) -O1 -ffreestanding -nostdlib -static -no-pie -fno-pic -fno-stack-protector
CALL_TABLES = $(wildcard $(srcdir)/bpf/abi/syscalls.def $(srcdir)/bpf/abi/syscalls/*.def $(srcdir)/bpf/abi/*types.def) \
	$(wildcard $(srcdir)/src/event/names.def $(srcdir)/src/event/names/*.def)
tests/kernel/bin/compat32: tests/kernel/triggers/compat32.c
	$(AM_V_CC)$(MKDIR_P) tests/kernel/bin && $(CC) -m32 $(BARE_CFLAGS) -o $@ $<

tests/kernel/bin/all_calls: tests/kernel/triggers/all_calls.c $(CALL_TABLES)
	$(AM_V_CC)$(MKDIR_P) tests/kernel/bin && $(CC) $(BARE_CFLAGS) -I$(srcdir) -o $@ $<

tests/kernel/bin/all_calls32: tests/kernel/triggers/all_calls.c $(CALL_TABLES)
	$(AM_V_CC)$(MKDIR_P) tests/kernel/bin && $(CC) -m32 $(BARE_CFLAGS) -I$(srcdir) -o $@ $<

# Judging in the kernel, without a daemon around.
check_PROGRAMS += tests/kernel/bin/filters
tests_kernel_bin_filters_SOURCES = tests/kernel/filters.c tests/kernel/filter_code.h tests/kernel/filter_cost.c \
	tests/kernel/filter_facts.c tests/kernel/filter_live.h tests/kernel/filter_switches.c
tests_kernel_bin_filters_LDADD = $(DAEMON_LIBS)

.PHONY: triggers
triggers: $(TRIGGER_BINARIES) tests/kernel/bin/filters
