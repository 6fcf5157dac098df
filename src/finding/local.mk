# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += src/finding/finding.h
