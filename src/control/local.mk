# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/control/bind.c \
	src/control/control.h \
	src/control/dispatch.c \
	src/control/memory.c \
	src/control/peer.c \
	src/control/peer.h \
	src/control/reply.c \
	src/control/server.c \
	src/control/server.h \
	src/control/session.c \
	src/control/stats.def \
	src/control/stats.h \
	src/control/verb_daemon.c \
	src/control/verb_dns.c \
	src/control/verb_event.c \
	src/control/verb_finding.c \
	src/control/verb_integrity.c \
	src/control/verb_policy.c \
	src/control/verb_metrics.c \
	src/control/verb_probe.c \
	src/control/verb_process.c \
	src/control/verb_record.c \
	src/control/verb_signature.c \
	src/control/verb_stats.c \
	src/control/verb_stream.c
