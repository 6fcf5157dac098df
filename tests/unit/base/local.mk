# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_BASE = tests/unit/base/test_buf tests/unit/base/test_clock tests/unit/base/test_inroot tests/unit/base/test_log tests/unit/base/test_siphash
check_PROGRAMS += $(UNIT_BASE)
TESTS += $(UNIT_BASE)
tests_unit_base_test_buf_SOURCES = tests/unit/base/test_buf.c
tests_unit_base_test_buf_LDADD = $(UNIT_LIBS)
tests_unit_base_test_clock_SOURCES = tests/unit/base/test_clock.c
tests_unit_base_test_clock_LDADD = $(UNIT_LIBS)
tests_unit_base_test_log_SOURCES = tests/unit/base/test_log.c
tests_unit_base_test_log_LDADD = $(UNIT_LIBS)
tests_unit_base_test_siphash_SOURCES = tests/unit/base/test_siphash.c
tests_unit_base_test_siphash_LDADD = $(UNIT_LIBS)
tests_unit_base_test_inroot_SOURCES = tests/unit/base/test_inroot.c
tests_unit_base_test_inroot_LDADD = $(UNIT_LIBS)
