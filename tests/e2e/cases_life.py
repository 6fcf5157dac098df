# SPDX-License-Identifier: LGPL-2.1-or-later
"""Start, stop, restart, reload, configuration."""
import json
import os
import select
import shutil
import signal
import subprocess

from lab import Client, DEADLINE, SECHAWKD, case, expect, expect_equal, run, until


def left_over(objects):
    """What still exists of programs, maps and links with these ids."""
    left = []
    for kind, ids in objects.items():
        left += [(kind, o["id"]) for o in json.loads(run("bpftool", kind, "list", "-j")) if o["id"] in ids]
    return left


def stops_on(lab, sig):
    a = lab.instance().start()
    objects = a.objects()
    expect(all(objects.values()), f"programs, maps and links of the daemon: {objects}")
    expect_equal(a.stop(sig), 0, "exit status")
    expect(not os.path.exists(a.socket), "the socket is still there")
    until(lambda: not left_over(objects), lambda: f"left in the kernel: {left_over(objects)}")
    expect("stopped" in a.log_text(), "the log does not say that it stopped")


@case("SIGTERM stops it cleanly; nothing is left in the kernel")
def stop_term(lab):
    stops_on(lab, signal.SIGTERM)


@case("SIGINT stops it cleanly; nothing is left in the kernel")
def stop_int(lab):
    stops_on(lab, signal.SIGINT)


@case("the watchdog of systemd is fed again and again, and told what is going on")
def watchdog(lab):
    a = lab.instance()
    a.configure()
    a.spawn()
    seen = []

    def fed_twice():
        while select.select([a.ready], [], [], 0)[0]:
            seen.append(a.ready.recv(4096))
        return sum(b"WATCHDOG=1" in m for m in seen) >= 2 and sum(b"STATUS=" in m for m in seen) >= 2
    until(fed_twice, lambda: f"two WATCHDOG=1: {seen}")
    a.ready.close()


@case("events up to the stop are written")
def stop_writes(lab):
    a = lab.instance().start()
    pids = {subprocess.Popen(["/bin/true", str(i)]) for i in range(50)}
    for child in pids:
        child.wait()
    expect_equal(a.stop(), 0, "exit status")
    seen = [e["process"]["pid"] for e in a.read() if e["event"] == "sched_process_exit"]
    for child in pids:
        expect_equal(seen.count(child.pid), 1, f"exits of {child.pid}")


@case("a second instance on the socket is refused, the first one goes on")
def second(lab):
    a, b = lab.instance("a").start(), lab.instance("b")
    b.configure()
    b.socket = a.socket
    b.spawn()
    expect_equal(b.process.wait(DEADLINE), 1, "exit status")
    expect("another instance serves this socket" in b.log_text(), lambda: b.log_text())
    a.ctl("status")
    a.marked("after the second")


@case("a second instance on the configured socket is refused and leaves that socket alone")
def second_configured(lab):
    a = lab.instance()
    a.configure(extra=f'control = {{ socket = "{a.socket}"; read_group = ""; }};')
    a.start()
    done = subprocess.run([SECHAWKD, "--foreground", "--config", a.conf], capture_output=True, text=True,
                          timeout=DEADLINE, check=False)
    expect_equal(done.returncode, 1, "exit status")
    expect("another instance" in done.stderr, done.stderr)
    a.ctl("status")


@case("a socket that nobody serves is taken over")
def stale(lab):
    a = lab.instance().start()
    objects = a.objects()
    a.process.kill()
    a.process.wait()
    expect(os.path.exists(a.socket), "kill -9 leaves the socket")
    until(lambda: not left_over(objects), "the kernel drops what a killed daemon held")
    a.start()
    a.marked("after the restart")
    a.ctl("status")


@case("a file in place of the socket is not removed")
def not_a_socket(lab):
    a = lab.instance()
    a.configure()
    with open(a.socket, "w", encoding="utf-8") as out:
        out.write("precious")
    a.spawn()
    expect_equal(a.process.wait(DEADLINE), 1, "exit status")
    with open(a.socket, encoding="utf-8") as kept:
        expect_equal(kept.read(), "precious", "the file")


