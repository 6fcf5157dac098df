#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The checks can fail: each is given small trees with one thing wrong.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d) || exit 2
trap 'rm -rf "$tree"' EXIT
bad=0

# expect RESULT SCRIPT FILE TEXT: a tree with FILE in it passes or fails SCRIPT.
expect()
{
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/src/base" "$tree/bpf" "$tree/ctl" "$tree/$(dirname "$3")"
	printf '%s\n' '/* SPDX-License-Identifier: LGPL-2.1-or-later */' '#include "src/base/a.h"' \
		>"$tree/src/base/a.c"
	printf '%b' "$4" >"$tree/$3"
	if "$here/$2" "$tree" >"$tree/out" 2>&1; then got=pass; else got=fail; fi
	[ "$got" = "$1" ] && return
	echo "$2: expected $1, got $got for $3:" >&2
	cat "$tree/$3" "$tree/out" >&2
	bad=1
}

expect pass layers.sh src/event/x.c '#include "src/base/buf.h"\n#include "bpf/abi/abi.h"\n'
expect fail layers.sh src/event/x.c '#include "src/decode/decode.h"\n'
expect fail layers.sh src/base/x.h '  #  include "src/event/event.h"\n'
expect fail layers.sh src/event/x.c '#include "event.h"\n'
expect pass layers.sh ctl/x.c '#include "config.h"\n'
expect fail layers.sh bpf/x.bpf.c '#include "config.h"\n'
expect fail layers.sh src/event/x.c '#include "../base/buf.h"\n'
expect fail layers.sh src/newroom/x.c '#include "src/base/buf.h"\n'
expect fail layers.sh ctl/x.c '#include "src/collect/collect.h"\n'
expect fail layers.sh src/sink/x.c '#include <bpf/libbpf.h>\n'
expect pass layers.sh src/collect/x.c '#include <bpf/libbpf.h>\n#include "bpf/process_tp.skel.h"\n'
expect fail layers.sh bpf/x.bpf.c '#include "src/base/buf.h"\n'
expect pass layers.sh bpf/abi/x.def '#include "task.def"\n'

expect pass spdx.sh src/base/x.c '/* SPDX-License-Identifier: LGPL-2.1-or-later */\nint x;\n'
expect fail spdx.sh src/base/x.c 'int x;\n'
expect fail spdx.sh src/base/x.c 'int x;\n/* SPDX-License-Identifier: LGPL-2.1-or-later */\n'
expect fail spdx.sh src/base/x.c '/* SPDX-License-Identifier: GPL-2.0-only */\n'
expect fail spdx.sh bpf/x.bpf.c '/* SPDX-License-Identifier: BSD-2-Clause */\n'
expect pass spdx.sh bpf/x.bpf.c '/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */\n'
expect fail spdx.sh src/base/x.def '/* SPDX-License-Identifier: LGPL-2.1-or-later */\n'
expect pass spdx.sh tests/run '#!/bin/sh\n# SPDX-License-Identifier: LGPL-2.1-or-later\n'
expect fail spdx.sh tests/run '#!/bin/sh\nexit 0\n'

expect pass lists.sh etc/signatures/local.mk 'data = etc/signatures/x.yaml\n'
expect fail lists.sh etc/signatures/x.yaml 'id: x\n'
expect fail lists.sh etc/policies/x.yaml 'kind: Policy\n'

# expect_doc RESULT TEXT: documents that are right but for TEXT, at the end of one of them.
expect_doc()
{
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/src/base" "$tree/bpf" "$tree/ctl"
	echo 'int hawk_a(void);' >"$tree/src/base/a.h"
	for doc in README HACKING SECURITY; do echo "Text." >"$tree/$doc.md"; done
	printf '## Rooms\n- `src/base/`\n### End\n' >"$tree/ARCHITECTURE.md"
	printf '%b\n' "$2" >>"$tree/HACKING.md"
	[ $# -lt 3 ] || echo "int x;" >"$tree/$3"
	if BUILDDIR='' "$here/docs.sh" "$tree" >"$tree/out" 2>&1; then got=pass; else got=fail; fi
	[ "$got" = "$1" ] && return
	echo "docs.sh: expected $1, got $got for \"$2\"" >&2
	cat "$tree/out" >&2
	bad=1
}

expect_doc pass 'See `src/base/a.h`, `src/*/a.h`, `hawk_a()` and `src/<room>/x.c`.'
expect_doc fail 'See `src/base/b.h`.'
expect_doc fail 'See `src/*/b.h`.'
expect_doc fail 'Call `hawk_b()`.'
expect_doc fail 'A room is missing in the map.' ctl/x.c

# expect_stack RESULT BYTES: a program with a frame of 200 bytes that calls a function with one of BYTES.
expect_stack()
{
	rm -rf "${tree:?}"/*
	cat >"$tree/x.c" <<-END
	__attribute__((noinline)) int deeper(volatile char *from)
	{
		volatile char space[$2];
		for (unsigned int i = 0; i < sizeof(space); i++)
			space[i] = from[i % 200];
		return space[from[0] & 63];
	}
	__attribute__((section("raw_tp/x"))) int program(volatile char *from)
	{
		volatile char space[200];
		for (unsigned int i = 0; i < sizeof(space); i++)
			space[i] = from[i];
		return deeper(space);
	}
	END
	clang -O1 -target bpf -c "$tree/x.c" -o "$tree/x.bpf.o" >"$tree/out" 2>&1 || { cat "$tree/out" >&2; bad=1; return; }
	if "$here/stack.py" "$tree/x.bpf.o" >"$tree/out" 2>&1; then got=pass; else got=fail; fi
	[ "$got" = "$1" ] && return
	echo "stack.py: expected $1, got $got for $2 bytes" >&2
	cat "$tree/out" >&2
	bad=1
}

# The build may use a clang of another name; then only the objects of the build are looked at.
if command -v clang >/dev/null && command -v llvm-objdump >/dev/null; then
	expect_stack pass 200
	expect_stack fail 400
fi

[ $bad -eq 0 ] && echo "selftest: the checks fail when they should"
exit $bad
