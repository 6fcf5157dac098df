# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_EVENT = tests/unit/event/test_event tests/unit/event/test_field tests/unit/event/test_names
check_PROGRAMS += $(UNIT_EVENT)
TESTS += $(UNIT_EVENT)
tests_unit_event_test_event_SOURCES = tests/unit/event/test_event.c
tests_unit_event_test_event_LDADD = $(UNIT_LIBS)
tests_unit_event_test_field_SOURCES = tests/unit/event/test_field.c
tests_unit_event_test_field_LDADD = $(UNIT_LIBS)
tests_unit_event_test_names_SOURCES = tests/unit/event/test_names.c
tests_unit_event_test_names_LDADD = $(UNIT_LIBS)