@case("several instances see the same")
def several(lab):
    all_of_them = [lab.instance(name).start() for name in "abc"]
    pid = None
    for instance in all_of_them:
        events = instance.marked("one of several")
        pid = events[0]["process"]["pid"]
    for instance in all_of_them:
        until(lambda i=instance: i.of_pid(pid, "sched_process_exit"), "the last one in all files")


@case("SIGHUP changes events and sinks")
def reload_good(lab):
    a = lab.instance().start(events=("sched_process_exec",))
    other = a.path("other.json")
    a.configure(events=("sched_process_exec", "sched_process_exit", "memfd_create"),
                sinks=a.file_sink() + f', {{ type = "file"; name = "other"; path = "{other}"; }}')
    a.process.send_signal(signal.SIGHUP)
    until(lambda: "configuration reloaded" in a.log_text(), a.log_text)
    more = a.attached()
    a.marked("after the reload")
    pid = a.marked("in both")[0]["process"]["pid"]
    until(lambda: a.of_pid(pid, "sched_process_exit", path=other), "the exit in the new sink")
    a.configure(events=("sched_process_exit",))
    a.process.send_signal(signal.SIGHUP)
    until(lambda: a.log_text().count("configuration reloaded") == 2, a.log_text)
    expect(a.attached() < more, f"attached: {a.attached()} after {more}")
    expect_equal([e["event"] for e in a.marked("less")], ["sched_process_exit"], "events of a process")
    expect_equal([s["name"] for s in a.sinks()], ["file"], "sinks")


@case("reload refuses a bad configuration whole, with file and line, and the old one stays")
def reload_bad(lab):
    a = lab.instance().start()
    for extra, words in (("kernel = { nonsense = 1; };", ["sechawk.conf:3", "nonsense"]),
                         ('log = { level = "loud"; };', ["sechawk.conf:3", "level"]),
                         ("kernel = { bulk_ring_bytes = 7; };", ["sechawk.conf:3", "bulk_ring_bytes"]),
                         ("}", ["sechawk.conf:3"])):
        a.configure(events=("sched_process_exec", "no_exit"), extra=extra)
        before = a.log_text()
        done = a.ctl_run("reload")
        expect_equal(done.returncode, 1, "exit status of reload")
        log = a.log_text()[len(before):]
        for word in words:
            expect(word in log, f"no {word} in: {log}")
    a.configure(events=("sched_process_exec", "no_such_event"))
    done = a.ctl_run("reload")
    expect_equal(done.returncode, 1, "exit status of reload")
    expect("no_such_event" in done.stderr and "sechawk.conf:1" in done.stderr, done.stderr)
    a.configure(sinks=a.file_sink('filter = [ "data.flags=" ];'))
    done = a.ctl_run("reload")
    expect_equal(done.returncode, 1, "exit status of reload")
    expect("column" in done.stderr, done.stderr)
    names = [e["event"] for e in a.marked("still the old one")]
    expect_equal(names[-2:], ["sched_process_exec", "sched_process_exit"], "events of a process")
    a.configure()
    a.ctl("reload")


@case("--check-config and --dump-config: what is dumped is good and dumps the same")
def check_config(lab):
    a = lab.instance()
    a.configure(events=("default", "file_open"), extra='kernel = { bulk_ring_bytes = "1M"; };')
    expect("good" in run(SECHAWKD, "--check-config", "--config", a.conf),
           "--check-config says that it is good")
    dump = run(SECHAWKD, "--dump-config", "--config", a.conf)
    expect("1048576" in dump or '"1M"' in dump, dump)
    with open(a.conf, "w", encoding="utf-8") as out:
        out.write(dump)
    expect_equal(run(SECHAWKD, "--dump-config", "--config", a.conf), dump, "the dump of the dump")
    a.start()
    a.marked("with the dumped configuration")


@case("--check-config names file, line and the valid range")
def check_bad(lab):
    a = lab.instance()
    a.configure(extra="\nprocess = {\n\tmax_entries = 3;\n};")
    done = subprocess.run([SECHAWKD, "--check-config", "--config", a.conf], capture_output=True, text=True,
                          timeout=DEADLINE, check=False)
    expect_equal(done.returncode, 1, "exit status")
    expect(f"{a.conf}:5" in done.stderr and "1024" in done.stderr and "4194304" in done.stderr, done.stderr)


