# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/cgen/asm.c \
	src/cgen/build.c \
	src/cgen/cgen.h \
	src/cgen/internal.h \
	src/cgen/learn.c \
	src/cgen/number.c \
	src/cgen/plan.c \
	src/cgen/print.c \
	src/cgen/ranges.c src/cgen/rate.c \
	src/cgen/ranges.h \
	src/cgen/source.c \
	src/cgen/text.c
