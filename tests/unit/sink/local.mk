# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_SINK = \
	tests/unit/sink/test_engine \
	tests/unit/sink/test_message \
	tests/unit/sink/test_ring \
	tests/unit/sink/test_sink_file \
	tests/unit/sink/test_sink_journald \
	tests/unit/sink/test_sink_syslog
check_PROGRAMS += $(UNIT_SINK)
TESTS += $(UNIT_SINK)
EXTRA_DIST += tests/unit/sink/common.h
tests_unit_sink_test_engine_SOURCES = tests/unit/sink/test_engine.c tests/unit/sink/fakes.c
tests_unit_sink_test_engine_LDADD = $(UNIT_LIBS)
tests_unit_sink_test_message_SOURCES = tests/unit/sink/test_message.c
tests_unit_sink_test_message_LDADD = $(UNIT_LIBS)
tests_unit_sink_test_ring_SOURCES = tests/unit/sink/test_ring.c
tests_unit_sink_test_ring_LDADD = $(UNIT_LIBS)
tests_unit_sink_test_sink_file_SOURCES = tests/unit/sink/test_sink_file.c tests/unit/sink/fakes.c
tests_unit_sink_test_sink_file_LDADD = $(UNIT_LIBS)
tests_unit_sink_test_sink_journald_SOURCES = tests/unit/sink/test_sink_journald.c tests/unit/sink/fakes.c
tests_unit_sink_test_sink_journald_LDADD = $(UNIT_LIBS)
tests_unit_sink_test_sink_syslog_SOURCES = tests/unit/sink/test_sink_syslog.c tests/unit/sink/fakes.c
tests_unit_sink_test_sink_syslog_LDADD = $(UNIT_LIBS)
