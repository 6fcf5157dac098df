#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The manual pages have no fault that man finds, and all rows of the tables are in one.
set -u
: "${SRCDIR:=.}" "${BUILDDIR:=.}"
command -v man >/dev/null && command -v groff >/dev/null || { echo "man is not installed"; exit 77; }

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
faults=0

fault() {
	echo "FAULT: $*"
	faults=$((faults + 1))
}

# As plain text on one long line each, so that no name is broken.
render() {
	page=$BUILDDIR/man/$1
	[ -s "$page" ] || { fault "$page is missing"; return; }
	LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>"$work/warnings" >/dev/null
	[ -s "$work/warnings" ] && fault "$1: $(cat "$work/warnings")"
	LC_ALL=C.UTF-8 MANWIDTH=1000 man -E UTF-8 --no-hyphenation --no-justification -l "$page" 2>/dev/null |
		sed 's/.\x08//g; s/\x1b\[[0-9;]*m//g' >"$work/$1"
	[ -s "$work/$1" ] || fault "$1: renders to nothing"
	grep -n '@TABLE' "$work/$1" && fault "$1: a table is missing"
}

# words PAGE WHAT: every line of standard input appears in the page.
words() {
	n=0
	while read -r word; do
		n=$((n + 1))
		grep -qF -- "$word" "$work/$1" || fault "$1 lacks $2 $word"
	done
	[ "$n" -gt 0 ] || fault "no $2 found in the tables: is this test still right?"
}

for page in sechawkd.8 sechawkctl.1 sechawk.conf.5 sechawk-events.7 sechawk-formats.7 sechawk-policy.5 \
	sechawk-signature.5 sechawk-signatures.7; do
	render $page
done

abi=$SRCDIR/bpf/abi
cat "$abi"/*.def |
	sed -n 's/^EVENT([^"]*"\([^"]*\)".*/\1/p' | grep -v '^process\.seed$\|^chain$\|^recorded\.until$\|^net_packet_base$' >"$work/names"
words sechawk-events.7 event <"$work/names"
sed -n 's/^SYSCALL(\([a-z0-9_]*\),.*/\1/p' "$abi"/syscalls/*.def >"$work/names"
words sechawk-events.7 "system call" <"$work/names"
# Most rows are made from those of hooks/*.def.
printf '#define OBJECT(name)\n#define PROGRAM(program, ...) program\n#include "probes.def"\n' |
	${CC:-cc} -E -P -I "$abi" - | tr -s ' \n' '\n\n' | sed '/^$/d' >"$work/names"
words sechawk-events.7 program <"$work/names"
sed -n 's/^MAP(\([a-z0-9_]*\),.*/\1/p' "$abi/maps.def" >"$work/names"
words sechawk-events.7 map <"$work/names"
sed -n 's/^FACT([^"]*"\([^"]\{1,\}\)".*/process.\1/p' "$abi/task.def" >"$work/names"
words sechawk-events.7 field <"$work/names"
sed -n 's/^name: //p' "$SRCDIR"/etc/signatures/*.yaml >"$work/names"
words sechawk-signatures.7 signature <"$work/names"
sed -n 's/^VERB([^"]*"[^"]*", "\([^"]\{1,\}\)".*/\1/p' "$SRCDIR/src/proto/verbs.def" >"$work/names"
words sechawkctl.1 command <"$work/names"
sed -n 's/^[A-Z_]*ARG(.* OPTION, [^,]*, "\([^"]*\)".*/--\1/p' "$SRCDIR/src/proto/verbs.def" >"$work/names"
words sechawkctl.1 option <"$work/names"
sed -n 's/^OPT_[A-Z]*([a-z]*, \([a-z0-9_]*\),.*/\1/p' "$SRCDIR/src/config/options.def" \
	"$SRCDIR/src/config/sink_options.def" >"$work/names"
words sechawk.conf.5 option <"$work/names"

sed -n 's/^FUNCTION([A-Z_]*, "\([^"]*\)".*/\1/p' "$SRCDIR/src/cel/function.def" >"$work/names"
words sechawk-signature.5 function <"$work/names"
cat "$SRCDIR"/src/sig/own.c "$SRCDIR"/src/sig/steps.c "$SRCDIR"/src/sig/testread.c "$SRCDIR"/src/sig/list.c |
	tr '\n' ' ' | grep -o 'keys\[\] = {[^}]*}' | grep -o '"[a-z_]*"' | tr -d '"' | sort -u >"$work/names"
words sechawk-signature.5 key <"$work/names"

"$BUILDDIR/sechawkd" --help | grep -o '^ .*--[a-z-]*' | grep -o -- '--[a-z-]*' >"$work/names"
words sechawkd.8 option <"$work/names"

[ "$faults" -eq 0 ] || { echo "$faults faults"; exit 1; }
