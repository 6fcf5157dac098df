# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_POLICY = tests/unit/policy/test_aggregate tests/unit/policy/test_findings tests/unit/policy/test_set
UNIT_POLICY += tests/unit/policy/test_tracee
check_PROGRAMS += $(UNIT_POLICY)
TESTS += $(UNIT_POLICY)
POLICY_FIXTURE = tests/unit/policy/fixture.c tests/unit/policy/fixture.h $(IR_FIXTURE)
tests_unit_policy_test_findings_SOURCES = tests/unit/policy/test_findings.c $(POLICY_FIXTURE)
tests_unit_policy_test_findings_LDADD = $(UNIT_LIBS)
tests_unit_policy_test_set_SOURCES = tests/unit/policy/test_set.c
tests_unit_policy_test_set_LDADD = $(UNIT_LIBS)
tests_unit_policy_test_tracee_SOURCES = tests/unit/policy/test_tracee.c $(POLICY_FIXTURE)
tests_unit_policy_test_tracee_LDADD = $(UNIT_LIBS)
tests_unit_policy_test_aggregate_SOURCES = tests/unit/policy/test_aggregate.c $(IR_FIXTURE)
tests_unit_policy_test_aggregate_LDADD = $(UNIT_LIBS)
