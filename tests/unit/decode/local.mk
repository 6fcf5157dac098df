# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_DECODE = tests/unit/decode/test_chain tests/unit/decode/test_decode tests/unit/decode/test_path
check_PROGRAMS += $(UNIT_DECODE)
TESTS += $(UNIT_DECODE)
DECODING = tests/unit/decode/decoding.c tests/unit/decode/decoding.h
tests_unit_decode_test_chain_SOURCES = tests/unit/decode/test_chain.c $(DECODING)
tests_unit_decode_test_chain_LDADD = $(TEST_LIB) $(UNIT_LIBS)
tests_unit_decode_test_decode_SOURCES = tests/unit/decode/test_decode.c $(DECODING)
tests_unit_decode_test_decode_LDADD = $(TEST_LIB) $(UNIT_LIBS)
tests_unit_decode_test_path_SOURCES = tests/unit/decode/test_path.c
tests_unit_decode_test_path_LDADD = $(UNIT_LIBS)
