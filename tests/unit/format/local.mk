# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_FORMAT = \
	tests/unit/format/test_any_event \
	tests/unit/format/test_escape \
	tests/unit/format/test_json \
	tests/unit/format/test_parts \
	tests/unit/format/test_redact \
	tests/unit/format/test_tetragon \
	tests/unit/format/test_text \
	tests/unit/format/test_tracee \
	tests/unit/format/test_warm
check_PROGRAMS += $(UNIT_FORMAT)
TESTS += $(UNIT_FORMAT)
UNIT_FORMAT_CHECK = tests/unit/format/json_check.c tests/unit/format/json_check.h
UNIT_FORMAT_SAMPLE = tests/unit/format/sample.c tests/unit/format/sample.h
tests_unit_format_test_any_event_SOURCES = tests/unit/format/test_any_event.c $(UNIT_FORMAT_CHECK) \
	$(UNIT_FORMAT_SAMPLE)
tests_unit_format_test_any_event_LDADD = $(UNIT_LIBS)
tests_unit_format_test_escape_SOURCES = tests/unit/format/test_escape.c $(UNIT_FORMAT_CHECK)
tests_unit_format_test_escape_LDADD = $(UNIT_LIBS)
tests_unit_format_test_json_SOURCES = tests/unit/format/test_json.c $(UNIT_FORMAT_CHECK) $(UNIT_FORMAT_SAMPLE)
tests_unit_format_test_json_LDADD = $(UNIT_LIBS)
tests_unit_format_test_parts_SOURCES = tests/unit/format/test_parts.c
tests_unit_format_test_parts_LDADD = $(UNIT_LIBS)
tests_unit_format_test_redact_SOURCES = tests/unit/format/test_redact.c
tests_unit_format_test_redact_LDADD = $(UNIT_LIBS)
tests_unit_format_test_text_SOURCES = tests/unit/format/test_text.c $(UNIT_FORMAT_SAMPLE)
tests_unit_format_test_text_LDADD = $(UNIT_LIBS)
tests_unit_format_test_tetragon_SOURCES = tests/unit/format/test_tetragon.c $(UNIT_FORMAT_CHECK) \
	$(UNIT_FORMAT_SAMPLE)
tests_unit_format_test_tetragon_LDADD = $(UNIT_LIBS)
tests_unit_format_test_tracee_SOURCES = tests/unit/format/test_tracee.c $(UNIT_FORMAT_CHECK) $(UNIT_FORMAT_SAMPLE)
tests_unit_format_test_tracee_LDADD = $(UNIT_LIBS)
tests_unit_format_test_warm_SOURCES = tests/unit/format/test_warm.c $(UNIT_FORMAT_SAMPLE)
tests_unit_format_test_warm_LDFLAGS = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_unit_format_test_warm_LDADD = $(UNIT_LIBS)
