# SPDX-License-Identifier: LGPL-2.1-or-later
# The types of sinks: a word here adds the source file and its place in the registry.
SINK_TYPES = \
	src/sink/sink_file \
	src/sink/sink_journald \
	src/sink/sink_stdout \
	src/sink/sink_syslog
libsechawk_a_SOURCES += $(SINK_TYPES:=.c) \
	src/sink/connect.c \
	src/sink/engine.c \
	src/sink/internal.h \
	src/sink/message.c \
	src/sink/message.def \
	src/sink/message.h \
	src/sink/message_id.c \
	src/sink/options.c \
	src/sink/outlet.c \
	src/sink/ring.c \
	src/sink/ring.h \
	src/sink/sink.h \
	src/sink/subscriber.c \
	src/sink/worker.c
BUILT_SOURCES += src/sink/sinks.def
CLEANFILES += src/sink/sinks.def
src/sink/sinks.def: $(srcdir)/src/sink/local.mk
	$(AM_V_GEN)$(MKDIR_P) src/sink && for t in $(SINK_TYPES); do echo "SINK($${t#src/sink/sink_})"; done >$@.tmp && \
	mv $@.tmp $@
