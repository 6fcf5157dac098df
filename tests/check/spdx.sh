#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every source file begins with the SPDX line of its folder (after "#!", if any).
#
#	spdx.sh [TREE]
set -u
tree=${1:-${SRCDIR:-.}}
cd "$tree" || exit 2

expected()
{
	case $1 in
	*.def | bpf/abi/*.h) echo "BSD-2-Clause" ;;
	# Read by X-macro tables only: what they are for.
	src/config/rows_*.h) echo "BSD-2-Clause" ;;
	# Loaded into the kernel.
	bpf/*.c | bpf/*.h | *.bpf.c | tests/kernel/rootkit/*.c) echo "GPL-2.0-only OR BSD-2-Clause" ;;
	*) echo "LGPL-2.1-or-later" ;;
	esac
}

# Files by their ending, and scripts without one. Generated files are not ours to mark.
sources()
{
	for path in src bpf ctl tests bench man etc systemd m4 scripts .ci; do
		[ -d "$path" ] || continue
		find "$path" -type f \( -name '*.[ch]' -o -name '*.def' -o -name '*.sh' -o -name '*.py' \
			-o -name '*.mk' -o -name '*.m4' -o -name '*.bt' \) ! -name '*.skel.h'
		find "$path" -type f ! -name '*.*' -exec sh -c 'for f; do
			[ "$(head -c 2 "$f" | tr -d "\\0")" = "#!" ] && echo "$f"; done' sh {} +
	done
	echo Makefile.am
	echo configure.ac
}

bad=0
count=0
list=$(sources)
for file in $list; do
	[ -f "$file" ] || continue
	count=$((count + 1))
	line=$(sed -n '1{/^#!/d;p;q};2{p;q}' "$file")
	want="SPDX-License-Identifier: $(expected "$file")"
	case $line in
	*"$want" | *"$want */") ;;
	*)
		echo "$file: does not begin with \"$want\"" >&2
		bad=$((bad + 1))
		;;
	esac
done
[ $count -gt 0 ] || { echo "spdx: no files below $tree" >&2; exit 2; }
echo "spdx: $count files, $bad wrong"
[ $bad -eq 0 ]
