# SPDX-License-Identifier: LGPL-2.1-or-later
nodist_systemdsystemunit_DATA = systemd/sechawkd.service
dist_systemdsystemunit_DATA = systemd/sechawkd.socket
dist_sysusers_DATA = systemd/sysusers.d/sechawk.conf
dist_tmpfiles_DATA = systemd/tmpfiles.d/sechawk.conf
EXTRA_DIST += systemd/sechawkd.service.in
CLEANFILES += systemd/sechawkd.service

systemd/sechawkd.service: systemd/sechawkd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && sed 's|@sbindir[@]|$(sbindir)|g' $(srcdir)/systemd/sechawkd.service.in >$@.tmp && \
		mv $@.tmp $@

# Texts for journalctl -x: those written by hand, and one out of the tables for every other event,
# one for every signature.
nodist_catalog_DATA = systemd/sechawk.catalog
EXTRA_DIST += systemd/sechawk.catalog.in
CLEANFILES += systemd/sechawk.catalog
noinst_PROGRAMS += systemd/gen_catalog
systemd_gen_catalog_SOURCES = systemd/gen_catalog.c
systemd_gen_catalog_LDADD = $(COMMON_LIBS)

systemd/sechawk.catalog: systemd/sechawk.catalog.in systemd/gen_catalog$(EXEEXT) $(dist_signature_DATA)
	$(AM_V_GEN)$(MKDIR_P) systemd && $(HOST_RUN) systemd/gen_catalog$(EXEEXT) $(srcdir)/systemd/sechawk.catalog.in \
		$(dist_signature_DATA:%=$(srcdir)/%) >$@.tmp && \
		mv $@.tmp $@
