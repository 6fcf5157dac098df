# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/event/event.c \
	src/event/event.h \
	src/event/view.c \
	src/event/field.c \
	src/event/field.h \
	src/event/made.c \
	src/event/made.h \
	src/event/names.c \
	src/event/names.h \
	src/event/part.c \
	src/event/part.h \
	src/event/process.c \
	src/event/process.h \
	src/event/structs.c \
	src/event/structs.h \
	src/event/tracee.c \
	src/event/tracee.h
EXTRA_DIST += \
	src/event/enriched.def \
	src/event/event.def \
	src/event/names.def \
	src/event/names/caps.def \
	src/event/addresses.def \
	src/event/names/errno.def \
	src/event/names/files.def \
	src/event/names/protocols.def \
	src/event/names/ipc.def \
	src/event/names/kernel.def \
	src/event/names/memory.def \
	src/event/names/mounts.def \
	src/event/names/processes.def \
	src/event/names/security.def \
	src/event/names/sockets.def \
	src/event/names/sockopts.def \
	src/event/names/time.def \
	src/event/parts.def \
	src/event/severity.def \
	src/event/structs.def \
	src/event/tracee_args.def \
	src/event/tracee_events.def
