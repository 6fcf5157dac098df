# SPDX-License-Identifier: LGPL-2.1-or-later
sbin_PROGRAMS += sechawkd
sechawkd_SOURCES = \
	src/daemon/announce.c \
	src/daemon/announce.h \
	src/daemon/checkconf.c \
	src/daemon/checkconf.h \
	src/daemon/checkpolicy.c \
	src/daemon/checkpolicy.h \
	src/daemon/daemon.c \
	src/daemon/daemon.h \
	src/daemon/filedir.c \
	src/daemon/filedir.h \
	src/daemon/filewatch.c \
	src/daemon/filewatch.h \
	src/daemon/inspect.c \
	src/daemon/inspect.h \
	src/daemon/interest.c \
	src/daemon/interest.h \
	src/daemon/loss.c \
	src/daemon/loss.h \
	src/daemon/main.c \
	src/daemon/matching.c \
	src/daemon/matching.h \
	src/daemon/ops.c \
	src/daemon/params.c \
	src/daemon/params.h \
	src/daemon/pipeline.c \
	src/daemon/pipeline.h \
	src/daemon/policies.c \
	src/daemon/policies.h \
	src/daemon/policycode.c \
	src/daemon/policycode.h \
	src/daemon/policylist.c \
	src/daemon/policylist.h \
	src/daemon/policyshow.c \
	src/daemon/policyshow.h \
	src/daemon/privilege.c \
	src/daemon/problems.c \
	src/daemon/problems.h \
	src/daemon/replay.c \
	src/daemon/sinkconf.c \
	src/daemon/sinkconf.h \
	src/daemon/state.h \
	src/daemon/symbolconf.c \
	src/daemon/symbolconf.h
sechawkd_LDADD = $(DAEMON_LIBS)
