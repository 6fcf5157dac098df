# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_FINDING = tests/unit/finding/test_findings tests/unit/finding/test_ring
check_PROGRAMS += $(UNIT_FINDING)
TESTS += $(UNIT_FINDING)
tests_unit_finding_test_findings_SOURCES = tests/unit/finding/test_findings.c tests/unit/finding/host.c \
	tests/unit/finding/host.h tests/unit/format/json_check.c tests/unit/format/json_check.h
tests_unit_finding_test_findings_LDADD = $(TEST_LIB) $(UNIT_LIBS)
tests_unit_finding_test_ring_SOURCES = tests/unit/finding/test_ring.c
tests_unit_finding_test_ring_LDADD = $(UNIT_LIBS)
