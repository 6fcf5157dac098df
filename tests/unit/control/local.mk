# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_CONTROL = \
	tests/unit/control/test_server
check_PROGRAMS += $(UNIT_CONTROL)
TESTS += $(UNIT_CONTROL)
CONTROL_FAKES = tests/unit/control/fake.c tests/unit/control/fake.h tests/unit/control/fake_ir.c
tests_unit_control_test_server_SOURCES = tests/unit/control/test_server.c $(CONTROL_FAKES)
tests_unit_control_test_server_LDADD = $(UNIT_LIBS)
