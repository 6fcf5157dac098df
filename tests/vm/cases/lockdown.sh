# SPDX-License-Identifier: LGPL-2.1-or-later
# A kernel that refuses reads of kernel memory, and no tracefs: the daemon must come up, and say so.
. ./lib.sh
umount /sys/kernel/tracing /sys/kernel/debug/tracing /sys/kernel/debug 2>/dev/null

degraded() {
	timeout 30 sechawkctl status -o json >status || return 1
	cat status
	jq -e '.degraded | length > 0' <status
}

verdict "make install" install_tree || finish
verdict "the kernel is locked down" grep -q '\[confidentiality\]' /sys/kernel/security/lockdown
systemctl start sechawkd.socket
# One that hangs meets the limit of the machine: how long a start takes there says nothing (lib.sh).
verdict "the daemon comes up" systemctl start sechawkd.service || finish
verdict "status answers within 30 s and says what is degraded" degraded
verdict "the service is active" active sechawkd.service
finish
