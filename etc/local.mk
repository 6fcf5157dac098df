# SPDX-License-Identifier: LGPL-2.1-or-later
# An admin's sechawk.conf is kept: an upgrade must not undo it. The drop-ins' directory comes with it.
EXTRA_DIST += etc/sechawk.conf
# Those that come with us; an admin's go to $(sysconfdir)/sechawk/policies.d.
policydir = $(datadir)/sechawk/policies
dist_policy_DATA = \
	etc/policies/10-preload.yaml \
	etc/policies/11-scheduled-tasks.yaml \
	etc/policies/12-accounts.yaml \
	etc/policies/13-authorisation.yaml \
	etc/policies/14-ssh.yaml \
	etc/policies/15-start-files.yaml \
	etc/policies/16-kernel-settings.yaml \
	etc/policies/20-kernel-modules.yaml \
	etc/policies/21-bpf.yaml \
	etc/policies/30-code-injection.yaml \
	etc/policies/31-fileless.yaml \
	etc/policies/32-namespaces.yaml \
	etc/policies/33-file-privileges.yaml \
	etc/policies/40-logs.yaml
include etc/signatures/local.mk
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(sysconfdir)/sechawk/conf.d" "$(DESTDIR)$(sysconfdir)/sechawk/policies.d" \
		"$(DESTDIR)$(sysconfdir)/sechawk/signatures.d"
	test -e "$(DESTDIR)$(sysconfdir)/sechawk/sechawk.conf" || \
		$(INSTALL_DATA) "$(srcdir)/etc/sechawk.conf" "$(DESTDIR)$(sysconfdir)/sechawk/sechawk.conf"
uninstall-local:
	cmp -s "$(srcdir)/etc/sechawk.conf" "$(DESTDIR)$(sysconfdir)/sechawk/sechawk.conf" && \
		rm -f "$(DESTDIR)$(sysconfdir)/sechawk/sechawk.conf" || :
	-rmdir "$(DESTDIR)$(sysconfdir)/sechawk/conf.d" "$(DESTDIR)$(sysconfdir)/sechawk/policies.d" \
		"$(DESTDIR)$(sysconfdir)/sechawk/signatures.d" "$(DESTDIR)$(sysconfdir)/sechawk" 2>/dev/null
