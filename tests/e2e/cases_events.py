# SPDX-License-Identifier: LGPL-2.1-or-later
"""Events: which programs are attached for them, watch, trace, and loss."""
import csv
import io
import itertools
import json
import os
import signal
import socket
import subprocess
import sys

from lab import Client, DEADLINE, LIFE, Skip, case, expect, expect_equal, get, run, true, until

PROCESS = {"proc_fork_rtp", "proc_exec_rtp", "proc_exit_rtp", "proc_name_rtp"}


def probes(instance, event):
    """Programs that the alternative in use for EVENT needs."""
    shown = instance.ctl_json("event", "show", event)
    return {p for a in shown["alternatives"] if a["chosen"] for p in a["programs"]}


def opener(*paths):
    """A process that opens each of PATHS; returns its pid."""
    code = "import os, sys\nfor p in sys.argv[1:]:\n os.close(os.open(p, os.O_RDONLY))"
    child = subprocess.Popen([sys.executable, "-S", "-E", "-c", code, *paths])
    expect_equal(child.wait(DEADLINE), 0, "exit status of the opener")
    return child.pid


@case("with no system call enabled no system call tracepoint is attached")
def no_syscalls(lab):
    a = lab.instance().start()
    expect_equal(a.attached(), PROCESS, "attached programs")
    links = json.loads(run("bpftool", "link", "list", "-j"))
    ours = [link for link in links if link["id"] in a.objects()["link"]]
    expect_equal(len(ours), len(PROCESS), "links of the daemon")
    targets = {link.get("tp_name") for link in ours}
    expect(not targets & {"sys_enter", "sys_exit"}, f"tracepoints: {targets}")
    listed = {p["name"] for p in a.ctl_json("probe", "list")["programs"]}
    expect_equal(listed, PROCESS, "probe list")


@case("enabling an event attaches just what it needs, disabling it detaches that")
def enable_disable(lab):
    a = lab.instance().start()
    for event in ("memfd_create", "execve", "file_open", "security_file_open", "net_tcp_connect",
                  "net_tcp_accept"):
        changed = a.ctl_json("event", "enable", event)["changed"]
        expect_equal(changed, [event], f"changed by enabling {event}")
        expect_equal(a.attached(), PROCESS | probes(a, event), f"attached for {event}")
        expect_equal(a.ctl_json("event", "enable", event)["changed"], [], "changed by doing it again")
        expect_equal(a.ctl_json("event", "disable", event)["changed"], [event],
                     f"changed by disabling {event}")
        expect_equal(a.attached(), PROCESS, f"attached after {event}")
    a.ctl("event", "enable", "memfd_create", "execve")
    expect_equal(a.attached(), PROCESS | probes(a, "execve") | probes(a, "memfd_create"),
                 "attached for two calls")
    a.ctl("event", "disable", "execve")
    expect_equal(a.attached(), PROCESS | probes(a, "memfd_create"), "attached for one of them")


@case("an alias and a set name events; an unknown name changes nothing")
def names(lab):
    a = lab.instance().start(events=())
    expect_equal(a.ctl_json("event", "enable", "exec")["changed"], ["sched_process_exec"], "changed by alias")
    changed = a.ctl_json("event", "enable", "net")["changed"]
    expect({"net_tcp_connect", "net_tcp_accept"} <= set(changed), f"changed by set: {changed}")
    done = a.ctl_run("event", "enable", "file_open", "no_such_event")
    expect_equal(done.returncode, 1, "exit status")
    expect("no_such_event" in done.stderr, done.stderr)
    enabled = {e["name"] for e in a.ctl_json("event", "list", "--enabled")["events"]}
    expect("file_open" not in enabled, f"enabled: {enabled}")


@case("the process model does not depend on enabled events")
def model_without_events(lab):
    a = lab.instance().start(events=())
    child = lab.child("/bin/sleep", "1000")
    until(lambda: a.ctl_run("process", "show", str(child.pid)).returncode == 0, "the child in the table")
    expect_equal(a.read(), [], "events in the file")


