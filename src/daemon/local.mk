# SPDX-License-Identifier: LGPL-2.1-or-later
sbin_PROGRAMS += sechawkd
sechawkd_SOURCES = src/daemon/main.c
sechawkd_LDADD = $(DAEMON_LIBS)
