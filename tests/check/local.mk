# SPDX-License-Identifier: LGPL-2.1-or-later
TESTS += tests/check/man.sh tests/check/completion.sh
dist_check_SCRIPTS += tests/check/man.sh tests/check/completion.sh
