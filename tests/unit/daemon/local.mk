# SPDX-License-Identifier: LGPL-2.1-or-later
# What of the daemon stands alone.
UNIT_DAEMON = tests/unit/daemon/test_loss tests/unit/daemon/test_policies tests/unit/daemon/test_signatures \
	tests/unit/daemon/test_steps
check_PROGRAMS += $(UNIT_DAEMON)
TESTS += $(UNIT_DAEMON)
tests_unit_daemon_test_loss_SOURCES = tests/unit/daemon/test_loss.c src/daemon/loss.c
tests_unit_daemon_test_loss_LDADD = $(UNIT_LIBS)
tests_unit_daemon_test_policies_SOURCES = tests/unit/daemon/test_policies.c src/daemon/matching.c src/daemon/filedir.c \
	src/daemon/policylist.c src/daemon/problems.c
tests_unit_daemon_test_policies_LDADD = $(UNIT_LIBS)
tests_unit_daemon_test_signatures_SOURCES = tests/unit/daemon/test_signatures.c src/daemon/facts.c src/daemon/filedir.c \
	src/daemon/learning.c src/daemon/problems.c src/daemon/sigfiles.c src/daemon/stdiosock.c
tests_unit_daemon_test_signatures_LDADD = $(UNIT_LIBS)
tests_unit_daemon_test_steps_SOURCES = tests/unit/daemon/test_steps.c src/daemon/steps.c
tests_unit_daemon_test_steps_LDADD = $(UNIT_LIBS)
