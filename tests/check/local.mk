# SPDX-License-Identifier: LGPL-2.1-or-later
# What the tree must look like; see the head of each script.
TREE_CHECKS = \
	tests/check/layers.sh \
	tests/check/lists.sh \
	tests/check/spdx.sh \
	tests/check/selftest.sh \
	tests/check/man.sh \
	tests/check/completion.sh \
	tests/check/docs.sh \
	tests/check/schema.py \
	tests/check/stack.py \
	tests/check/triggers.sh
dist_check_SCRIPTS += $(TREE_CHECKS)
check_PROGRAMS += tests/check/needs tests/check/names tests/check/kernels tests/check/signatures
TESTS += $(TREE_CHECKS) tests/check/needs tests/check/names tests/check/kernels tests/check/signatures
EXTRA_DIST += tests/check/names.list
tests_check_names_SOURCES = tests/check/names.c
tests_check_names_LDADD = $(COMMON_LIBS)
tests_check_needs_SOURCES = tests/check/needs.c
tests_check_needs_LDADD = $(COMMON_LIBS)
# A circle of needs fails the build already, not only its tests.
noinst_DATA += tests/check/needs.done
CLEANFILES += tests/check/needs.done
tests/check/needs.done: tests/check/needs$(EXEEXT)
	$(AM_V_GEN)$(HOST_RUN) tests/check/needs$(EXEEXT) >$@.tmp || { cat $@.tmp >&2; rm $@.tmp; exit 1; }; mv $@.tmp $@
tests_check_kernels_SOURCES = tests/check/kernels.c
tests_check_kernels_LDADD = $(COMMON_LIBS)
tests_check_signatures_SOURCES = tests/check/signatures.c
tests_check_signatures_LDADD = $(DAEMON_LIBS)
