# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_PROTO = \
	tests/unit/proto/test_frame \
	tests/unit/proto/test_idl \
	tests/unit/proto/test_message \
	tests/unit/proto/test_verbs
check_PROGRAMS += $(UNIT_PROTO)
TESTS += $(UNIT_PROTO)
tests_unit_proto_test_frame_SOURCES = tests/unit/proto/test_frame.c
tests_unit_proto_test_frame_LDADD = $(UNIT_LIBS)
tests_unit_proto_test_idl_SOURCES = tests/unit/proto/test_idl.c
tests_unit_proto_test_idl_LDADD = $(UNIT_LIBS)
tests_unit_proto_test_message_SOURCES = tests/unit/proto/test_message.c
tests_unit_proto_test_message_LDADD = $(UNIT_LIBS)
tests_unit_proto_test_verbs_SOURCES = tests/unit/proto/test_verbs.c
tests_unit_proto_test_verbs_LDADD = $(UNIT_LIBS)
