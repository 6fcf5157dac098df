#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every event that people can ask for is triggered by a case of tests/kernel/events.
# System calls are triggered by one program that is made from their table.
#
#	triggers.sh [TREE]
set -u
tree=${1:-${SRCDIR:-.}}
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
[ $bad -eq 0 ]
