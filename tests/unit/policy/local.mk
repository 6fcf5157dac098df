# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_POLICY = tests/unit/policy/test_set
check_PROGRAMS += $(UNIT_POLICY)
TESTS += $(UNIT_POLICY)
tests_unit_policy_test_set_SOURCES = tests/unit/policy/test_set.c
tests_unit_policy_test_set_LDADD = $(UNIT_LIBS)
