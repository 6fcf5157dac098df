# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/policy/aggregate.c \
	src/policy/aggregate.h \
	src/policy/filters.h \
	src/policy/group.c \
	src/policy/group.h \
	src/policy/parse.c \
	src/policy/policy.c \
	src/policy/policy.h \
	src/policy/reader.h \
	src/policy/set.c \
	src/policy/set.h \
	src/policy/tracee.c \
	src/policy/tracee.h \
	src/policy/tracee_data.c \
	src/policy/tracee_data.h \
	src/policy/tracee_event.c \
	src/policy/tracee_filters.c \
	src/policy/tracee_finding.c \
	src/policy/tracee_key.c \
	src/policy/tracee_output.c \
	src/policy/tracee_rule.c \
	src/policy/tracee_scope.c
EXTRA_DIST += \
	src/policy/tracee_detectors.def \
	src/policy/tracee_keys.def
