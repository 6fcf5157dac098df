# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/finding/context.c \
	src/finding/event.c \
	src/finding/finding.c \
	src/finding/finding.h \
	src/finding/internal.h \
	src/finding/ring.c \
	src/finding/story.c \
	src/finding/tree.c
