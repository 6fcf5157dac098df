# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/enrich/apply.c \
	src/enrich/argv.c \
	src/enrich/cmdline.c \
	src/enrich/cmdline.h \
	src/enrich/container.c \
	src/enrich/container.h \
	src/enrich/entry.h \
	src/enrich/hostns.c \
	src/enrich/hostns.h \
	src/enrich/procfs.c \
	src/enrich/procfs.h \
	src/enrich/proctab.c \
	src/enrich/proctab.h \
	src/enrich/proctext.c \
	src/enrich/proctext.h \
	src/enrich/share.c \
	src/enrich/share.h \
	src/enrich/unit.c \
	src/enrich/unit.h
