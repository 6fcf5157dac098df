#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What becomes of each policy here, and what is said of each bad one, compared
# with what is stored; with "update" as argument stores it and shows what changed.
set -u
here=${SRCDIR:?}/tests/golden/policies
sechawkd=${BUILDDIR:?}/sechawkd
mode=${1:-}
new=$(mktemp) || exit 99
trap 'rm -f "$new"' EXIT
status=0

# one NAME EXIT DIRECTORY: sechawkd has to end with EXIT
one() {
	name=$1
	want=$2
	cd "$here/$3" || exit 99
	"$sechawkd" --check-policy --output ir $(LC_ALL=C ls | grep -E "\\.(yaml|json)$") >"$new"
	got=$?
	if [ $got != "$want" ]; then
		echo "$name: sechawkd ended with $got rather than $want"
		status=1
	fi
	diff -uN "$here/$name" "$new" && return
	if [ "$mode" = update ]; then
		cp "$new" "$here/$name"
	else
		echo "$name differs: see above; if that is what you want, run make golden-update"
		status=1
	fi
}

one good.txt 0 .
one shipped.txt 0 ../../../etc/policies
! grep -E ': (warning|pending):' "$here/shipped.txt" || status=1
one bad.txt 1 bad
exit $status
