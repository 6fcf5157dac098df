# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_SYMBOL = tests/unit/symbol/test_elf tests/unit/symbol/test_known tests/unit/symbol/test_symbols
check_PROGRAMS += $(UNIT_SYMBOL)
TESTS += $(UNIT_SYMBOL)
tests_unit_symbol_test_elf_SOURCES = tests/unit/symbol/test_elf.c tests/unit/symbol/sample.h
tests_unit_symbol_test_elf_LDADD = $(UNIT_LIBS)
tests_unit_symbol_test_known_SOURCES = tests/unit/symbol/test_known.c tests/unit/symbol/sample.h
tests_unit_symbol_test_known_LDADD = $(UNIT_LIBS)
tests_unit_symbol_test_symbols_SOURCES = tests/unit/symbol/test_symbols.c tests/unit/symbol/sample.h
tests_unit_symbol_test_symbols_LDADD = $(UNIT_LIBS)
# readers that stand still, and time
tests_unit_symbol_test_symbols_LDFLAGS = -Wl,--wrap=openat,--wrap=clock_gettime
