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

verdict "make install" install_tree || finish
verdict "the machine has the cgroups of $MODE" mode
systemctl start sechawkd.service
verdict "the service is active" active sechawkd.service
verdict "a process of a unit that is gone has path and unit" transient
verdict "a process that was there before has its unit" seeded
finish
