# SPDX-License-Identifier: LGPL-2.1-or-later
# The live tests of tests/kernel on this kernel. KINDS: probe kinds not to use.
. ./lib.sh
install_tree || exit 1
status=0
# Generated programs do not depend on what the events come from: once per kernel. Emulated, so fewer pairs.
[ -n "${KINDS:-}" ] || bin/judge --label "$LABEL" --pairs 20000 || status=1
bin/filters --label "$LABEL" ${KINDS:+--disable-kinds "$KINDS"} --switches 20 || status=1
python3 live.py --daemon /usr/sbin/sechawkd --bin bin --label "$LABEL" ${KINDS:+--disable-kinds "$KINDS"} || status=1
exit $status
