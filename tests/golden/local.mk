# SPDX-License-Identifier: LGPL-2.1-or-later
# Stored output of the formats, and the programs that policies become. make golden-update replaces it and shows the difference.
check_PROGRAMS += tests/golden/emit
tests_golden_emit_SOURCES = tests/golden/emit.c tests/golden/families.c tests/golden/families.h \
	tests/unit/format/sample.c tests/unit/format/sample.h
tests_golden_emit_LDADD = libsechawk.a
check_PROGRAMS += tests/golden/compile
tests_golden_compile_SOURCES = tests/golden/compile.c tests/golden/cases.c tests/golden/cases.h
tests_golden_compile_LDADD = $(COMMON_LIBS)
dist_check_SCRIPTS += tests/golden/golden
TESTS += tests/golden/golden
EXTRA_DIST += \
	tests/golden/events.csv \
	tests/golden/events.json \
	tests/golden/events.table \
	tests/golden/events.template \
	tests/golden/events.tetragon \
	tests/golden/events.tracee \
	tests/golden/events.wide \
	tests/golden/families.json \
	tests/golden/families.tetragon \
	tests/golden/families.tracee \
	tests/golden/programs.cases \
	tests/golden/programs.golden \
	tests/golden/programs.verified \
	tests/golden/verified

# Policies and signatures, and what they become.
dist_check_SCRIPTS += tests/golden/policies.sh tests/golden/signatures.sh
TESTS += tests/golden/policies.sh tests/golden/signatures.sh
EXTRA_DIST += tests/golden/policies tests/golden/signatures tests/golden/checked.sh

golden-update: tests/golden/emit tests/golden/compile sechawkd
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/golden/golden update; $(srcdir)/tests/golden/policies.sh update; \
		$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/golden/signatures.sh update
# Root.
golden-verified: tests/kernel/bin/judge
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/golden/verified update
.PHONY: golden-update golden-verified
