# SPDX-License-Identifier: LGPL-2.1-or-later
bin_PROGRAMS += sechawkctl
sechawkctl_SOURCES = ctl/main.c
sechawkctl_LDADD = $(COMMON_LIBS)
