# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/format/escape.c \
	src/format/finding.c \
	src/format/finding.h \
	src/format/foreign.c \
	src/format/foreign.h \
	src/format/format.c \
	src/format/format.h \
	src/format/json_event.c \
	src/format/json_process.c \
	src/format/json_struct.c \
	src/format/json_struct.h \
	src/format/json_value.c \
	src/format/redact.c \
	src/format/redact.h \
	src/format/render.h \
	src/format/schema.c \
	src/format/sockaddr.c \
	src/format/sockaddr.h \
	src/format/stamp.c \
	src/format/table.c \
	src/format/template.c \
	src/format/tetragon.c \
	src/format/tetragon.h \
	src/format/tetragon_exec.c \
	src/format/tetragon_process.c \
	src/format/tetragon_struct.c \
	src/format/text.c \
	src/format/tracee.c \
	src/format/tracee.h \
	src/format/tracee_packet.c \
	src/format/tracee_plan.c
EXTRA_DIST += \
	src/format/formats.def \
	src/format/tetragon.def \
	src/format/tracee.def
