# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_SIG = tests/unit/sig/test_engine tests/unit/sig/test_random tests/unit/sig/test_run
check_PROGRAMS += $(UNIT_SIG)
TESTS += $(UNIT_SIG)
SIG_FIXTURE = tests/unit/sig/fixture.c tests/unit/sig/fixture.h $(IR_FIXTURE)
tests_unit_sig_test_engine_SOURCES = tests/unit/sig/test_engine.c $(SIG_FIXTURE)
tests_unit_sig_test_engine_LDADD = $(UNIT_LIBS)
tests_unit_sig_test_random_SOURCES = tests/unit/sig/test_random.c $(IR_FIXTURE)
tests_unit_sig_test_random_LDADD = $(UNIT_LIBS)
tests_unit_sig_test_run_SOURCES = tests/unit/sig/test_run.c
tests_unit_sig_test_run_LDADD = $(UNIT_LIBS)
UNIT_SIG_READ = tests/unit/sig/test_detector tests/unit/sig/test_read
check_PROGRAMS += $(UNIT_SIG_READ)
TESTS += $(UNIT_SIG_READ)
tests_unit_sig_test_detector_SOURCES = tests/unit/sig/test_detector.c $(IR_FIXTURE)
tests_unit_sig_test_detector_LDADD = $(UNIT_LIBS)
tests_unit_sig_test_read_SOURCES = tests/unit/sig/test_read.c
tests_unit_sig_test_read_LDADD = $(UNIT_LIBS)
