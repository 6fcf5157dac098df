# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/symbol/elf.c \
	src/symbol/elf.h \
	src/symbol/internal.h \
	src/symbol/known.c \
	src/symbol/library.c \
	src/symbol/library.h \
	src/symbol/symbols.c \
	src/symbol/symbols.h
