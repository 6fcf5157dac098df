# SPDX-License-Identifier: LGPL-2.1-or-later
libsechawk_a_SOURCES += \
	src/config/config.h \
	src/config/dump.c \
	src/config/load.c \
	src/config/option.c \
	src/config/option.h \
	src/config/options.def \
	src/config/parse.c \
	src/config/parse.h \
	src/config/rows_begin.h \
	src/config/rows_end.h \
	src/config/sink_options.def \
	src/config/value.c

# Only there: elsewhere what is compiled does not depend on the paths.
src/config/load.$(OBJEXT): AM_CPPFLAGS += -DHAWK_SYSCONFDIR=\"$(sysconfdir)/sechawk\" \
	-DHAWK_VENDORDIR=\"$(prefix)/lib/sechawk\"
