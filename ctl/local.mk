# SPDX-License-Identifier: LGPL-2.1-or-later
bin_PROGRAMS += sechawkctl
sechawkctl_SOURCES = ctl/main.c
sechawkctl_LDADD = ctl/libctl.a $(COMMON_LIBS)

# All but main, for the tests and the manual pages.
noinst_LIBRARIES += ctl/libctl.a
ctl_libctl_a_CPPFLAGS = $(AM_CPPFLAGS) -DHAWK_SBINDIR=\"$(sbindir)\"
ctl_libctl_a_SOURCES = \
	ctl/base64.c \
	ctl/base64.h \
	ctl/call.c \
	ctl/client.c \
	ctl/client.h \
	ctl/completion.c \
	ctl/ctl.h \
	ctl/exits.def \
	ctl/fmt.c \
	ctl/fmt.h \
	ctl/fmt_daemon.c \
	ctl/fmt_dns.c \
	ctl/fmt_event.c \
	ctl/fmt_finding.c \
	ctl/fmt_integrity.c \
	ctl/fmt_policy.c \
	ctl/fmt_probe.c \
	ctl/fmt_process.c \
	ctl/fmt_signature.c \
	ctl/fmt_stats.c \
	ctl/graph.c \
	ctl/graph.h \
	ctl/help.c \
	ctl/line.c \
	ctl/line.h \
	ctl/pager.c \
	ctl/parse.c \
	ctl/policy.c \
	ctl/record.c \
	ctl/stream.c \
	ctl/table.c \
	ctl/table.h \
	ctl/term.c \
	ctl/term.h \
	ctl/text.c \
	ctl/text.h

# The schema of the events is printed by the program as well.
schemadir = $(pkgdatadir)/schema
schema_DATA = ctl/schema/event.json
CLEANFILES += $(schema_DATA)
ctl/schema/event.json: sechawkctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(HOST_RUN) ./sechawkctl$(EXEEXT) event schema >$@.tmp && mv $@.tmp $@

# Completion is printed by the program itself; HOST_RUN (man/local.mk) runs it when cross-compiling.
bashcompletion_DATA = ctl/completion/sechawkctl
zshcompletion_DATA = ctl/completion/_sechawkctl
CLEANFILES += $(bashcompletion_DATA) $(zshcompletion_DATA)
ctl/completion/sechawkctl: sechawkctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(HOST_RUN) ./sechawkctl$(EXEEXT) completion bash >$@.tmp && mv $@.tmp $@
ctl/completion/_sechawkctl: sechawkctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(HOST_RUN) ./sechawkctl$(EXEEXT) completion zsh >$@.tmp && mv $@.tmp $@