@case("dependencies: an event shows what it needs, and that is collected with it")
def dependencies(lab):
    a = lab.instance().start(events=("sched_process_exec",))
    shown = a.ctl_json("event", "show", "sched_process_exec")
    expect_equal(shown["needs"], ["process.context"], "needs")
    rows = {e["name"]: e for e in a.ctl_json("event", "list")["events"]}
    expect(rows["process.context"]["collected"] and not rows["process.context"]["enabled"],
           f"process.context: {rows['process.context']}")
    pid = true("one")
    until(lambda: a.of_pid(pid), "its exec in the file")
    expect_equal({e["event"] for e in a.read()}, {"sched_process_exec"}, "events in the file")


@case("an exec comes with its whole command line, once, between fork and exit")
def whole(lab):
    a = lab.instance().start()
    arguments = ["one", "", "two words", "new\nline", "\x1b[31m", "ünïcödé", "x" * 5000]
    events = a.marked(*arguments)
    pid = events[0]["process"]["pid"]
    expect_equal([e["event"] for e in events], ["sched_process_exec", "sched_process_exit"], "events")
    expect_equal(events[0]["data"]["argv"], ["/bin/true", *arguments], "argv")
    forks = [e for e in a.read() if get(e, "data.child_pid") == pid]
    expect_equal(len(forks), 1, "forks")
    expect_equal(forks[0]["process"]["pid"], os.getpid(), "the parent")
    seqs = [e["seq"] for e in a.read()]
    expect_equal(seqs, sorted(set(seqs)), "sequence numbers rise")


@case("watch: events by name, --where, --count")
def watch(lab):
    a = lab.instance().start()
    child = a.stream("watch", "exec", "--where", "data.argv=watched", "--count", "3", "-o", "json")
    for i in range(3):
        true("unseen", str(i))
        true("watched", str(i))
    out, err = child.communicate(timeout=DEADLINE)
    expect_equal(child.returncode, 0, f"exit status ({err})")
    events = [json.loads(line) for line in out.splitlines()]
    expect_equal([e["data"]["argv"][1:] for e in events], [["watched", str(i)] for i in range(3)], "watched")
    expect_equal({e["event"] for e in events}, {"sched_process_exec"}, "events")
    until(lambda: a.subscribers() == 0, "the subscriber is gone")


@case("watch and trace: --timeout ends with 0, or 124 when --count was not reached")
def timeouts(lab):
    a = lab.instance().start()
    for args, status in ((("--timeout", "1"), 0), (("--timeout", "1", "--count", "1"), 124)):
        for verb in (("watch", "--where", "comm=nobody"), ("trace", "event=ptrace", "comm=nobody")):
            expect_equal(a.ctl_run(*verb, *args).returncode, status, f"exit status of {verb} {args}")


@case("watch warns of an event that is not enabled; a wrong event or expression is refused with its place")
def watch_wrong(lab):
    a = lab.instance().start()
    done = a.ctl_run("watch", "ptrace", "--timeout", "1")
    expect("ptrace is not enabled" in done.stderr, done.stderr)
    done = a.ctl_run("watch", "no_such_event")
    expect(done.returncode == 1 and "no_such_event" in done.stderr, done.stderr)
    done = a.ctl_run("watch", "--where", "data.argv=")
    expect(done.returncode == 1 and "column" in done.stderr, done.stderr)
    done = a.ctl_run("trace", "data.no_such_field=1")
    expect(done.returncode == 1 and "no_such_field" in done.stderr, done.stderr)
    done = a.ctl_run("watch", "-o", "xml")
    expect(done.returncode in (1, 2) and "xml" in done.stderr, done.stderr)


def ancestors(pid):
    """PID, its parent, and so on, from /proc."""
    while pid:
        yield pid
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="surrogateescape") as stat:
            pid = int(stat.read().rpartition(")")[2].split()[1])


