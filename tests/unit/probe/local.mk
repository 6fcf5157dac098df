# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_PROBE = tests/unit/probe/test_plan
check_PROGRAMS += $(UNIT_PROBE)
TESTS += $(UNIT_PROBE)
tests_unit_probe_test_plan_SOURCES = tests/unit/probe/test_plan.c
tests_unit_probe_test_plan_LDADD = $(UNIT_LIBS)
