# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests in virtual machines; scripts/test runs them.
EXTRA_DIST += tests/vm/setup tests/vm/run tests/vm/kernels \
	tests/vm/guest/agent tests/vm/guest/init tests/vm/guest/vm-agent.service
