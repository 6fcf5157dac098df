# SPDX-License-Identifier: LGPL-2.1-or-later
EXTRA_DIST += scripts/build scripts/install-deps scripts/run scripts/test .ci/run
