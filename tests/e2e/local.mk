# SPDX-License-Identifier: LGPL-2.1-or-later
# End to end: sechawkd and sechawkctl together on this kernel. They need root; scripts/test runs them.
EXTRA_DIST += \
	tests/e2e/cases_control.py \
	tests/e2e/cases_detectors.py \
	tests/e2e/cases_events.py \
	tests/e2e/cases_filters.py \
	tests/e2e/cases_findings.py \
	tests/e2e/cases_guard.py \
	tests/e2e/cases_life.py \
	tests/e2e/cases_model.py \
	tests/e2e/cases_record.py \
	tests/e2e/cases_signatures.py \
	tests/e2e/cases_sinks.py \
	tests/e2e/ctl.sh \
	tests/e2e/e2e.py \
	tests/e2e/lab.py
