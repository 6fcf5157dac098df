# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_CGEN = tests/unit/cgen/test_cgen
check_PROGRAMS += $(UNIT_CGEN)
TESTS += $(UNIT_CGEN)
tests_unit_cgen_test_cgen_SOURCES = tests/unit/cgen/test_cgen.c
tests_unit_cgen_test_cgen_LDADD = $(UNIT_LIBS)
