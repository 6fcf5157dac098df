# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/integrity/calls.c \
	src/integrity/findings.c \
	src/integrity/findings.h \
	src/integrity/hooks.c \
	src/integrity/integrity.c \
	src/integrity/integrity.h \
	src/integrity/internal.h \
	src/integrity/kmem.h \
	src/integrity/ksyms.c \
	src/integrity/ksyms.h \
	src/integrity/layout.c \
	src/integrity/modules.c \
	src/integrity/procfs.c
EXTRA_DIST += src/integrity/checks.def src/integrity/layout.def src/integrity/symbols.def
