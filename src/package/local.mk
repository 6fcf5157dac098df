# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/package/digest.c \
	src/package/digest.h \
	src/package/digestof.c \
	src/package/dpkg.c \
	src/package/dpkg.h \
	src/package/package.h \
	src/package/packages.c \
	src/package/paths.c \
	src/package/paths.h \
	src/package/rpm.c \
	src/package/rpmheader.c \
	src/package/rpmheader.h \
	src/package/table.c \
	src/package/table.h \
	src/package/watch.c \
	src/package/watch.h
