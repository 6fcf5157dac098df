# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/derive/content.c \
	src/derive/derive.c \
	src/derive/derive.h \
	src/derive/dns.c \
	src/derive/dnscache.c \
	src/derive/dnscache.h \
	src/derive/internal.h \
	src/derive/made.c \
	src/derive/made.h \
	src/derive/packet.c \
	src/derive/targets.c \
	src/derive/targets.h
