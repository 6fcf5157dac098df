# SPDX-License-Identifier: LGPL-2.1-or-later
# The cross build for aarch64 and its boot; scripts/test runs them.
EXTRA_DIST += tests/arm64/setup tests/arm64/build tests/arm64/boot
