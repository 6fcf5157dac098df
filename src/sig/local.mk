# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/sig/by.def \
	src/sig/engine.h \
	src/sig/expression.c \
	src/sig/list.c \
	src/sig/names.c \
	src/sig/own.c \
	src/sig/read.c \
	src/sig/reader.h \
	src/sig/select.c \
	src/sig/severity.def \
	src/sig/signature.c \
	src/sig/signature.h \
	src/sig/steps.c \
	src/sig/test.h \
	src/sig/testread.c \
	src/sig/value.c
