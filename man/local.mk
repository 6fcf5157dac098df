# SPDX-License-Identifier: LGPL-2.1-or-later
# Pages are made from templates and the tables of the source.
MAN_PAGES = man/sechawkd.8 man/sechawkctl.1 man/sechawk.conf.5 man/sechawk-events.7 man/sechawk-formats.7
man_MANS += $(MAN_PAGES)
EXTRA_DIST += $(MAN_PAGES:=.in)
CLEANFILES += $(MAN_PAGES)
noinst_PROGRAMS += man/gen_tables
man_gen_tables_SOURCES = man/gen_tables.c
man_gen_tables_LDADD = ctl/libctl.a $(COMMON_LIBS)

# When cross-compiling: what runs a program of the host, say "qemu-aarch64 -L /usr/aarch64-linux-gnu".
HOST_RUN =

$(MAN_PAGES): %: %.in man/gen_tables$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(HOST_RUN) man/gen_tables$(EXEEXT) $< >$@.tmp && mv $@.tmp $@
