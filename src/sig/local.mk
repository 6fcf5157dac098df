# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/sig/anchor.c \
	src/sig/by.def \
	src/sig/engine.c \
	src/sig/engine.h \
	src/sig/expression.c \
	src/sig/found.c \
	src/sig/hash.h \
	src/sig/index.c \
	src/sig/internal.h \
	src/sig/keep.c \
	src/sig/key.c \
	src/sig/list.c \
	src/sig/names.c \
	src/sig/own.c \
	src/sig/print.c \
	src/sig/read.c \
	src/sig/reader.h \
	src/sig/seen.c \
	src/sig/seen.h \
	src/sig/select.c \
	src/sig/set.c \
	src/sig/set.h \
	src/sig/signature.c \
	src/sig/signature.h \
	src/sig/state.c \
	src/sig/state.h \
	src/sig/step.c \
	src/sig/steps.c \
	src/sig/test.h \
	src/sig/testread.c \
	src/sig/tracee.c \
	src/sig/tracee.h \
	src/sig/tracee_events.c \
	src/sig/value.c
