# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/ir/check.c \
	src/ir/check.h \
	src/ir/eval.c \
	src/ir/events.c \
	src/ir/glob.c \
	src/ir/ir.h \
	src/ir/join.c \
	src/ir/node.c \
	src/ir/node.h \
	src/ir/operand.c \
	src/ir/order.c \
	src/ir/parse.c \
	src/ir/print.c \
	src/ir/regex.c \
	src/ir/resolve.c \
	src/ir/scan.c \
	src/ir/value.h
