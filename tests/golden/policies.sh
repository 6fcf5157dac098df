#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What becomes of each policy here, and what is said of each bad one: checked.sh.
set -u
here=${SRCDIR:?}/tests/golden/policies
option=--check-policy
mode=${1:-}
. "$SRCDIR/tests/golden/checked.sh"

one good.txt 0 .
one shipped.txt 0 ../../../etc/policies
! grep -E ': (warning|pending):' "$here/shipped.txt" || status=1
one bad.txt 1 bad
exit $status