@case("every output format of watch tells the same event")
def formats(lab):
    a = lab.instance().start()
    streams = {f: a.stream("watch", "exec", "--where", "data.argv=formatted", "--count", "1", "-o", f)
               for f in ("table", "wide", "json", "tracee", "tetragon", "csv",
                         "template=%{event}|%{data.argv}|%{process.pid}")}
    expect_equal(a.subscribers(), len(streams), "subscribers")
    pid = true("formatted")
    out = {}
    for name, child in streams.items():
        out[name], err = child.communicate(timeout=DEADLINE)
        expect_equal(child.returncode, 0, f"exit status of {name} ({err})")
    event = json.loads(out["json"])
    expect_equal(get(event, "process.pid"), pid, "pid in JSON")
    event = json.loads(out["tracee"])
    expect_equal((event["eventName"], event["hostProcessId"], event["hostName"]),
                 ("sched_process_exec", pid, os.uname().nodename), "tracee")
    argv, = (arg["value"] for arg in event["args"] if arg["name"] == "argv")
    expect("formatted" in argv, f"argv of tracee: {argv}")
    event = json.loads(out["tetragon"])
    expect_equal((event["process_exec"]["process"]["pid"], event["node_name"]), (pid, os.uname().nodename),
                 "tetragon")
    expect("formatted" in event["process_exec"]["process"]["arguments"], f"tetragon: {event}")
    expect_equal(event["process_exec"]["parent"]["pid"], os.getpid(), "parent in tetragon")
    told = event["process_exec"].get("ancestors", [])
    # Those that the model knows: a parent that could not be seeded ends the list.
    known = {process["pid"] for process in a.ctl_json("process", "list", "--all")["processes"]}
    wanted = itertools.takewhile(lambda pid: pid in known, ancestors(os.getppid()))
    expect_equal([each["pid"] for each in told], list(wanted)[:8], "ancestors in tetragon")
    expect(told and told[0]["pid"] == os.getppid(), f"the parent of the parent: {told}")
    head, row = list(csv.reader(io.StringIO(out["csv"])))
    expect_equal(len(row), len(head), "columns of CSV")
    expect(str(pid) in row, f"CSV: {row}")
    for name in ("table", "wide"):
        lines = out[name].splitlines()
        expect(lines[0].startswith("TIME") and len(lines) == 2 and f"{pid}" in lines[1], f"{name}: {lines}")
        expect("\x1b" not in out[name], "no colour when the output is no terminal")
    name, argv, shown = out["template=%{event}|%{data.argv}|%{process.pid}"].rstrip("\n").split("|")
    expect_equal((name, shown), ("sched_process_exec", str(pid)), "template")
    expect("formatted" in argv, f"template: {argv}")


@case("events follow the schema that the client prints")
def schema(lab):
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        raise Skip("python3-jsonschema is not installed") from None
    a = lab.instance()
    events = (*LIFE, "file_open", "execve", "openat", "mmap", "connect", "socket", "pipe2", "clone", "wait4",
              "rt_sigaction", "net_tcp_connect")
    a.start(events=events, sinks=a.file_sink(f'filter = [ "tree={os.getpid()}" ];'))
    validator = Draft202012Validator(json.loads(a.ctl("event", "schema")))
    code = ("import os, signal, socket, subprocess\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\nos.pipe()\n"
            "subprocess.run(['/bin/true', '\\udcff\\n'])\n"
            "with socket.socket() as s, socket.socket() as u, socket.socket(socket.AF_UNIX) as x:\n"
            "    s.bind(('127.0.0.1', 0)); s.listen(); u.connect(s.getsockname())\n"
            "    try: x.connect('/nonexistent')\n    except OSError: pass")
    child = subprocess.Popen([sys.executable, "-S", "-E", "-c", code])
    expect_equal(child.wait(DEADLINE), 0, "exit status of the child")
    until(lambda: a.of_pid(child.pid, "sched_process_exit"),
          lambda: f"the exit of the child:\n{a.log_text()}")
    by_kind = {}
    for event in a.read():
        by_kind.setdefault(event["event"], []).append(event)
    for name in ("sched_process_exec", "openat", "mmap", "connect", "socket", "pipe2", "rt_sigaction"):
        expect(name in by_kind, f"{name} is among {sorted(by_kind)}")
    # Each takes the validator milliseconds.
    for event in (event for some in by_kind.values() for event in some[:3] + some[-3:]):
        for error in validator.iter_errors(event):
            expect(False, f"{event['event']}: {error.json_path}: {error.message}\n{event}")


