# SPDX-License-Identifier: LGPL-2.1-or-later
# What attackers and admins do, and what the signatures find in it. They need root; scripts/test runs them.
EXTRA_DIST += \
	tests/scenarios/attacks.toml \
	tests/scenarios/benign.toml \
	tests/scenarios/containers.toml \
	tests/scenarios/runner.py
