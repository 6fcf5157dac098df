# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_SIG = tests/unit/sig/test_engine
check_PROGRAMS += $(UNIT_SIG)
TESTS += $(UNIT_SIG)
SIG_FIXTURE = tests/unit/sig/fixture.c tests/unit/sig/fixture.h $(IR_FIXTURE)
tests_unit_sig_test_engine_SOURCES = tests/unit/sig/test_engine.c $(SIG_FIXTURE)
tests_unit_sig_test_engine_LDADD = $(UNIT_LIBS)