@case("trace attaches what it needs, without enabling it, and detaches when it ends")
def trace(lab):
    a = lab.instance().start()
    child = a.stream("trace", "event=memfd_create", "--count", "1", "-o", "json")
    expect_equal(a.attached(), PROCESS | probes(a, "memfd_create"), "attached while it runs")
    expect(a.attached() > PROCESS, "nothing is attached for it")
    listed = a.ctl_json("event", "list", "--enabled")["events"]
    expect("memfd_create" not in [e["name"] for e in listed], "it is enabled for nobody else")
    os.close(os.memfd_create("traced"))
    out, _ = child.communicate(timeout=DEADLINE)
    expect_equal(child.returncode, 0, "exit status")
    expect_equal(get(json.loads(out), "process.pid"), os.getpid(), "who did it")
    until(lambda: a.attached() == PROCESS, lambda: f"detached: {a.attached()}")
    a.marked("afterwards")
    expect("memfd_create" not in {e["event"] for e in a.read()}, "sinks see only what is enabled")


@case("a trace that is killed with SIGKILL is detached as well")
def trace_killed(lab):
    a = lab.instance().start()
    children = [a.stream("trace", "event=memfd_create"), a.stream("trace", "event=execve")]
    one = probes(a, "memfd_create")
    expect_equal(a.attached(), PROCESS | one | probes(a, "execve"), "attached for two")
    children[1].send_signal(signal.SIGKILL)
    until(lambda: a.attached() == PROCESS | one, lambda: f"one is left: {a.attached()}")
    children[0].send_signal(signal.SIGKILL)
    until(lambda: a.attached() == PROCESS, lambda: f"none is left: {a.attached()}")


@case("trace comm=NAME")
def trace_comm(lab):
    a = lab.instance().start()
    child = a.stream("trace", "event=exec", "comm=true", "data.argv=by_comm", "--count", "2", "-o", "json")
    run("/usr/bin/env", "echo", "by_comm")
    pids = [true("by_comm"), true("by_comm")]
    out, _ = child.communicate(timeout=DEADLINE)
    events = [json.loads(line) for line in out.splitlines()]
    expect_equal([e["process"]["pid"] for e in events], pids, "pids")


@case("trace data.pathname=/etc/*")
def trace_path(lab):
    a = lab.instance().start()
    child = a.stream("trace", "event=file_open", "data.pathname=/etc/*", "-o", "json")
    pid = opener("/usr/bin/env", "/etc/passwd", "/bin/true", "/etc/group")
    seen = []
    while "/etc/group" not in seen:
        event = json.loads(child.stdout.readline())
        if event["process"]["pid"] == pid:
            seen.append(event["data"]["pathname"])
    expect_equal([p for p in seen if not p.startswith("/etc/")], [], "other paths")
    expect_equal(seen[-2:], ["/etc/passwd", "/etc/group"], "paths")


@case("trace tree=PID: descendants, born before or after, and nobody else")
def trace_tree(lab):
    a = lab.instance().start()
    script = "read go; /bin/true in_tree; /bin/sh -c '/bin/true in_tree deep; exit 0'; read end"
    root = lab.child("/bin/sh", "-c", f"/bin/sh -c '{script.replace(chr(39), chr(34))}'; exit 0",
                     stdin=subprocess.PIPE, text=True)
    until(lambda: a.ctl_run("process", "show", str(root.pid)).returncode == 0, "the tree in the table")
    child = a.stream("trace", f"tree={root.pid}", "event=exec", "data.argv=in_tree", "--count", "2",
                     "-o", "json")
    true("in_tree", "but not of it")
    root.stdin.write("go\n")
    root.stdin.flush()
    out, err = child.communicate(timeout=DEADLINE)
    expect_equal(child.returncode, 0, f"exit status ({err})")
    seen = [e["data"]["argv"] for e in map(json.loads, out.splitlines())]
    expect_equal(seen, [["/bin/true", "in_tree"], ["/bin/true", "in_tree", "deep"]], "execs in the tree")
    root.stdin.write("end\n")
    root.stdin.close()
    expect_equal(root.wait(DEADLINE), 0, "exit status of the tree")


