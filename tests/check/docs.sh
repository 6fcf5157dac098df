#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The documents say what is: the rooms, files, functions, includes, capabilities,
# commands and options that they name exist. Commands are asked of the programs
# in BUILDDIR; without it they are not looked at.
#
#	docs.sh [TREE]
set -uf
tree=${1:-${SRCDIR:-.}}
build=${BUILDDIR:-}
[ -z "$build" ] || build=$(cd "$build" && pwd) || exit 2
cd "$tree" || exit 2
docs="README.md ARCHITECTURE.md HACKING.md SECURITY.md"
# Deeper folders belong to the room above.
rooms=$(find src bpf ctl -type f \( -name '*.[ch]' -o -name '*.def' \) ! -name '*.skel.h' |
	sed 's|/[^/]*$||' | cut -d/ -f1,2 | sort -u)
[ -n "$rooms" ] || { echo "docs: no rooms found below $tree" >&2; exit 2; }
bad=0

fault()
{
	echo "docs: $*" >&2
	bad=$((bad + 1))
}

# quoted DOC...: the words in backquotes that have no space in them.
quoted()
{
	sed 's/`[^` ]*`/\n&\n/g' "$@" | sed -n 's/^`\([^` ]*\)`$/\1/p' | sort -u
}

check_rooms()
{
	map=$(sed -n '/^## Rooms/,/^### /p' ARCHITECTURE.md)
	for room in $rooms; do
		case $map in
		*"\`$room/\`"*) ;;
		*) fault "ARCHITECTURE.md: the room map lacks $room/" ;;
		esac
	done
}

exists()
{
	set +f
	# shellcheck disable=SC2086 # may be a pattern
	ls -d $1 >/dev/null 2>&1
	found=$?
	set -f
	return $found
}

# Words that begin with a folder of ours are files, or programs made of the file with ".c". Those with
# <>, {} or an ellipsis are not meant literally, and skeletons and the names of types are made by the build.
check_files()
{
	for doc in $docs; do
		for path in $(quoted "$doc"); do
			case $path in
			*[\<\>{}]* | *…* | *.skel.h | bpf/type_names.inc) continue ;;
			src/* | bpf/* | ctl/* | man/* | etc/* | systemd/* | tests/* | scripts/* | bench/*) ;;
			*.md | COPYING | NEWS | Makefile.am | configure.ac | .clang-format | .editorconfig) ;;
			*) continue ;;
			esac
			exists "$path" || [ -f "$path.c" ] || fault "$doc: there is no file $path"
		done
	done
}

check_functions()
{
	# shellcheck disable=SC2086 # a list
	for name in $(quoted $docs | sed -n 's/^\([a-zA-Z_0-9]*\)()$/\1/p'); do
		grep -rqw --include='*.[ch]' -e "$name" src bpf ctl tests || fault "there is no function $name()"
	done
}

# SECURITY.md explains the capabilities that the daemon keeps, and no others.
check_capabilities()
{
	kept=$(sed -n '/^} kept\[\]/,/^};/p' src/daemon/privilege.c | grep -o 'CAP_[A-Z_]*' | sort | tr '\n' ' ')
	told=$(sed -n 's/^| \(CAP_[A-Z_]*\) |.*/\1/p' SECURITY.md | sort | tr '\n' ' ')
	[ -n "$kept" ] || fault "no capabilities found in privilege.c: is this test still right?"
	[ "$kept" = "$told" ] || fault "SECURITY.md lists $told, but privilege.c keeps $kept"
}

# The include table says what layers.sh enforces: its function allowed() is asked.
check_includes()
{
	eval "$(sed -n '/^base=/,/^}/p' tests/check/layers.sh)"
	table=$(sed -n '/^### Who may include what/,/^## /p' ARCHITECTURE.md | tr -d '`,' | tr -s ' ')
	for room in $rooms; do
		row=$(echo "$table" | awk -F' *[|] *' -v room="$room" '$2 == room { print $3 == "" ? "none" : $3 }')
		want=$(allowed "$room" | tr ' ' '\n' | sed 's|/\*$||; s|^src/||' | sort | xargs)
		[ "$(echo "$row" | tr ' ' '\n' | sort | xargs)" = "${want:-none}" ] ||
			fault "ARCHITECTURE.md: $room may include \"$row\", but layers.sh says \"$want\""
	done
}

# said PROGRAM: the command lines with it. Other programs take our names as arguments.
said()
{
	# shellcheck disable=SC2086 # a list
	sed 's/journalctl[^`]*//; s/--daemon [^ ]*//g' $docs | grep -o "$1 [^\`|&;]*" | sort -u
}

# options PROGRAM HELP: the options of PROGRAM in the documents are in its HELP.
check_options()
{
	for option in $(said "$1" | grep -o -- ' -[a-zA-Z-]*' | sort -u); do
		echo "$2" | grep -qw -e "$option" || fault "$1 has no option $option"
	done
}

check_commands()
{
	verbs=$(sed -n 's/^VERB([^"]*"[^"]*", "\([^"]\{1,\}\)".*/\1/p' src/proto/verbs.def)
	said sechawkctl | sed 's/ --socket [^ ]*//; s/^sechawkctl //' |
		sed -n 's/^\([a-z][a-z-]*\( [a-z][a-z-]*\)\{0,1\}\).*/\1/p' | sort -u >"$build/docs.words"
	[ -s "$build/docs.words" ] || fault "no commands found in the documents: is this test still right?"
	while read -r words; do
		echo "$verbs" | grep -qxF -e "$words" -e "${words%% *}" || fault "there is no command $words"
	done <"$build/docs.words"
	rm -f "$build/docs.words"
	help=$("$build/sechawkctl" --help; echo "$verbs" | while read -r verb; do
		# shellcheck disable=SC2086 # two words
		"$build/sechawkctl" help $verb
	done)
	check_options sechawkctl "$help"
	check_options sechawkd "$("$build/sechawkd" --help)"
}

for doc in $docs; do
	[ -s "$doc" ] || { echo "docs: $doc is missing or empty" >&2; exit 1; }
done
check_rooms
check_files
check_functions
[ ! -f src/daemon/privilege.c ] || check_capabilities
[ ! -f tests/check/layers.sh ] || check_includes
[ -z "$build" ] || [ ! -f src/proto/verbs.def ] || check_commands

echo "docs: $(echo "$rooms" | wc -l) rooms, $bad faults"
[ $bad -eq 0 ]
