#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Signatures and policies are in the lists of what is installed: one that is not would be missed by nobody.
#
#	lists.sh [TREE]
set -u
cd "${1:-${SRCDIR:-.}}" || exit 2
bad=0
count=0

for path in etc/signatures/* etc/policies/*; do
	case $path in
	*/local.mk) continue ;;
	esac
	[ -e "$path" ] || continue
	count=$((count + 1))
	cat etc/local.mk etc/signatures/local.mk 2>/dev/null | grep -qE "$path( |\$)" && continue
	echo "$path: in no list of etc/local.mk or etc/signatures/local.mk" >&2
	bad=$((bad + 1))
done
echo "lists: $count files, $bad in none"
[ "$bad" = 0 ]
