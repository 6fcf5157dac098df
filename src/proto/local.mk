# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/proto/args.c \
	src/proto/explain.c \
	src/proto/frame.c \
	src/proto/frame.h \
	src/proto/idl.c \
	src/proto/message.c \
	src/proto/message.h \
	src/proto/proto.h \
	src/proto/verbs.c \
	src/proto/verbs.def
