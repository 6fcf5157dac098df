# SPDX-License-Identifier: LGPL-2.1-or-later
# Pages are made from templates and the tables of the source.
MAN_PAGES = man/sechawkd.8 man/sechawkctl.1 man/sechawk.conf.5 man/sechawk-events.7 man/sechawk-formats.7
MAN_PAGES += man/sechawk-policy.5 man/sechawk-signature.5
man_MANS += $(MAN_PAGES)
EXTRA_DIST += $(MAN_PAGES:=.in)
CLEANFILES += $(MAN_PAGES) kernels.log
EXTRA_DIST += man/kernels.def man/kernels.h
noinst_PROGRAMS += man/gen_tables
man_gen_tables_SOURCES = man/gen_tables.c
man_gen_tables_LDADD = ctl/libctl.a $(COMMON_LIBS)

# When cross-compiling: what runs a program of the host, say "qemu-aarch64 -L /usr/aarch64-linux-gnu".
HOST_RUN =

$(MAN_PAGES): %: %.in man/gen_tables$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(HOST_RUN) man/gen_tables$(EXEEXT) $< >$@.tmp && mv $@.tmp $@

# Not from tables of the source, but from the signatures themselves.
man_MANS += man/sechawk-signatures.7
CLEANFILES += man/sechawk-signatures.7
EXTRA_DIST += man/sechawk-signatures.7.in man/signatures.awk
man/sechawk-signatures.7: man/sechawk-signatures.7.in man/signatures.awk $(dist_signature_DATA)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cd $(srcdir) && LC_ALL=C $(AWK) -f man/signatures.awk man/sechawk-signatures.7.in \
		etc/signatures/*.yaml >$(abs_builddir)/$@.tmp && cd $(abs_builddir) && mv $@.tmp $@

# What is seen on which kernel, anew; as root, in a build with the prefix /usr. KERNELS: only these columns.
KERNELS =
.PHONY: kernels-update
kernels-update: all triggers
	@[ "$(prefix)" = /usr ] || { echo "kernels-update: configure with --prefix=/usr (HACKING.md)" >&2; exit 1; }
	$(srcdir)/tests/vm/setup
	$(srcdir)/tests/vm/matrix --events $(abs_builddir) $(KERNELS) | tee kernels.log
	$(srcdir)/tests/kernel/table.py $(srcdir)/man/kernels.def kernels.log
