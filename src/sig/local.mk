# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/sig/engine.h \
	src/sig/signature.h \
	src/sig/test.h
