#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every event that people can ask for is triggered by a case of tests/kernel/events.
# Every system call with a number on this architecture is made by one program, native or 32-bit, of BUILDDIR; without
# that they are not looked at.
#
#	triggers.sh [TREE]
set -u
tree=${1:-${SRCDIR:-.}}
bin=${BUILDDIR:+$BUILDDIR/tests/kernel/bin}
names=$(printf '%s\n' '#define EVENT(token, id, name, class, vis, ...) vis name' '#define FIELD(...)' '#define VAR(...)' \
	'#define END(token)' '#define ALT(...)' '#define NEEDS(...)' '#include "families.def"' |
	${CC:-cc} -E -P -I "$tree/bpf/abi" - | sed -n 's/^ *PUBLIC "\([^"]*\)".*/\1/p')
[ -n "$names" ] || { echo "triggers: no events found in $tree/bpf/abi" >&2; exit 2; }

bad=0
for name in $names; do
	grep -qrF "\"$name\"" "$tree/tests/kernel/events" --include='*.py' && continue
	echo "triggers: no @event_case(\"$name\") in tests/kernel/events" >&2
	bad=$((bad + 1))
done
echo "triggers: $(echo "$names" | wc -l) events, $bad without a case"

# made PROGRAM COLUMN: PROGRAM makes the calls with a number in COLUMN of the table, each once.
made()
{
	if ! made=$("$bin/$1" --list); then
		echo "triggers: $bin/$1 does not run here: its calls are not looked at"
		return
	fi
	wanted=$(echo "$rows" | awk -v column="$2" '$column >= 0 { print $1 }' | sort)
	[ "$wanted" = "$(echo "$made" | sort)" ] && echo "triggers: $1 makes $(echo "$made" | wc -l) system calls" && return
	echo "triggers: $1 makes other system calls than those of bpf/abi/syscalls.def with a number" >&2
	bad=$((bad + 1))
}

rows=$(printf '%s\n' '#define SYSCALL(name, id, x86_64, i386, aarch64, ...) row name x86_64 i386 aarch64' '#define ARG(...)' \
	'#define SYSCALL_END(name)' '#include "bpf/abi/syscalls.def"' |
	${CC:-cc} -E -P -I "$tree" - | sed -n 's/^row //p')
case ${bin:+$(${CC:-cc} -dumpmachine)} in
x86_64-*)
	made all_calls 2
	made all_calls32 3
	;;
aarch64-*) made all_calls 4 ;;
esac
[ $bad -eq 0 ]
