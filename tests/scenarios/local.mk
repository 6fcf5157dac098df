# SPDX-License-Identifier: LGPL-2.1-or-later
# What attackers and admins do, and what the signatures find in it. They need root; scripts/test runs them.
EXTRA_DIST += \
	tests/scenarios/attacks.toml \
	tests/scenarios/benign.toml \
	tests/scenarios/containers.toml \
	tests/scenarios/evasion.toml \
	tests/scenarios/host.py \
	tests/scenarios/host/images.toml \
	tests/scenarios/host/packages.toml \
	tests/scenarios/host/podman.toml \
	tests/scenarios/host/work.toml \
	tests/scenarios/runner.py \
	tests/scenarios/system.toml
