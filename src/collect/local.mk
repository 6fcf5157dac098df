# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/collect/collect.h \
	src/collect/recording.c \
	src/collect/recording.h
