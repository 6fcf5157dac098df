#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who may include whom. Fails when a file of src, bpf or ctl includes a header of
# ours that its room may not see, or not by its full path.
#
#	layers.sh [TREE]
set -u
tree=${1:-${SRCDIR:-.}}
cd "$tree" || exit 2

# The table: what the files of a room may include besides those of the room
# itself, as shell patterns. Without a row a room may not exist. Rows are those
# of ARCHITECTURE.md.
base='src/base/*'
event='src/event/*'
abi='bpf/abi/*'
allowed()
{
	case $1 in
	src/base | bpf/abi) echo ;;
	src/event) echo "$base $abi" ;;
	src/config | src/proto) echo "$base" ;;
	src/ir) echo "$base $event" ;;
	src/yaml) echo "$base" ;;
	src/policy) echo "$base $event src/ir/* src/yaml/*" ;;
	src/cel) echo "$base $event src/ir/*" ;;
	src/sig) echo "$base $event src/ir/* src/yaml/* src/cel/* src/format/* src/policy/filters.h" ;;
	src/package) echo "$base" ;;
	src/finding) echo "$base $event src/decode/* src/format/* src/cel/* src/sig/*" ;;
	# It walks the trees of src/ir.
	src/cgen) echo "$base $event $abi src/ir/*" ;;
	# The process table is made of task.def and namespaces.def.
	src/enrich) echo "$base $event $abi" ;;
	src/decode) echo "$base $event $abi" ;;
	src/net) echo "$base $event" ;;
	src/symbol) echo "$base $event $abi" ;;
	src/derive) echo "$base $event $abi src/net/*" ;;
	src/format) echo "$base $event" ;;
	src/integrity) echo "$base $event $abi" ;;
	src/probe) echo "$base $event $abi" ;;
	src/collect) echo "$base $event $abi src/probe/* src/cgen/cgen.h bpf/*.skel.h bpf/type_names.inc" ;;
	src/sink) echo "$base $event src/config/* src/format/* src/ir/*" ;;
	src/control) echo "$base $event src/proto/* src/config/config.h src/config/option.h" \
		"src/collect/collect.h src/collect/recording.h src/decode/decode.h src/enrich/proctab.h" \
		"src/format/format.h src/format/redact.h src/ir/ir.h src/probe/plan.h src/sink/sink.h src/derive/derive.h" \
		"src/integrity/integrity.h src/finding/finding.h src/package/package.h" ;;
	src/daemon) echo "src/* bpf/abi/*" ;;
	ctl) echo "$base $event src/proto/* src/format/*" ;;
	bpf | bpf/lib) echo "bpf/lib/* $abi" ;;
	*) return 1 ;;
	esac
}

# The room of a file: its folder; deeper folders belong to the room above.
room_of()
{
	case $1 in
	bpf/abi/*) echo bpf/abi ;;
	src/*/* | bpf/*/*) echo "$1" | cut -d/ -f1,2 ;;
	*) echo "${1%%/*}" ;;
	esac
}

bad=0
complain()
{
	echo "$1: $2" >&2
	bad=$((bad + 1))
}

# Includes of ours, as "file:line:path".
includes()
{
	find src bpf ctl \( -name '*.c' -o -name '*.h' -o -name '*.def' \) ! -name '*.skel.h' -exec \
		grep -Hn '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' {} + |
		sed 's/^\([^:]*:[0-9]*:\)[^"]*"\([^"]*\)".*/\1\2/'
}

# Only collect talks to libbpf; BPF programs see its helpers.
libbpf()
{
	find src ctl -name '*.[ch]' -exec grep -Hn '#[[:space:]]*include[[:space:]]*<bpf/' {} + |
		grep -v '^src/collect/'
}

count=0
list=$(includes)
[ -n "$list" ] || { echo "layers: no includes found below $tree" >&2; exit 2; }
set -f
for line in $list; do
	file=${line%%:*}
	path=${line##*:}
	where=${line%:*}
	room=$(room_of "$file")
	count=$((count + 1))
	if ! patterns=$(allowed "$room"); then
		complain "$where" "the room $room has no row in tests/check/layers.sh"
		continue
	fi
	# The tables of bpf/abi include each other, for the BPF compiler and for us.
	[ "$room" = bpf/abi ] && case $path in src/* | bpf/* | ctl/*) ;; *) path=bpf/abi/$path ;; esac
	# What configure writes is no room.
	[ "$path" = config.h ] && [ "${room%%/*}" != bpf ] && continue
	ok=no
	for pattern in "$room/*" $patterns; do
		case $path in
		$pattern) ok=yes ;;
		esac
	done
	[ $ok = yes ] || complain "$where" "$room may not include \"$path\""
done
set +f
list=$(libbpf)
[ -z "$list" ] || complain "$list" "only src/collect includes libbpf"

echo "layers: $count includes, $bad wrong"
[ $bad -eq 0 ]
