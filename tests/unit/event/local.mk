# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_EVENT = tests/unit/event/test_event tests/unit/event/test_field tests/unit/event/test_names \
	tests/unit/event/test_structs tests/unit/event/test_syscalls
check_PROGRAMS += $(UNIT_EVENT)
TESTS += $(UNIT_EVENT)
tests_unit_event_test_event_SOURCES = tests/unit/event/test_event.c
tests_unit_event_test_event_LDADD = $(UNIT_LIBS)
tests_unit_event_test_field_SOURCES = tests/unit/event/test_field.c
tests_unit_event_test_field_LDADD = $(UNIT_LIBS)
tests_unit_event_test_names_SOURCES = tests/unit/event/test_names.c
tests_unit_event_test_names_LDADD = $(UNIT_LIBS)
tests_unit_event_test_structs_SOURCES = tests/unit/event/test_structs.c
tests_unit_event_test_structs_LDADD = $(UNIT_LIBS)
tests_unit_event_test_syscalls_SOURCES = tests/unit/event/test_syscalls.c
tests_unit_event_test_syscalls_LDADD = $(UNIT_LIBS)

# Rows NUMBER(table, call, number) out of the headers of this system. asm-generic has what aarch64 uses.
UNISTD_x86 = X86_64:asm/unistd_64.h I386:asm/unistd_32.h
UNISTD = $(UNISTD_$(BPF_ARCH)) AARCH64:asm-generic/unistd.h
UNISTD_FLAGS = -D__ARCH_WANT_RENAMEAT -D__ARCH_WANT_NEW_STAT -D__ARCH_WANT_SET_GET_RLIMIT -D__ARCH_WANT_SYS_CLONE3 \
	-D__ARCH_WANT_MEMFD_SECRET
CLEANFILES += tests/unit/event/numbers.def
tests/unit/event/test_syscalls.$(OBJEXT): tests/unit/event/numbers.def
tests/unit/event/numbers.def: $(srcdir)/tests/unit/event/local.mk
	$(AM_V_GEN)$(MKDIR_P) $(@D) && for h in $(UNISTD); do \
		{ echo "#include <$${h#*:}>"; \
		  echo "#include <$${h#*:}>" | $(CPP) $(UNISTD_FLAGS) -dM - 2>/dev/null | \
			sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/NUMBER \1 __NR_\1/p'; } | \
		$(CPP) $(UNISTD_FLAGS) -P - 2>/dev/null | \
			sed -n "s/^NUMBER \([a-z0-9_]*\) \([0-9]*\)$$/NUMBER($${h%%:*}, \1, \2)/p" | \
			grep -v -e ', syscalls,' -e ', arch_specific_syscall,'; \
	done >$@.tmp && mv $@.tmp $@
