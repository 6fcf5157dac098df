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