@case("trace pid=PID and numbers compared")
def trace_number(lab):
    a = lab.instance().start()
    child = a.stream("trace", f"pid={os.getpid()}", "event=sched_process_fork", "data.child_pid>1",
                     "--count", "1",
                     "-o", "json")
    pid = true("counted")
    out, _ = child.communicate(timeout=DEADLINE)
    expect_equal(get(json.loads(out), "data.child_pid"), pid, "child")


@case("network: connect and accept with their addresses")
def network(lab):
    a = lab.instance().start(events=("default", "connect", "accept4"))
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        server.accept()[0].close()
        where, port = client.getsockname()[1], server.getsockname()[1]

    def found():
        events = [e for e in a.of_pid(os.getpid()) if e["event"] in ("net_tcp_connect", "net_tcp_accept")]
        return events if len(events) >= 2 else None
    connect, accept = until(found, "connect and accept")
    expect_equal((connect["event"], accept["event"]), ("net_tcp_connect", "net_tcp_accept"), "events")
    expect_equal((get(connect, "data.dst"), get(connect, "data.dst_port")), ("127.0.0.1", port),
                 "destination")
    expect_equal((get(accept, "data.src"), get(accept, "data.src_port")), ("127.0.0.1", where), "source")


FLOOD = """
import os, sys
for _ in range(int(sys.argv[1])):
    os.close(os.open("/dev/null", os.O_RDONLY))
"""


def flood(lab, n, copies=2):
    children = [lab.child(sys.executable, "-S", "-E", "-c", FLOOD, str(n)) for _ in range(copies)]
    for child in children:
        expect_equal(child.wait(DEADLINE * 2), 0, "exit status of the flood")
    return [child.pid for child in children]


def small_ring(lab):
    """An instance that a flood overruns: its opens go to a file of short lines, all else to the usual one."""
    a = lab.instance()
    sinks = (a.file_sink('name = "rest"; filter = [ "event=sched_process_exit" ];') +
             f', {{ type = "file"; name = "opens"; path = "{a.path("opens")}"; rotate_bytes = 0;'
             ' filter = [ "event=file_open" ]; format = "template=%{process.pid} %{data.pathname}"; }')
    return a.start(events=("file_open", "sched_process_exit"), sinks=sinks,
                   extra="kernel = { bulk_ring_bytes = 65536; };")


