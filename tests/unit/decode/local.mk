# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_DECODE = tests/unit/decode/test_decode tests/unit/decode/test_path
check_PROGRAMS += $(UNIT_DECODE)
TESTS += $(UNIT_DECODE)
tests_unit_decode_test_decode_SOURCES = tests/unit/decode/test_decode.c
tests_unit_decode_test_decode_LDADD = $(TEST_LIB) $(UNIT_LIBS)
tests_unit_decode_test_path_SOURCES = tests/unit/decode/test_path.c
tests_unit_decode_test_path_LDADD = $(UNIT_LIBS)
