# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/decode/chain.c \
	src/decode/chain.h \
	src/decode/decode.c \
	src/decode/decode.h \
	src/decode/path.c \
	src/decode/path.h
