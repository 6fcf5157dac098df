# SPDX-License-Identifier: LGPL-2.1-or-later
# A client that is not ours: varlinkctl of systemd 257.
. ./lib.sh
address=unix:$socket
control=org.sechawk.Control

call() { varlinkctl call -j "$address" "$control.$1" "${2:-{\}}"; }

streamed() {
	/vm/bin/exits >/dev/null
	tr -d '\036' <stream | jq -e -n "[inputs | select($1)] | length > 0"
}

more() { # METHOD ARGUMENTS FILTER: a streaming call gives a reply for which jq's FILTER is true
	timeout 20 varlinkctl call -j --more "$address" "$control.$1" "$2" >stream 2>stream.err &
	client=$!
	within 15 streamed "$3"
	status=$?
	kill $client 2>/dev/null
	wait $client
	[ $status = 0 ] || head -c 2000 stream stream.err
	return $status
}

described() { varlinkctl introspect "$address" "$control" | grep -q 'method Status'; }

refused() {
	! call NoSuchMethod && ! call EventShow '{"event":"no_such_event"}' && ! call EventShow '{"event":1}'
}

valid() { varlinkctl introspect "$address" "$control" >idl && varlinkctl validate-idl idl; }

listed() {
	varlinkctl call -j --more "$address" "$control.ProcessList" '{}' | tr -d '\036' |
		jq -e -s '[.[].processes[]] | length > 5'
}


verdict "make install" install_tree || finish
without signatures policies
systemctl start sechawkd.socket
verdict "varlinkctl info" varlinkctl info "$address"
verdict "varlinkctl list-interfaces" varlinkctl list-interfaces "$address"
verdict "varlinkctl introspect" described
verdict "varlinkctl validate-idl" valid
verdict "varlinkctl call Status" call Status
verdict "varlinkctl call EventShow" call EventShow '{"event":"sched_process_exec"}'
verdict "varlinkctl call ProcessShow" call ProcessShow '{"pid":1}'
verdict "bad calls are refused" refused
verdict "varlinkctl call --more Watch" more Watch '{"format":"json"}' '.event.event == "sched_process_exit"'
verdict "varlinkctl call --more Trace" more Trace '{"format":"json","expressions":["event=sched_process_fork"]}' \
	'.event.event == "sched_process_fork"'
verdict "varlinkctl call --more ProcessList" listed
verdict "the daemon is well" call Status
finish
