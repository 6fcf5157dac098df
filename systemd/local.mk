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

# Texts for journalctl -x.
dist_catalog_DATA = systemd/sechawk.catalog
