# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/yaml/place.c \
	src/yaml/place.h \
	src/yaml/reader.c \
	src/yaml/reader.h \
	src/yaml/yaml.c \
	src/yaml/yaml.h
