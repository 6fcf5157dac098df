# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_FORMAT = \
	tests/unit/format/test_escape \
	tests/unit/format/test_redact
check_PROGRAMS += $(UNIT_FORMAT)
TESTS += $(UNIT_FORMAT)
tests_unit_format_test_escape_SOURCES = tests/unit/format/test_escape.c tests/unit/format/json_check.c \
	tests/unit/format/json_check.h
tests_unit_format_test_escape_LDADD = $(UNIT_LIBS)
tests_unit_format_test_redact_SOURCES = tests/unit/format/test_redact.c
tests_unit_format_test_redact_LDADD = $(UNIT_LIBS)
