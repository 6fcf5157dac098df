# SPDX-License-Identifier: LGPL-2.1-or-later
# Hosts with the cgroup v1 hierarchies of systemd, alone (MODE=v1) or beside the unified one (MODE=hybrid).
. ./lib.sh

mode() {
	case $MODE in
	v1) ! grep -q ' cgroup2 ' /proc/mounts && grep -q ':name=systemd:/system.slice' /proc/self/cgroup ;;
	hybrid) grep -q ' /sys/fs/cgroup/unified cgroup2 ' /proc/mounts ;;
	esac
}

# The exec of a transient unit's program: its cgroup path and unit come from the kernel, the process is gone.
transient() {
	sechawkctl watch sched_process_exec --where 'exe=*/echo argv=cgroup-probe' --count 1 --timeout 60 -o json >event &
	watch=$!
	within 30 sh -c 'sechawkctl status -o json | jq -e ".clients >= 2"' || return 1
	systemd-run --wait -q --unit cgroup-case /bin/echo cgroup-probe
	wait $watch
	cat event
	jq -e '.process.unit == "cgroup-case.service" and
		.process.cgroup.path == "/system.slice/cgroup-case.service"' <event
}

seeded() {
	sechawkctl process show 1 -o json >init
	cat init
	jq -e '[.. | .unit? // empty] | index("init.scope")' <init
}

# Packets are seen from the root of the unified hierarchy, which is mounted for that where the host has none.
packets() {
	sechawkctl trace event=net_packet_dns_request --count 1 --timeout 120 -o json >event &
	trace=$!
	within 60 sh -c 'sechawkctl status -o json | jq -e ".clients >= 2"' || return 1
	within 60 sh -c 'sechawkctl probe list -o json | jq -e ".programs[] | select(.name == \"net_out_skb\")"' ||
		return 1
	python3 ask.py
	wait $trace || return 1
	cat event
	jq -e '.process.comm == "python3" and (.data.src == "127.0.0.1" or .data.dst == "127.0.0.1")' <event || return 1
	[ "$MODE" != v1 ] || ! grep -q ' cgroup2 ' /proc/mounts
}

cat >ask.py <<'END'
import socket
query = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\7example\3org\0\0\1\0\1"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    server.bind(("127.0.0.1", 53))
    client.sendto(query, ("127.0.0.1", 53))
    server.recv(512)
END

verdict "make install" install_tree || finish
verdict "the machine has the cgroups of $MODE" mode
without signatures policies
systemctl start sechawkd.service
verdict "the service is active" active sechawkd.service
verdict "a process of a unit that is gone has path and unit" transient
verdict "a DNS query is seen" packets
verdict "a process that was there before has its unit" seeded
finish
