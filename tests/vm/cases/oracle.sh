# SPDX-License-Identifier: LGPL-2.1-or-later
# strace as the oracle for systemd-run, which needs systemd as PID 1. ONLY: another program of oracle.py.
. ./lib.sh
install_tree || exit 1
exec python3 oracle.py --daemon /usr/sbin/sechawkd --bin bin --label "$LABEL" -k "${ONLY:-systemd-run}"
