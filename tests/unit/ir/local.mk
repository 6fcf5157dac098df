# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_IR = tests/unit/ir/test_ir tests/unit/ir/test_operators tests/unit/ir/test_random tests/unit/ir/test_text
check_PROGRAMS += $(UNIT_IR)
TESTS += $(UNIT_IR)
TEST_EVENT = tests/unit/ir/event.c tests/unit/ir/event.h
IR_FIXTURE = tests/unit/ir/fixture.c tests/unit/ir/fixture.h $(TEST_EVENT)
tests_unit_ir_test_ir_SOURCES = tests/unit/ir/test_ir.c $(IR_FIXTURE)
tests_unit_ir_test_ir_LDADD = $(UNIT_LIBS)
tests_unit_ir_test_operators_SOURCES = tests/unit/ir/test_operators.c $(IR_FIXTURE)
tests_unit_ir_test_operators_LDADD = $(UNIT_LIBS)
tests_unit_ir_test_random_SOURCES = tests/unit/ir/test_random.c
tests_unit_ir_test_random_LDADD = $(UNIT_LIBS)
tests_unit_ir_test_text_SOURCES = tests/unit/ir/test_text.c $(IR_FIXTURE)
tests_unit_ir_test_text_LDADD = $(UNIT_LIBS)
