# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/net/dns.c \
	src/net/dns.h \
	src/net/http.c \
	src/net/http.h \
	src/net/ip.c \
	src/net/ip.h \
	src/net/stream.c \
	src/net/stream.h \
	src/net/tls.c \
	src/net/tls.h
