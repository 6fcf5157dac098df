# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_CONTROL = \
	tests/unit/control/test_bind \
	tests/unit/control/test_dns \
	tests/unit/control/test_job \
	tests/unit/control/test_memory \
	tests/unit/control/test_peer \
	tests/unit/control/test_server \
	tests/unit/control/test_stream
check_PROGRAMS += $(UNIT_CONTROL)
TESTS += $(UNIT_CONTROL)
CONTROL_FAKES = tests/unit/control/fake.c tests/unit/control/fake.h
CONTROL_CLIENT = tests/unit/control/client.c tests/unit/control/client.h $(CONTROL_FAKES)
tests_unit_control_test_bind_SOURCES = tests/unit/control/test_bind.c
tests_unit_control_test_bind_LDADD = $(UNIT_LIBS)
tests_unit_control_test_dns_SOURCES = tests/unit/control/test_dns.c $(CONTROL_CLIENT)
tests_unit_control_test_dns_LDADD = $(UNIT_LIBS)
tests_unit_control_test_job_SOURCES = tests/unit/control/test_job.c $(CONTROL_CLIENT)
tests_unit_control_test_job_LDADD = $(UNIT_LIBS)
tests_unit_control_test_memory_SOURCES = tests/unit/control/test_memory.c $(CONTROL_CLIENT)
tests_unit_control_test_memory_LDADD = $(UNIT_LIBS)
tests_unit_control_test_peer_SOURCES = tests/unit/control/test_peer.c
tests_unit_control_test_peer_LDADD = $(UNIT_LIBS)
tests_unit_control_test_server_SOURCES = tests/unit/control/test_server.c $(CONTROL_CLIENT)
tests_unit_control_test_server_LDADD = $(UNIT_LIBS)
tests_unit_control_test_stream_SOURCES = tests/unit/control/test_stream.c $(CONTROL_CLIENT)
tests_unit_control_test_stream_LDADD = $(UNIT_LIBS)
