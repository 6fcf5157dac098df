# SPDX-License-Identifier: LGPL-2.1-or-later
# Replays: a recording goes through reader, decoder and process table as in the
# daemon, with the clock of its events and without /proc. Recordings follow the
# event tables, so they are made by the tests and not kept.
if HAVE_CMOCKA
REPLAY_TESTS = tests/replay/test_model
check_PROGRAMS += $(REPLAY_TESTS)
TESTS += $(REPLAY_TESTS)
tests_replay_test_model_SOURCES = tests/replay/test_model.c
tests_replay_test_model_LDADD = $(UNIT_LIBS)
endif

# A recording through sechawkd --replay against the stored output. make replay-update replaces that and shows the
# difference.
check_PROGRAMS += tests/replay/emit
tests_replay_emit_SOURCES = tests/replay/emit.c
tests_replay_emit_LDADD = $(TEST_LIB) $(DAEMON_LIBS)
dist_check_SCRIPTS += tests/replay/golden
TESTS += tests/replay/golden
EXTRA_DIST += tests/replay/replay.json

replay-update: tests/replay/emit sechawkd
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/replay/golden update
.PHONY: replay-update
