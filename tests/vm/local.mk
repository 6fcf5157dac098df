# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests in virtual machines; scripts/test runs them.
EXTRA_DIST += tests/vm/setup tests/vm/run tests/vm/matrix tests/vm/kernels \
	tests/vm/guest/agent tests/vm/guest/init tests/vm/guest/vm-agent.service \
	tests/vm/cases/benign.sh tests/vm/cases/cgroups.sh tests/vm/cases/lib.sh tests/vm/cases/live.sh tests/vm/cases/events.sh tests/vm/cases/lockdown.sh tests/vm/cases/oracle.sh \
	tests/vm/cases/policy.sh tests/vm/cases/service.sh tests/vm/cases/shipped.sh tests/vm/cases/signatures.sh \
	tests/vm/cases/varlinkctl.sh
