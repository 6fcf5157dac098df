# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_IR = tests/unit/ir/test_ir tests/unit/ir/test_random
check_PROGRAMS += $(UNIT_IR)
TESTS += $(UNIT_IR)
tests_unit_ir_test_ir_SOURCES = tests/unit/ir/test_ir.c
tests_unit_ir_test_ir_LDADD = $(UNIT_LIBS)
tests_unit_ir_test_random_SOURCES = tests/unit/ir/test_random.c
tests_unit_ir_test_random_LDADD = $(UNIT_LIBS)
