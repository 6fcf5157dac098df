# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_DERIVE = tests/unit/derive/test_derive tests/unit/derive/test_dnscache tests/unit/derive/test_made tests/unit/derive/test_targets
check_PROGRAMS += $(UNIT_DERIVE)
TESTS += $(UNIT_DERIVE)
tests_unit_derive_test_derive_SOURCES = tests/unit/derive/test_derive.c tests/unit/net/samples.h
tests_unit_derive_test_derive_LDADD = $(UNIT_LIBS)
tests_unit_derive_test_dnscache_SOURCES = tests/unit/derive/test_dnscache.c
tests_unit_derive_test_dnscache_LDADD = $(UNIT_LIBS)
tests_unit_derive_test_made_SOURCES = tests/unit/derive/test_made.c
tests_unit_derive_test_made_LDADD = $(UNIT_LIBS)
tests_unit_derive_test_targets_SOURCES = tests/unit/derive/test_targets.c
tests_unit_derive_test_targets_LDADD = $(UNIT_LIBS)
