# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/event/event.h \
	src/event/field.h \
	src/event/names.h \
	src/event/process.h
