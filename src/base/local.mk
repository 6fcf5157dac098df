# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/base/buf.c \
	src/base/buf.h \
	src/base/cleanup.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/diag.c \
	src/base/diag.h \
	src/base/duration.c \
	src/base/duration.h \
	src/base/host.c \
	src/base/host.h \
	src/base/inroot.c \
	src/base/inroot.h \
	src/base/log.c \
	src/base/log.h \
	src/base/nearest.c \
	src/base/nearest.h \
	src/base/siphash.c \
	src/base/siphash.h \
	src/base/textfile.c \
	src/base/textfile.h