def lines(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as text:
        return text.read().splitlines()


def told(instance, name):
    """How many events NAME the file says were lost in the kernel."""
    return sum(e["data"]["count"] for e in instance.read()
               if e["event"] == "events.lost" and e["data"]["name"] == name)


@case("nothing is lost in silence: with a tiny ring the stream and the statistics tell of every loss")
def loss(lab):
    a = small_ring(lab)
    n, pids = 100000, []
    # As often as it takes to lose something: how fast the daemon is decides.
    while not a.counts("file_open")["lost"]:
        pids += flood(lab, n)
        expect(len(pids) < 20, "a ring of 64 KiB never overflows")
    for pid in pids:
        until(lambda p=pid: a.of_pid(p, "sched_process_exit"),
              "the exit of the flood, which must not be lost")
    a.ctl("event", "disable", "file_open")
    c = a.counts("file_open")
    expect_equal(c["seen"], c["filtered"] + c["sent"] + c["lost"], f"sum of the counters: {c}")
    until(lambda: told(a, "file_open") == c["lost"], f"events.lost tells of {c['lost']} events")
    last = [e for e in a.read() if e["event"] == "events.lost" and e["data"]["name"] == "file_open"][-1]
    expect_equal(last["data"]["total"], c["lost"], "the total of the last one")
    until(lambda: a.sink("opens")["queued_bytes"] == 0, "an empty queue")
    sink = a.sink("opens")
    opens = [line.split(" ", 1) for line in lines(a.path("opens"))]
    seen = sum(path == "/dev/null" and int(pid) in pids for pid, path in opens)
    expect(seen <= n * len(pids) <= seen + c["lost"] + sink["lost"],
           f"{seen} of {n * len(pids)} opens, {c['lost']} lost in the ring, {sink['lost']} in the queue")
    expect(a.ctl_json("status")["lost"] >= c["lost"], "status tells less")
    expect("lost" in a.log_text(), "the log tells")


@case("loss just before the end is told before the end, which a flood does not put off")
def loss_at_end(lab):
    a = small_ring(lab)
    for _ in range(2):
        lab.child(sys.executable, "-S", "-E", "-c", FLOOD, "100000000")
    until(lambda: a.counts("file_open")["lost"], "loss")
    before = a.counts("file_open")["lost"]
    expect_equal(a.stop(), 0, "exit status")
    expect(told(a, "file_open") >= before,
           lambda: f"{told(a, 'file_open')} of {before} lost events were told")


@case("disable_kinds: the next alternative takes over and probe list says why")
def kinds(lab):
    a = lab.instance().start(events=(*LIFE, "file_open"),
                             extra='kernel = { disable_kinds = [ "fexit", "kretprobe", "kprobe" ]; };')
    expect_equal(probes(a, "file_open"), {"sys_exit_rtp"}, "programs for file_open")
    listed = a.ctl_json("probe", "list")
    kind = {k["name"]: k for k in listed["kinds"]}
    expect(not kind["fexit"]["usable"] and kind["fexit"]["problem"], f"fexit: {kind['fexit']}")
    opener("/etc/hostname")
    until(lambda: any(get(e, "data.pathname") == "/etc/hostname" for e in a.read()),
          "the open of /etc/hostname")


@case("log-level: shown, changed, in force")
def log_level(lab):
    a = lab.instance().start()
    expect_equal(a.ctl_json("log-level")["level"], "info", "level")
    a.ctl("log-level", "debug")
    with Client(a.socket) as client:
        client.send("Nonsense")
        expect("error" in client.receive(), "an unknown method is an error")
    expect_equal(a.ctl_json("log-level")["level"], "debug", "level")
    expect_equal(a.ctl_run("log-level", "loud").returncode, 1, "exit status for a wrong level")
    a.stop()
    expect("sechawkd: stopped" in a.log_text(), "the end is told at the level debug")
    quiet = lab.instance("quiet").start()
    quiet.ctl("log-level", "error")
    quiet.stop()
    expect("sechawkd: stopped" not in quiet.log_text(), "the end is not told at the level error")
    expect("verb=LogLevel" in quiet.log_text(), "what clients change is told at any level")


@case("events that are made of others are counted: of system calls, and of packets")
def made_are_counted(lab):
    a = lab.instance().start(events=["security_inode_unlink", "net_packet_dns_request"])

    def counts(event):
        kinds = [a.ctl_json("event", "show", event)["counts"],
                 next((e for e in a.ctl_json("stats")["events"] if e["event"] == event), {"seen": 0, "sent": 0})]
        metric = [line.split()[-1] for line in a.ctl("metrics").splitlines()
                  if line.startswith(f'sechawk_event_sent_total{{event="{event}"}}')]
        return [(k["seen"], k["sent"]) for k in kinds] + [int(metric[0]) if metric else 0]
    path = a.path("gone")
    for event in ("security_inode_unlink", "net_packet_dns_request"):
        if not any(alt["chosen"] for alt in a.ctl_json("event", "show", event)["alternatives"]):
            raise Skip(f"{event} cannot be observed here")
        for _ in range(3):
            with open(path, "w", encoding="utf-8"):
                pass
            os.unlink(path)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
                asker.sendto(b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x04test\0\0\x01\0\x01", ("127.0.0.1", 53))
        until(lambda e=event: counts(e)[0][1] >= 3, lambda e=event: f"{e} is counted: {counts(e)}")
        until(lambda e=event: len({*[n for pair in counts(e)[:2] for n in pair], counts(e)[2]}) == 1,
              lambda e=event: f"{e} is counted alike everywhere: {counts(e)}")
