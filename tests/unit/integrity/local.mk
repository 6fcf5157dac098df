# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_INTEGRITY = \
	tests/unit/integrity/test_findings \
	tests/unit/integrity/test_hooks \
	tests/unit/integrity/test_ksyms \
	tests/unit/integrity/test_modules \
	tests/unit/integrity/test_tables
check_PROGRAMS += $(UNIT_INTEGRITY)
TESTS += $(UNIT_INTEGRITY)
INTEGRITY_KERNEL = tests/unit/integrity/kernel.c tests/unit/integrity/fixture.h tests/unit/integrity/kernel.h
tests_unit_integrity_test_findings_SOURCES = tests/unit/integrity/test_findings.c
tests_unit_integrity_test_findings_LDADD = $(UNIT_LIBS)
tests_unit_integrity_test_hooks_SOURCES = tests/unit/integrity/test_hooks.c $(INTEGRITY_KERNEL)
tests_unit_integrity_test_hooks_LDADD = $(UNIT_LIBS)
tests_unit_integrity_test_ksyms_SOURCES = tests/unit/integrity/test_ksyms.c $(INTEGRITY_KERNEL)
tests_unit_integrity_test_ksyms_LDADD = $(UNIT_LIBS)
tests_unit_integrity_test_modules_SOURCES = tests/unit/integrity/test_modules.c $(INTEGRITY_KERNEL)
tests_unit_integrity_test_modules_LDADD = $(UNIT_LIBS)
tests_unit_integrity_test_tables_SOURCES = tests/unit/integrity/test_tables.c $(INTEGRITY_KERNEL)
tests_unit_integrity_test_tables_LDADD = $(UNIT_LIBS)
