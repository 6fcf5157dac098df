#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every command of sechawkctl against a private daemon on this kernel. Needs root and BPF.
set -u
: "${BUILDDIR:=.}"
[ "$(id -u)" -eq 0 ] || { echo "needs root"; exit 77; }

work=$(mktemp -d) || exit 1
ctl="$BUILDDIR/sechawkctl --socket $work/socket --no-pager"
SECHAWKD=$BUILDDIR/sechawkd
export SECHAWKD
faults=0
daemon=

finish() {
	[ -n "$daemon" ] && kill "$daemon" 2>/dev/null && wait "$daemon"
	rm -rf "$work"
}
trap finish EXIT

fault() {
	echo "FAULT: $*"
	faults=$((faults + 1))
}

# ok ARGUMENTS...: the command succeeds; its output is in $work/out.
ok() {
	timeout 30 $ctl "$@" >"$work/out" 2>"$work/err" || fault "$*: exit $?: $(cat "$work/err")"
}

# ends CODE ARGUMENTS...: the command ends with CODE.
ends() {
	code=$1
	shift
	timeout 30 $ctl "$@" >"$work/out" 2>"$work/err"
	got=$?
	[ "$got" -eq "$code" ] || fault "$*: exit $got, not $code: $(cat "$work/err")"
}

# says TEXT: the last output holds it.
says() {
	grep -q -- "$1" "$work/out" "$work/err" ||
		fault "no \"$1\" in: $(head -c 2000 "$work/out" "$work/err")"
}

ends 3 status
says "systemctl start"

echo 'sinks = ();' >"$work/conf"
"$SECHAWKD" --foreground --config "$work/conf" --socket "$work/socket" 2>"$work/log" &
daemon=$!
tries=0
until $ctl status -o json 2>/dev/null | grep -q '"responsive":true'; do
	tries=$((tries + 1))
	if ! kill -0 "$daemon" 2>/dev/null; then
		daemon=
		cat "$work/log"
		echo "the daemon does not start on this kernel"
		exit 1
	fi
	[ $tries -lt 100 ] || { cat "$work/log"; fault "no answer within 10 s"; exit 1; }
	sleep 0.1
done

ok status; says "running"
ok status -o json; says '"responsive":true'
ok version; says "sechawkctl"
ok log-level; says info
ok log-level debug; says debug
ok log-level info
ends 1 log-level loud; says LEVEL
ok reload
ok event list; says sched_process_exec
ok event list --set net; says net_tcp_connect
ok event show exec; says data.argv; says "not measured"
ends 1 event show no_such_event; says no_such_event
ok event enable file_open; says file_open
ok event list --enabled; says file_open
ok event disable file_open; says Disabled
ok probe list; says proc_exec_rtp
ok probe list --all; says memfd_create
ok process list; says sechawkd
ok process show "$daemon"; says sechawkd
ok process tree $$; says sechawkctl
ok process targets; says "Nothing was learnt"
ok process targets $$
ends 1 process targets 4194305
ok dns list; says "Nothing was learnt"
ok dns show 192.0.2.1; says "No name"
ends 1 dns show example.com; says "IPv4"
ends 1 process show 4194305
ok integrity check interrupts modules; says '^modules '
ok integrity check hooked_syscall -o json; says '"name":"syscalls"'
ends 1 integrity check nothing; says modules
ok integrity dump _stext --length 32; says '^0010 '
ends 1 integrity dump no_such_symbol; says no_such_symbol
ok stats; says Pipeline
ok stats --window 100; says proc_exec_rtp
$ctl stats --window 500 >/dev/null &
window=$!
while kill -0 $window 2>/dev/null; do env true; done
ok event show exec; says '[0-9] ns per run'
ok metrics; says '^# TYPE sechawk_'

# A line of template output for each exec of one program, and no other event.
$ctl trace event=exec comm=true --count 3 --timeout 20 -o 'template=%{event} %{data.argv}' \
	>"$work/trace" 2>"$work/err" &
trace=$!
until grep -q verb=Trace "$work/log"; do kill -0 $trace || break; sleep 0.1; done
for i in 1 2 3; do env true "$i"; done
wait $trace || fault "trace: exit $?: $(cat "$work/err")"
[ "$(grep -c '^sched_process_exec .*true' "$work/trace")" -eq 3 ] || fault "trace: $(cat "$work/trace")"

ends 124 trace event=exec comm=no_such_program --count 1 --timeout 1
ends 0 trace event=exec comm=no_such_program --timeout 1
ends 1 trace event=; says "column"
ends 1 watch -o xml; says xml

ok record "$work/recording" --timeout 1
[ "$(stat -c %a "$work/recording")" = 600 ] || fault "the recording is readable for others"
ends 1 record "$work/recording" --timeout 1; says exists
$ctl record --force "$work/recording" --timeout 2 2>"$work/err" &
record=$!
while kill -0 $record 2>/dev/null; do env true in_the_recording; sleep 0.2; done
wait $record || fault "record: $(cat "$work/err")"
ok replay "$work/recording" --where event=exec -o json; says in_the_recording

printf 'type: policy\nname: mine\nscope: [uid=0]\nrules: [{event: openat}]\n' >"$work/policy"
ok policy check -o ir "$work/policy"; says process.uid=0
echo '- event: opemat' >>"$work/policy"
ends 1 policy check "$work/policy"
# what would keep it, or is no text of that size, is refused in words
mkfifo "$work/fifo"
head -c 1100000 /dev/zero | tr '\0' '#' >"$work/long"
for verb in "policy check" "policy load" "signature test" "signature load"; do
	ends 1 $verb "$work/fifo"; says "regular file"
	ends 1 $verb "$work/long"; says "long"
done
ends 1 policy load "$work"; says "regular file"
ends 1 policy check /dev/zero; says "standard input, as -"
if command -v runuser >/dev/null; then
	chmod 711 "$work"
	runuser -u nobody -- $ctl status >/dev/null 2>&1
	[ $? -eq 4 ] || fault "nobody: not refused with exit 4"
fi

kill "$daemon"
wait "$daemon" || fault "the daemon ended with $?: $(tail -3 "$work/log")"
daemon=
if [ $faults -eq 0 ]; then echo "ok every command of sechawkctl"; else echo "not ok every command of sechawkctl"; exit 1; fi
