# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/collect/attach.c \
	src/collect/cgroup.c \
	src/collect/cgroup.h \
	src/collect/collect.c \
	src/collect/collect.h \
	src/collect/features.c \
	src/collect/features.h \
	src/collect/filter.c \
	src/collect/filter.h \
	src/collect/guard.c \
	src/collect/internal.h \
	src/collect/judge.c \
	src/collect/judge.h \
	src/collect/load.c \
	src/collect/minbtf.c \
	src/collect/minbtf.h \
	src/collect/objects.c \
	src/collect/objects.h \
	src/collect/own.c \
	src/collect/packets.c \
	src/collect/pages.c \
	src/collect/peek.c \
	src/collect/peek.h \
	src/collect/read.c \
	src/collect/recording.c \
	src/collect/recording.h \
	src/collect/kring.c \
	src/collect/kring.h \
	src/collect/seed.c \
	src/collect/sysrows.c \
	src/collect/types.c \
	src/collect/types.h
