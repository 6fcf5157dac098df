# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_CTL = tests/unit/ctl/test_parse tests/unit/ctl/test_text tests/unit/ctl/test_fmt \
	tests/unit/ctl/test_client tests/unit/ctl/test_graph
check_PROGRAMS += $(UNIT_CTL)
TESTS += $(UNIT_CTL)
CTL_LIBS = ctl/libctl.a $(UNIT_LIBS)
tests_unit_ctl_test_parse_SOURCES = tests/unit/ctl/test_parse.c
tests_unit_ctl_test_parse_LDADD = $(CTL_LIBS)
tests_unit_ctl_test_text_SOURCES = tests/unit/ctl/test_text.c
tests_unit_ctl_test_text_LDADD = $(CTL_LIBS)
tests_unit_ctl_test_fmt_SOURCES = tests/unit/ctl/test_fmt.c
tests_unit_ctl_test_fmt_LDADD = $(CTL_LIBS)
tests_unit_ctl_test_client_SOURCES = tests/unit/ctl/test_client.c
tests_unit_ctl_test_client_LDADD = $(CTL_LIBS)
tests_unit_ctl_test_graph_SOURCES = tests/unit/ctl/test_graph.c
tests_unit_ctl_test_graph_LDADD = $(CTL_LIBS)
