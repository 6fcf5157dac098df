# SPDX-License-Identifier: LGPL-2.1-or-later
# An admin's sechawk.conf is kept: an upgrade must not undo it. The drop-ins' directory comes with it.
EXTRA_DIST += etc/sechawk.conf
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(sysconfdir)/sechawk/conf.d"
	test -e "$(DESTDIR)$(sysconfdir)/sechawk/sechawk.conf" || \
		$(INSTALL_DATA) "$(srcdir)/etc/sechawk.conf" "$(DESTDIR)$(sysconfdir)/sechawk/sechawk.conf"
uninstall-local:
	cmp -s "$(srcdir)/etc/sechawk.conf" "$(DESTDIR)$(sysconfdir)/sechawk/sechawk.conf" && \
		rm -f "$(DESTDIR)$(sysconfdir)/sechawk/sechawk.conf" || :
	-rmdir "$(DESTDIR)$(sysconfdir)/sechawk/conf.d" "$(DESTDIR)$(sysconfdir)/sechawk" 2>/dev/null
