# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/cel/ask.c \
	src/cel/call.c \
	src/cel/cel.h \
	src/cel/check.c \
	src/cel/compile.c \
	src/cel/convert.c \
	src/cel/eval.c \
	src/cel/field.c \
	src/cel/function.def \
	src/cel/leaf.c \
	src/cel/lex.c \
	src/cel/lower.c \
	src/cel/lower.h \
	src/cel/model.h \
	src/cel/node.h \
	src/cel/parse.c \
	src/cel/read.c \
	src/cel/resolve.c \
	src/cel/run.h \
	src/cel/template.c \
	src/cel/text.c \
	src/cel/tracee.c \
	src/cel/tracee_names.def \
	src/cel/value.c
