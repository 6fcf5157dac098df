# SPDX-License-Identifier: LGPL-2.1-or-later
# Generated programs in this kernel; needs root, so make check only builds it.
check_PROGRAMS += tests/kernel/bin/judge
tests_kernel_bin_judge_SOURCES = tests/golden/cases.c tests/golden/cases.h tests/kernel/judge/judge.c tests/kernel/judge/kern.c tests/kernel/judge/kern.h \
	tests/kernel/judge/limits.c tests/kernel/judge/limits.h tests/kernel/judge/random.c tests/kernel/judge/random.h \
	tests/kernel/judge/set.c tests/kernel/judge/set.h
tests_kernel_bin_judge_LDADD = $(TEST_LIB) $(DAEMON_LIBS)
triggers: tests/kernel/bin/judge
