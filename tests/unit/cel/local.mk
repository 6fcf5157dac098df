# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_CEL = tests/unit/cel/test_cel tests/unit/cel/test_lower tests/unit/cel/test_random
UNIT_CEL += tests/unit/cel/test_tracee tests/unit/cel/test_model
check_PROGRAMS += $(UNIT_CEL)
TESTS += $(UNIT_CEL)
CEL_FIXTURE = tests/unit/cel/fixture.c tests/unit/cel/fixture.h $(TEST_EVENT)
tests_unit_cel_test_cel_SOURCES = tests/unit/cel/test_cel.c $(CEL_FIXTURE)
tests_unit_cel_test_cel_LDADD = $(UNIT_LIBS)
tests_unit_cel_test_lower_SOURCES = tests/unit/cel/test_lower.c $(CEL_FIXTURE)
tests_unit_cel_test_lower_LDADD = $(UNIT_LIBS)
tests_unit_cel_test_random_SOURCES = tests/unit/cel/test_random.c $(CEL_FIXTURE)
tests_unit_cel_test_random_LDADD = $(UNIT_LIBS)
tests_unit_cel_test_tracee_SOURCES = tests/unit/cel/test_tracee.c $(CEL_FIXTURE)
tests_unit_cel_test_tracee_LDADD = $(UNIT_LIBS)
tests_unit_cel_test_model_SOURCES = tests/unit/cel/test_model.c $(CEL_FIXTURE)
tests_unit_cel_test_model_LDADD = $(UNIT_LIBS)
