# SPDX-License-Identifier: LGPL-2.1-or-later
# What several kinds of tests share.
check_LIBRARIES += tests/lib/libhawktest.a
tests_lib_libhawktest_a_SOURCES = tests/lib/record.c tests/lib/record.h tests/lib/xorshift.h
TEST_LIB = tests/lib/libhawktest.a
