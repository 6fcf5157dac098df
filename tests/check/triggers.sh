#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every event that people can ask for is triggered by a case of tests/kernel/events.
# Every system call is made by one program of BUILDDIR, native and 32-bit; without that they are not looked at.
#
#	triggers.sh [TREE]
set -u
tree=${1:-${SRCDIR:-.}}
bin=${BUILDDIR:-.}/tests/kernel/bin
names=$(printf '%s\n' '#define EVENT(token, id, name, class, vis, ...) vis name' '#define FIELD(...)' '#define VAR(...)' \
	'#define END(token)' '#define ALT(...)' '#define NEEDS(...)' '#include "families.def"' |
	${CC:-cc} -E -P -I "$tree/bpf/abi" - | sed -nE 's/^ *(PUBLIC|ADMIN) "([^"]*)".*/\2/p')
[ -n "$names" ] || { echo "triggers: no events found in $tree/bpf/abi" >&2; exit 2; }

# The arguments of the decorators, or of a tuple that is one (*NAMES), nothing else that is named in a case.
cases=$(python3 - "$tree"/tests/kernel/events/*.py <<'END'
import ast
import sys
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as text:
        tree = ast.parse(text.read())
    tuples = {target.id: node.value.elts for node in tree.body if isinstance(node, ast.Assign)
              and isinstance(node.value, ast.Tuple) for target in node.targets if isinstance(target, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "event_case":
            for arg in node.args:
                given = tuples.get(getattr(arg.value, "id", ""), ()) if isinstance(arg, ast.Starred) else (arg,)
                print(*(name.value for name in given if isinstance(name, ast.Constant)), sep="\n")
END
)
bad=0
for name in $names; do
	echo "$cases" | grep -qxF "$name" && continue
	echo "triggers: no @event_case(\"$name\") in tests/kernel/events" >&2
	bad=$((bad + 1))
done
echo "triggers: $(echo "$names" | wc -l) events, $bad without a case"

rows=$(printf '%s\n' '#define SYSCALL(name, id, x86_64, i386, aarch64, ...) row name x86_64 i386 aarch64' '#define ARG(...)' \
	'#define SYSCALL_END(name)' '#include "bpf/abi/syscalls.def"' |
	${CC:-cc} -E -P -I "$tree" - | sed -n 's/^row //p')

# made PROGRAM: it makes each call that has a number where it runs.
made()
{
	case $(od -An -tu2 -j18 -N2 "$1" | tr -d ' ') in # e_machine, elf(5)
	62) column=2 ;;
	3) column=3 ;;
	183) column=4 ;;
	*) return 1 ;;
	esac
	if ! calls=$("$1" --list); then
		echo "triggers: ${1##*/} does not run here, its calls are not looked at"
		return 0
	fi
	echo "triggers: ${1##*/} makes $(echo "$calls" | wc -l) system calls"
	[ "$(echo "$calls" | sort)" = "$(echo "$rows" | awk -v column=$column '$column >= 0 { print $1 }' | sort)" ]
}

for program in "$bin"/all_calls*; do
	made "$program" && continue
	echo "triggers: $program does not make the system calls of bpf/abi/syscalls.def" >&2
	bad=$((bad + 1))
done
[ $bad -eq 0 ]