@case("the shipped configuration is good")
def shipped(lab):
    source = os.environ.get("SRCDIR", os.path.join(os.path.dirname(__file__), "..", ".."))
    run(SECHAWKD, "--check-config", "--config", os.path.join(source, "etc", "sechawk.conf"))
    expect_equal(lab.instances, [], "instances")


@case("a missing configuration file is an error with its name")
def no_config(lab):
    done = subprocess.run([SECHAWKD, "--foreground", "--config", os.path.join(lab.dir, "none.conf"),
                           "--socket",
                           os.path.join(lab.dir, "s")], capture_output=True, text=True, timeout=DEADLINE,
                          check=False)
    expect_equal(done.returncode, 1, "exit status")
    expect("none.conf" in done.stderr, done.stderr)
    expect(not os.path.exists(os.path.join(lab.dir, "s")), "no socket is left")


BTF = "/sys/kernel/btf/vmlinux"
# A kernel that does not show its types.
HIDDEN_BTF = ("unshare", "--mount", "--propagation", "private", "sh", "-c",
              f'mount --bind /dev/null {BTF} && exec "$@"', "sh")


@case("a kernel that hides its types: told, and served with types from a file (kernel.btf)")
def external_btf(lab):
    blind = lab.instance("blind").start(*HIDDEN_BTF)
    degraded = " ".join(blind.ctl_json("status")["degraded"])
    expect("kernel.btf" in degraded, f"status does not tell the way out: {degraded}")
    types = os.path.join(lab.dir, "types")
    shutil.copyfile(BTF, types)
    a = lab.instance().start(*HIDDEN_BTF, extra=f'kernel = {{ btf = "{types}"; }};')
    expect_equal([e["event"] for e in a.marked("--hidden-types")],
                 ["sched_process_exec", "sched_process_exit"],
                 "events of a process")


@case("a file without types is refused with its name")
def bad_btf(lab):
    done = subprocess.run([SECHAWKD, "--foreground", "--btf", "/dev/null",
                           "--socket", os.path.join(lab.dir, "s")],
                          capture_output=True, text=True, timeout=DEADLINE, check=False)
    expect_equal(done.returncode, 1, "exit status")
    expect("/dev/null (kernel.btf or --btf): it holds no BTF" in done.stderr, done.stderr)


@case("an enabled event that the kernel cannot give is degraded in status and log until it is disabled")
def impossible(lab):
    event, other = "security_file_open", "security_bpf_map"
    a = lab.instance().start(events=("sched_process_exec", "sched_process_exit", event),
                             extra='kernel = { disable_kinds = ["fexit", "fentry", "lsm", "kprobe", "kretprobe"]; };')
    told = lambda: " ".join(a.ctl_json("status")["degraded"])
    expect(event in told(), f"status: {told()}")
    expect(event in a.ctl("status"), "status for people")
    expect_equal(a.log_text().count("degraded: " + event), 1, "said once in the log")
    # One more is told anew; a client that asks for it is told itself.
    a.ctl("event", "enable", other)
    expect(other in told() and event in told(), f"both: {told()}")
    expect(f"{event}, {other}" in a.log_text() or f"{other}, {event}" in a.log_text(),
           "the second, in the log")
    trace = a.ctl_run("trace", f"event={event}", "--timeout", "1")
    expect(f"{event} cannot be observed on this kernel" in trace.stderr, f"trace: {trace.stderr}")
    a.ctl("event", "disable", event, other)
    expect_equal(told(), "", "what is degraded after both were disabled")
    a.marked("the rest works")


@case("status says what runs")
def status(lab):
    a = lab.instance().start()
    with Client(a.socket) as client:
        until(lambda: client.call("Status")["responsive"], "a responsive pipeline")
        s = client.call("Status")
    expect_equal(s["pid"], a.process.pid, "pid")
    expect_equal(s["kernel"], os.uname().release, "kernel")
    expect_equal(s["enabled"], list(("sched_process_fork", "sched_process_exec", "sched_process_exit",
                                     "finding")), "enabled")
    expect_equal(s["clients"], 1, "clients")
    expect_equal(s["degraded"], [], "degraded")
