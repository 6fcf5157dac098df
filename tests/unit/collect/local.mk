# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_COLLECT = tests/unit/collect/test_kring tests/unit/collect/test_minbtf tests/unit/collect/test_recording
check_PROGRAMS += $(UNIT_COLLECT)
TESTS += $(UNIT_COLLECT)
tests_unit_collect_test_recording_SOURCES = tests/unit/collect/test_recording.c
tests_unit_collect_test_recording_LDADD = $(UNIT_LIBS)
tests_unit_collect_test_kring_SOURCES = tests/unit/collect/test_kring.c
tests_unit_collect_test_kring_LDADD = $(UNIT_LIBS)
tests_unit_collect_test_minbtf_SOURCES = tests/unit/collect/test_minbtf.c
tests_unit_collect_test_minbtf_LDADD = $(UNIT_LIBS)
