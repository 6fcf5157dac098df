# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_ENRICH = tests/unit/enrich/test_cmdline tests/unit/enrich/test_container tests/unit/enrich/test_hostns tests/unit/enrich/test_procfs tests/unit/enrich/test_proctab tests/unit/enrich/test_proctab_limits \
	tests/unit/enrich/test_seed tests/unit/enrich/test_share tests/unit/enrich/test_unit
check_PROGRAMS += $(UNIT_ENRICH)
TESTS += $(UNIT_ENRICH)
ENRICH_HELP = tests/unit/enrich/fake_proc.c tests/unit/enrich/fake_proc.h \
	tests/unit/enrich/make_event.c tests/unit/enrich/make_event.h
tests_unit_enrich_test_cmdline_SOURCES = tests/unit/enrich/test_cmdline.c $(ENRICH_HELP)
tests_unit_enrich_test_cmdline_LDADD = $(UNIT_LIBS)
tests_unit_enrich_test_container_SOURCES = tests/unit/enrich/test_container.c
tests_unit_enrich_test_container_LDADD = $(UNIT_LIBS)
tests_unit_enrich_test_hostns_SOURCES = tests/unit/enrich/test_hostns.c $(ENRICH_HELP)
tests_unit_enrich_test_hostns_LDADD = $(UNIT_LIBS)
tests_unit_enrich_test_procfs_SOURCES = tests/unit/enrich/test_procfs.c $(ENRICH_HELP)
tests_unit_enrich_test_procfs_LDADD = $(UNIT_LIBS)
tests_unit_enrich_test_proctab_SOURCES = tests/unit/enrich/test_proctab.c tests/unit/enrich/table.h $(ENRICH_HELP)
tests_unit_enrich_test_proctab_LDADD = $(UNIT_LIBS)
tests_unit_enrich_test_proctab_limits_SOURCES = tests/unit/enrich/test_proctab_limits.c tests/unit/enrich/table.h $(ENRICH_HELP)
tests_unit_enrich_test_proctab_limits_LDADD = $(UNIT_LIBS)
tests_unit_enrich_test_seed_SOURCES = tests/unit/enrich/test_seed.c $(ENRICH_HELP)
tests_unit_enrich_test_seed_LDADD = $(UNIT_LIBS)
tests_unit_enrich_test_share_SOURCES = tests/unit/enrich/test_share.c
tests_unit_enrich_test_share_LDADD = $(UNIT_LIBS)
tests_unit_enrich_test_unit_SOURCES = tests/unit/enrich/test_unit.c
tests_unit_enrich_test_unit_LDADD = $(UNIT_LIBS)
