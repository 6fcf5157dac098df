# SPDX-License-Identifier: LGPL-2.1-or-later
# Each room of tests has a fragment of its own, as the sources have.
AM_TESTS_ENVIRONMENT = SRCDIR=$(abs_srcdir) BUILDDIR=$(abs_builddir); export SRCDIR BUILDDIR;
UNIT_LIBS = $(DAEMON_LIBS) $(CMOCKA_LIBS)
include tests/lib/local.mk
include tests/unit/local.mk
include tests/golden/local.mk
include tests/replay/local.mk
include tests/fuzz/local.mk
include tests/kernel/local.mk
include tests/kernel/judge/local.mk
include tests/vm/local.mk
include tests/arm64/local.mk
include tests/e2e/local.mk
include tests/scenarios/local.mk
include tests/check/local.mk

# For scripts that run some of them.
.PHONY: print-tests
print-tests:
	@echo $(TESTS)
