# SPDX-License-Identifier: LGPL-2.1-or-later
UNIT_NET = tests/unit/net/test_dns tests/unit/net/test_http tests/unit/net/test_ip tests/unit/net/test_stream \
	tests/unit/net/test_tls
check_PROGRAMS += $(UNIT_NET)
TESTS += $(UNIT_NET)
tests_unit_net_test_dns_SOURCES = tests/unit/net/test_dns.c tests/unit/net/samples.h
tests_unit_net_test_dns_LDADD = $(UNIT_LIBS)
tests_unit_net_test_http_SOURCES = tests/unit/net/test_http.c tests/unit/net/samples.h
tests_unit_net_test_http_LDADD = $(UNIT_LIBS)
tests_unit_net_test_ip_SOURCES = tests/unit/net/test_ip.c tests/unit/net/samples.h
tests_unit_net_test_ip_LDADD = $(UNIT_LIBS)
tests_unit_net_test_stream_SOURCES = tests/unit/net/test_stream.c tests/unit/net/samples.h
tests_unit_net_test_stream_LDADD = $(UNIT_LIBS)
tests_unit_net_test_tls_SOURCES = tests/unit/net/test_tls.c tests/unit/net/samples.h
tests_unit_net_test_tls_LDADD = $(UNIT_LIBS)
