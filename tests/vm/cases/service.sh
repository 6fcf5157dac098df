# SPDX-License-Identifier: LGPL-2.1-or-later
# The installed service under systemd and journald. PLAN: what the planner has to choose, EVENT=ALTERNATIVE...
# LIGHT: only the first start is with all signatures and policies.
. ./lib.sh
unit=sechawkd.service

planned() { # EVENT=ALTERNATIVE
	chosen=$(sechawkctl probe list --all -o json | jq -r --arg event "${1%%=*}" '
		.events[] | select(.event == $event) |
		.chosen // ([.alternatives[] | select(.problem == null)] | first | .name)')
	[ "$chosen" = "${1#*=}" ] || { echo "chosen: $chosen"; sechawkctl probe list --all; return 1; }
}

packages_read() {
	sechawkctl status -o json | jq -e '[.degraded[] | select(contains("packages"))] == []'
}

exposure() {
	level=$(systemd-analyze security --no-pager "$unit" |
		sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p')
	echo "exposure level $level"
	awk -v level="$level" 'BEGIN { exit !(level != "" && level < 3.0) }'
}

# entry UNIT FILTER: an entry of ours that journalctl -u UNIT shows and that jq's FILTER selects
entry() {
	journalctl --no-pager -u "$1" -t sechawkd -o json >entries
	jq -e -s "map(select($2)) | length > 0" <entries || { jq -c . <entries | tail -n 3; return 1; }
}

fields='.SECHAWK_EVENT == "ptrace" and .SECHAWK_PID != null and .SECHAWK_EXE == "/vm/bin/ptrace_me" and
	(.SECHAWK_CMDLINE | contains("ptrace_me")) and (.MESSAGE | length > 0) and
	(.MESSAGE_ID | length == 32) and .PRIORITY != null and .SYSLOG_IDENTIFIER == "sechawkd"'

demo() { # UNIT [ARGUMENT]: runs the trigger as a unit of its own and waits for its end
	systemd-run --quiet --unit="$1" --wait /vm/bin/ptrace_me
}

in_journal() { demo demo && within 10 entry demo.service "$fields and .SECHAWK_UNIT == \"demo.service\""; }

alive_in_journal() {
	systemd-run --quiet --unit=demo-alive /vm/bin/ptrace_me --stay &&
		within 10 entry demo-alive.service "$fields and .OBJECT_PID != null"
	status=$?
	systemctl stop demo-alive.service
	return $status
}

in_syslog() {
	cat >/etc/sechawk/conf.d/syslog.conf <<-'END'
		sinks = ( { type = "syslog"; filter = [ "event=ptrace" ]; } );
	END
	systemctl reload "$unit" && demo demo-syslog || return 1
	within 10 sh -c 'journalctl --no-pager _TRANSPORT=syslog -t sechawkd -o cat | grep ptrace'
	status=$?
	rm /etc/sechawk/conf.d/syslog.conf
	systemctl reload "$unit"
	return $status
}

journald="systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket systemd-journald.service"

has_problem() { # true|false: what status says of the sink
	sechawkctl status -o json | jq -e ".sinks[] | select(.name == \"journald\") | (.problem != null) == $1"
}

# without_journald UNIT: the trigger as a unit that wants nothing of the journal itself
without_journald() {
	systemd-run --quiet --unit="$1" --wait -p StandardOutput=null -p StandardError=null /vm/bin/ptrace_me
}

# Not there at all: no socket either, or systemd would start it for the next entry.
journald_stopped() {
	before=$(systemctl show -P MainPID "$unit")
	systemctl stop $journald && without_journald demo-stopped && within 10 has_problem true && sechawkctl event list >list
	status=$?
	systemctl start $journald
	[ $status = 0 ] && within 30 entry demo-stopped.service "$fields" && within 10 has_problem false &&
		without_journald demo-again && within 10 entry demo-again.service "$fields" &&
		[ "$(systemctl show -P MainPID "$unit")" = "$before" ]
}

# There, and reading nothing: an entry fits in its socket, the next ones wait with us.
journald_hung() {
	before=$(systemctl show -P MainPID "$unit")
	systemctl kill -s STOP systemd-journald.service && without_journald demo-hung && within 10 sechawkctl status >text
	status=$?
	systemctl kill -s CONT systemd-journald.service
	[ $status = 0 ] && within 30 entry demo-hung.service "$fields" &&
		[ "$(systemctl show -P MainPID "$unit")" = "$before" ]
}

catalog() {
	journalctl --update-catalog && journalctl --no-pager -u demo.service -t sechawkd -x | grep 'Subject: '
}

bad_config() {
	echo 'events = { enabled = [ "no_such_event" ]; };' >/etc/sechawk/conf.d/bad.conf
	sechawkd --check-config >check 2>&1
	status=$?
	cat check
	[ $status != 0 ] && grep -q 'bad.conf:1' check || { rm /etc/sechawk/conf.d/bad.conf; return 1; }
	systemctl reload "$unit"
	within 10 sh -c "journalctl -u $unit --no-pager -o cat | grep bad.conf:1" && active "$unit" &&
		sechawkctl status
	status=$?
	rm /etc/sechawk/conf.d/bad.conf
	return $status
}

main_pid() { systemctl show -P MainPID "$unit"; }

restart() {
	before=$(main_pid)
	systemctl restart "$unit" && active "$unit" && [ "$(main_pid)" != "$before" ] && sechawkctl status
}

killed() {
	before=$(main_pid)
	systemctl kill -s SIGKILL "$unit"
	within 60 sh -c "systemctl is-active $unit && [ \$(systemctl show -P MainPID $unit) != $before ]" &&
		within 20 sechawkctl status
}

stop() {
	systemctl stop "$unit" && active "$unit" inactive &&
		[ "$(systemctl show -P Result "$unit")" = success ] && active sechawkd.socket &&
		sechawkctl status && active "$unit"
}

second() {
	timeout 120 sechawkd --foreground --socket "$socket" >second 2>&1
	status=$?
	cat second
	[ $status != 0 ] && [ $status != 124 ] && sechawkctl status
}

as_nobody() { # GROUPS COMMAND...
	groups=$1
	shift
	setpriv --reuid 65534 --regid 65534 "$groups" "$@"
}

roles() {
	! as_nobody --clear-groups sechawkctl status || return 1
	as_nobody --groups=sechawk sechawkctl status || return 1
	! as_nobody --groups=sechawk sechawkctl event enable openat
}

told() { journalctl -u "$unit" --no-pager -o cat | grep -i "$1"; }

audited() {
	sechawkctl event enable openat && sechawkctl event disable openat &&
		within 5 told 'event *enable.*uid.*0\|uid.*0.*event *enable'
}

status_text() { text=$(systemctl show -P StatusText "$unit"); echo "status text: $text"; [ -n "$text" ]; }

fed_after() { [ "$(systemctl show -P WatchdogTimestampMonotonic "$unit")" -gt "$1" ]; }

watchdog() {
	within 20 fed_after "$(systemctl show -P WatchdogTimestampMonotonic "$unit")" &&
		within 20 fed_after "$(systemctl show -P WatchdogTimestampMonotonic "$unit")"
}

# When PID 1 and the daemon itself began, as the daemon has it, and as its events have it.
began() { sechawkctl -o json process show "$1" | jq -er '.process.start_time // .start_time'; }

same_process() { # a process is known by its start, after a restart, too
	before=$(began 1) && systemctl restart "$unit" && within 60 sechawkctl status && [ "$(began 1)" = "$before" ]
}

clock_set() { # far from now, and back: what happens then has the time of then
	cp /bin/true jumped
	sechawkctl -o json watch sched_process_exec --count 1 --where 'process.comm=jumped' >jumped.json &
	now=$(date +%s)
	date -s "@$((now + 500000))" && within 20 told 'the clock was set by +' && within 20 jumped || return 1
	date -s "@$((now + 20))"
	for at in .time .process.start_time; do
		at=$(jq -r $at jumped.json) && echo "$at" && at=$(date -d "$at" +%s) || return 1
		[ "$at" -ge $((now + 500000)) ] && [ "$at" -lt $((now + 501000)) ] || return 1
	done
	within 20 told 'the clock was set by -'
}

jumped() { ./jumped; [ -s jumped.json ]; }

names() { # bpftool shows whole names
	bpftool prog list -j |
		jq -e '[.[].name] | index("proc_exec_rtp") and
			any(.[]; test("^proc_fork_r?tp$")) and any(.[]; test("^proc_exit_r?tp$"))'
}

early() { # nothing orders the daemon after ordinary services
	systemctl show -P Before "$unit" | grep -q basic.target && systemctl enable "$unit" 2>&1 &&
		systemctl is-enabled "$unit" sechawkd.socket
}

verdict "make install, group and directories" install_tree || finish
verdict "the socket starts" systemctl start sechawkd.socket
verdict "the first sechawkctl status starts the daemon" within 60 sechawkctl status || finish
verdict "the service is active" active "$unit" || finish
for choice in $PLAN; do verdict "the planner chooses $choice" planned "$choice"; done
verdict "systemctl status shows a text" status_text
verdict "the watchdog is fed" watchdog
verdict "systemd-analyze security below 3.0" exposure
verdict "bpftool shows the names of the programs" names
verdict "ptrace in demo.service is in journalctl -u demo after the process has exited" in_journal
verdict "ptrace of a living process is in the journal of its unit" alive_in_journal
verdict "journalctl -x explains the entry" catalog
verdict "syslog gets it with that sink on" in_syslog
verdict "journald is stopped: told, the entry comes when it is back, we go on" journald_stopped
verdict "journald hangs: status answers, the entry comes when it goes on" journald_hung
verdict "a bad configuration is refused with its line, the old one stays" bad_config
verdict "group sechawk may read, nobody else, and only root may change" roles
verdict "changes are audited" audited
verdict "a second instance on the socket is refused" second
[ -z "${LIGHT:-}" ] || without signatures policies
verdict "systemctl restart" restart
verdict "a process has the same start time after a restart" same_process
verdict "the clock is set: the times of events follow" clock_set
verdict "it comes back after SIGKILL" killed
verdict "systemctl stop is clean and the socket starts it again" stop
verdict "it can be enabled and starts before basic.target" early
verdict "its confinement lets it read the packages of the host" packages_read
finish
