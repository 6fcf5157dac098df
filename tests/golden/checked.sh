# SPDX-License-Identifier: LGPL-2.1-or-later
# For policies.sh and signatures.sh, which have set here, option and mode: what sechawkd says of files, compared with
# what is stored; with "update" as mode it is stored, and what changed is shown.
sechawkd=${BUILDDIR:?}/sechawkd
new=$(mktemp) || exit 99
trap 'rm -f "$new"' EXIT
status=0

# one NAME EXIT DIRECTORY: sechawkd has to end with EXIT
one() {
	name=$1
	want=$2
	cd "$here/$3" || exit 99
	"$sechawkd" "$option" --output ir $(LC_ALL=C ls | grep -E "\\.(yaml|json|list)$") >"$new"
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
