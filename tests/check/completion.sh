#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The completion scripts load, and bash offers what fits the place of the word.
set -u
: "${BUILDDIR:=.}"
command -v bash >/dev/null || { echo "bash is not installed"; exit 77; }
command -v zsh >/dev/null && { zsh -n "$BUILDDIR/ctl/completion/_sechawkctl" || exit 1; }

exec bash -u -c '
. "$1" || exit 1
compopt() { :; } # works only while the shell itself completes
faults=0
# offers WORDS... = EXPECTED...: what is offered for the last word begins with these
offers() {
	local -a words=() expected=()
	while [ "$1" != "=>" ]; do words+=("$1"); shift; done
	shift
	expected=("$@")
	COMP_WORDS=(sechawkctl "${words[@]}")
	COMP_CWORD=${#words[@]}
	COMPREPLY=()
	_sechawkctl
	if [ "${COMPREPLY[*]:0:${#expected[@]}}" != "${expected[*]}" ] ||
	   { [ $# -eq 0 ] && [ ${#COMPREPLY[@]} -ne 0 ]; }; then
		echo "FAULT: ${words[*]}: offers \"${COMPREPLY[*]}\", not \"${expected[*]}\""
		faults=$((faults + 1))
	fi
}
offers stat "=>" status stats
offers event "" "=>" list show schema enable disable
offers event enable sched_process_ex "=>" sched_process_exec sched_process_exit
offers watch -o "" "=>" table wide json tracee tetragon csv
offers watch --output = js "=>" json
offers status -o "" "=>" table
offers --output json ev "=>" event
offers watch --wh "=>" --where
offers watch --count 3 tcp_c "=>" tcp_connect
offers watch --count "" "=>"
offers trace process.ui "=>" process.uid=
offers log-level deb "=>" debug
offers completion "" "=>" bash zsh
offers process show $$ "=>" $$
sechawkctl() { echo "{\"policies\":[{\"name\":\"etc-opens\"},{\"name\": \"other\"}]}"; }
offers policy show "" "=>" etc-opens other
offers policy disable et "=>" etc-opens
exit $((faults > 0))
' completion "$BUILDDIR/ctl/completion/sechawkctl"
