# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_CONFIG = tests/unit/config/test_config
check_PROGRAMS += $(UNIT_CONFIG)
TESTS += $(UNIT_CONFIG)
tests_unit_config_test_config_SOURCES = tests/unit/config/test_config.c
tests_unit_config_test_config_LDADD = $(UNIT_LIBS)
