# SPDX-License-Identifier: LGPL-2.1-or-later
# The event tests of tests/kernel on this kernel. KINDS: probe kinds not to use; MODE: an option of events.py.
. ./lib.sh
install_tree || exit 1
# Loading some hundred programs takes a minute in an emulated machine.
export SECHAWK_TEST_DEADLINE=400
exec python3 events.py --daemon /usr/sbin/sechawkd --bin bin --label "$LABEL" ${KINDS:+--disable-kinds "$KINDS"} $MODE
