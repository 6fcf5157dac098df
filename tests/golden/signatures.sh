#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What becomes of each signature here, and what is said of each bad one: checked.sh. Those that are shipped have no fault.
set -u
here=${SRCDIR:?}/tests/golden/signatures
option=--check-signature
mode=${1:-}
. "$SRCDIR/tests/golden/checked.sh"

one good.txt 0 .
one bad.txt 1 bad
shipped=$SRCDIR/etc/signatures
if [ -d "$shipped" ]; then
	"$sechawkd" --check-signature "$shipped" >"$new" || status=1
	! grep -E ': (error|warning|pending):' "$new" || status=1
fi
exit $status
