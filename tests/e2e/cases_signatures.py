# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signatures in the running daemon: found live, reloaded, refused, switched, learnt from, pushed down and replayed."""
import errno
import json
import os
import re
import resource
import socket
import struct
import subprocess

from cases_filters import CONTAINER, cgroup_top
from lab import SECHAWKD, case, expect, expect_equal, get, run, true, until

# What the engine keeps between events: the second run within the window is a finding.
TWICE = """
id: T-2
name: ran_twice
version: 1.0.0
title: A program ran twice
description: For tests.
severity: low
author: tests
events:
  - event: sched_process_exec
    where: process.argv[1] == "twice"
count: 2
within: 10min
message: "{process.exe} ran twice"
"""

MARKED = """
id: T-1
name: marked_run
version: 1.0.0
title: A marked program ran
description: For tests.
severity: high
author: tests
events:
  - event: sched_process_exec
    where: basename(process.exe) == "true" && process.argv[1] == "marked"
output: {argument: "process.argv[1]"}
message: "{process.exe} (pid {process.pid}) ran with {process.argv[1]}"
"""

OPENED = """
id: T-3
name: marked_open
version: 1.0.0
title: A marked file was opened
description: For tests.
severity: medium
author: tests
events:
  - event: file_open
    where: startsWith(data.pathname, "%s/")
message: "{process.exe} opened {data.pathname}"
"""

# Of many events, and so many values that the kernel needs a table for each of them.
MADE = """
id: T-4
name: marked_make
version: 1.0.0
title: Something was made in a marked place
description: For tests.
severity: medium
author: tests
events:
%s
message: "{data.pathname}"
"""
MAKERS = ("mkdir", "rmdir", "mkdirat", "unlink", "unlinkat", "mknod")

MODEL = """
id: T-%d
name: %s
version: 1.0.0
title: What the model says
description: For tests.
severity: low
author: tests
events:
  - event: sched_process_exec
    where: process.argv[0] == "asks" && (%s)
message: "{process.exe}"
"""


def put(folder, name, text):
    """Whole or not at all: what is half written would be refused."""
    path = os.path.join(folder, name)
    with open(path + ".new", "w", encoding="utf-8") as out:
        out.write(text)
    os.rename(path + ".new", path)
    return path


def start(lab, **files):
    daemon = lab.instance()
    folder = daemon.path("signatures")
    os.mkdir(folder)
    for file, text in files.items():
        put(folder, file + ".yaml", text)
    daemon.start(events=[], extra=f'signatures = {{ directories = [ "{folder}" ]; }};')
    return daemon, folder


def findings(daemon, name):
    return [e for e in daemon.read() if e["event"] == "finding" and get(e, "data.signature") == name]


def names(daemon):
    return {s["name"]: s["state"] for s in daemon.ctl_json("signature", "list")["signatures"]}


@case("signatures: a finding has the process of its trigger, and what only signatures want is not told")
def signature_found_live(lab):
    daemon, _ = start(lab, marked=MARKED)
    true("other")
    pid = true("marked")
    found = until(lambda: findings(daemon, "marked_run"), lambda: f"the finding:\n{daemon.log_text()}")
    expect_equal(len(found), 1, "findings")
    expect_equal(get(found[0], "process.pid"), pid, "process of the finding")
    expect_equal(get(found[0], "data.severity"), "high", "severity")
    expect_equal(get(found[0], "data.output"), ["argument=marked"], "output")
    expect_equal({e["event"] for e in daemon.read()}, {"finding"}, "events that are told")
    stats = daemon.ctl_json("signature", "stats")
    expect_equal(stats["found"], 1, "findings counted")
    expect_equal(daemon.ctl_json("status")["findings"], 1, "findings of the status")


@case("signatures: a file that comes is noticed, and what others remember stays")
def signature_reload_keeps_state(lab):
    daemon, folder = start(lab, twice=TWICE)
    true("twice")
    until(lambda: daemon.ctl_json("signature", "stats")["signatures"][0]["evaluated"], "the first run is seen")
    put(folder, "marked.yaml", MARKED)
    until(lambda: "marked_run" in names(daemon), "the second signature")
    daemon.ctl("reload")
    true("marked")
    until(lambda: findings(daemon, "marked_run"), "a finding of the one that came")
    expect_equal(findings(daemon, "ran_twice"), [], "findings after one run")
    true("twice")
    until(lambda: findings(daemon, "ran_twice"), "the second run, counted with the first")


@case("signatures: a broken file is refused with its place, and what was in force stays")
def signature_broken_file_is_refused(lab):
    daemon, folder = start(lab, marked=MARKED, twice=TWICE)
    path = put(folder, "marked.yaml", MARKED.replace("severity: high", "severity: awful"))
    until(lambda: daemon.ctl_json("signature", "list")["problems"], "the problem")
    problem = daemon.ctl_json("signature", "list")["problems"][0]
    expect_equal(problem["path"], path, "file with the problem")
    expect(problem["message"].startswith(f"{path}:7:"), lambda: f"place of the fault: {problem['message']}")
    expect_equal(names(daemon), {"marked_run": "enabled", "ran_twice": "enabled"}, "what is in force")
    expect(any("signatures:" in line for line in daemon.ctl_json("status")["degraded"]), "the status says so")
    true("marked")
    until(lambda: findings(daemon, "marked_run"), "a finding of the text before")
    put(folder, "marked.yaml", MARKED)
    until(lambda: not daemon.ctl_json("signature", "list")["problems"], "the problem is gone")


@case("signatures: load, switch and unload by hand")
def signature_by_hand(lab):
    daemon, _ = start(lab, twice=TWICE)
    mine = put(daemon.dir, "mine.yaml", MARKED)
    daemon.ctl("signature", "load", mine)
    expect_equal(names(daemon), {"marked_run": "enabled", "ran_twice": "enabled"}, "loaded")
    expect(daemon.ctl_run("signature", "load", mine).returncode != 0, "the same file twice")
    daemon.ctl("signature", "load", "--replace", mine)
    daemon.ctl("signature", "disable", "T-1")
    expect_equal(names(daemon)["marked_run"], "disabled", "switched off")
    daemon.ctl("signature", "enable", "marked_run")
    true("marked")
    until(lambda: findings(daemon, "marked_run"), "a finding of one that was loaded")
    refused = daemon.ctl_run("signature", "unload", "ran_twice")
    expect(refused.returncode != 0 and "signature disable" in refused.stderr, lambda: f"unload: {refused.stderr}")
    daemon.ctl("signature", "unload", "marked_run")
    expect_equal(set(names(daemon)), {"ran_twice"}, "unloaded")


@case("signatures: files that are loaded together are loaded all or not at all, each fault with its place")
def signature_load_many(lab):
    daemon, _ = start(lab)
    good = put(daemon.dir, "good.yaml", MARKED)
    wrong = put(daemon.dir, "wrong.yaml", TWICE.replace("severity: low", "severity: awful"))
    worse = put(daemon.dir, "worse.yaml", TWICE.replace("count: 2", "count: two"))
    refused = daemon.ctl_run("signature", "load", good, wrong, worse)
    expect(refused.returncode != 0 and f"{wrong}:7:" in refused.stderr and f"{worse}:12:" in refused.stderr,
           lambda: f"places of the faults: {refused.stderr}")
    expect_equal(names(daemon), {}, "what is loaded")
    right = put(daemon.dir, "wrong.yaml", TWICE)
    expect_equal(daemon.ctl("signature", "load", right, good), "ran_twice: enabled\nmarked_run: enabled\n", "both")
    twice = daemon.ctl_run("signature", "load", "--replace", good, good)
    expect(twice.returncode != 0 and "it is there twice" in twice.stderr, lambda: f"twice: {twice.stderr}")
    daemon.ctl("signature", "load", "--replace", good, right)
    expect_equal(names(daemon), {"marked_run": "enabled", "ran_twice": "enabled"}, "loaded")


@case("signatures: what is learnt is an exception that can be pasted")
def signature_learns_exceptions(lab):
    daemon, folder = start(lab, marked=MARKED)
    daemon.ctl("signature", "learn", "--start")
    true("marked")
    until(lambda: findings(daemon, "marked_run"), "the finding")
    learnt = daemon.ctl_json("signature", "learn", "--stop")
    expect_equal([p["signature"] for p in learnt["proposals"]], ["marked_run"], "proposals")
    put(folder, "marked.yaml", MARKED + "exceptions:\n" + learnt["proposals"][0]["exception"])
    until(lambda: "is changed" in daemon.log_text(), "the change")
    true("marked")
    until(lambda: daemon.ctl_json("signature", "stats")["excepted"], lambda: f"the exception:\n{daemon.log_text()}")
    expect_equal(len(findings(daemon, "marked_run")), 1, "findings")


@case("signatures: the kernel drops what none can be about")
def signature_is_pushed_down(lab):
    daemon, folder = start(lab)
    place = daemon.path("place")
    os.mkdir(place)
    put(folder, "opened.yaml", OPENED % place)
    until(lambda: "marked_open" in names(daemon), "the signature")
    before = daemon.counts("file_open")
    for _ in range(200):
        with open("/etc/passwd", encoding="utf-8"):
            pass
    with open(os.path.join(place, "file"), "w", encoding="utf-8"):
        pass
    found = until(lambda: findings(daemon, "marked_open"), lambda: f"the finding:\n{daemon.log_text()}")
    expect_equal(get(found[0], "data.message").split()[-1], os.path.join(place, "file"), "message")
    after = daemon.counts("file_open")
    dropped, sent = after["filtered"] - before["filtered"], after["sent"] - before["sent"]
    expect(dropped >= 200, lambda: f"dropped in the kernel: {dropped}, sent: {sent}")
    expect(sent < 50, lambda: f"sent: {sent}")


def made(places):
    where = " || ".join(f'startsWith(data.pathname, "{place}/")' for place in places)
    return MADE % "\n".join(f"  - event: {event}\n    where: {where}" for event in MAKERS)


def leave_descriptors(daemon, n):
    """From now on the daemon can open N descriptors; returns what to call to take that back."""
    pid = daemon.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = {int(fd) for fd in os.listdir(f"/proc/{pid}/fd")}
    free = [fd for fd in range(len(used) + n + 1) if fd not in used]
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (free[n], before[1]))
    return lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


@case("signatures: filters that the kernel has no room for are left out, degraded, and tried again at a reload")
def signature_filters_have_no_room(lab):
    daemon, folder = start(lab)
    place = daemon.path("place")
    put(folder, "made.yaml", made([f"/nowhere/{i}" for i in range(20)]))
    until(lambda: "marked_make" in names(daemon), "the signature")
    expect_equal(daemon.ctl_json("status")["degraded"], [], "all filters are in the kernel")
    before = daemon.counts("mkdir")
    os.mkdir(place)
    until(lambda: daemon.counts("mkdir")["filtered"] > before["filtered"], "the filter of the first signature")
    restore = leave_descriptors(daemon, 4)
    put(folder, "made.yaml", made([f"/nowhere/{i}" for i in range(19)] + [place]))
    until(lambda: "is changed" in daemon.log_text(), "the change")
    degraded = " ".join(daemon.ctl_json("status")["degraded"])
    expect("the kernel does not filter them" in degraded and "no descriptor is left" in degraded,
           lambda: f"status: {degraded}")
    expect("degraded: " in daemon.log_text() and "the kernel does not filter them" in daemon.log_text(), daemon.log_text)
    # what the old filters would drop is found: those events come unfiltered
    for i, name in enumerate(("a", "b")):
        os.mkdir(f"{place}/{name}")
        os.rmdir(f"{place}/{name}")
        until(lambda n=2 * i + 2: len(findings(daemon, "marked_make")) == n, lambda: f"findings:\n{daemon.log_text()}")
    restore()
    daemon.ctl("reload")
    expect_equal(daemon.ctl_json("status")["degraded"], [], "after a reload")
    expect("all filters of policies and signatures are in the kernel" in daemon.log_text(), daemon.log_text)
    before = daemon.counts("mkdir")
    os.mkdir(daemon.path("elsewhere"))
    until(lambda: daemon.counts("mkdir")["filtered"] > before["filtered"], "the filter of the second one")


@case("signatures: the same findings on each replay")
def signature_replay(lab):
    daemon, folder = start(lab, marked=MARKED, twice=TWICE)
    recording = daemon.path("recording")
    child = daemon.ctl_start("record", recording)
    until(lambda: os.path.exists(recording) and os.path.getsize(recording) > 4096, "the recording has begun")
    for argument in ("marked", "twice", "other", "twice"):
        true(argument)
    until(lambda: findings(daemon, "ran_twice"), "the findings live")
    with open(recording, "rb") as file:
        until(lambda: file.seek(0) == 0 and file.read().count(b"\0twice\0") >= 2, "all of it in the recording")
    child.terminate()
    child.wait(10)
    play = [SECHAWKD, "--replay", recording, "-o", "json", "--signatures", folder, "--where", "event=finding"]
    first, second = run(*play), run(*play)
    expect_equal(first, second, "two replays")
    replayed = [get(json.loads(line), "data.signature") for line in first.splitlines()]
    expect_equal(sorted(replayed), ["marked_run", "ran_twice"], "findings of the replay")
    without = subprocess.run(play[:5] + play[7:], capture_output=True, text=True, check=True).stdout
    expect_equal(without, "", "findings without signatures")


# Nothing tells that something did not come but the time.
ALONE = """
id: T-5
name: marked_alone
version: 1.0.0
title: After a marked program no other one ran
description: For tests.
severity: low
author: tests
steps:
  - name: marked
    event: sched_process_exec
    where: process.argv[1] == "marked"
  - name: nothing
    event: sched_process_exec
    where: process.argv[1] == "after"
    absent: true
within: 1s
message: "{process.exe}"
"""


def records(data):
    """The records of a recording, each with its length (src/collect/recording.h), and its header."""
    at = int.from_bytes(data[12:16], "little")
    head, found = data[:at], []
    while at < len(data):
        size = 4 + int.from_bytes(data[at:at + 4], "little")
        found.append(data[at:at + size])
        at += size
    return head, found


@case("signatures: what did not come by the end of a recording is found on replay")
def signature_absent_at_end(lab):
    daemon, folder = start(lab, alone=ALONE)
    recording, cut = daemon.path("recording"), daemon.path("cut")
    child = daemon.ctl_start("record", recording)
    until(lambda: os.path.exists(recording) and os.path.getsize(recording) > 4096, "the recording has begun")
    true("marked")
    until(lambda: findings(daemon, "marked_alone"), lambda: f"the finding live:\n{daemon.log_text()}")

    def until_end():
        """What is recorded, when that says that nothing came for a second after the marked program; else nothing."""
        with open(recording, "rb") as file:
            head, found = records(file.read())
        marked = next((i for i, record in enumerate(found) if b"\0marked\0" in record), len(found))
        ends = [record for record in found[marked + 1:] if int.from_bytes(record[80:82], "little") == 902]
        times = [int.from_bytes(record[4:12], "little") for record in (*found[marked:marked + 1], *ends[-1:])]
        # what this machine does besides would advance the time, too
        return len(times) == 2 and times[1] - times[0] > 10**9 and head + b"".join(found[:marked + 1] + ends)
    with open(cut, "wb") as out:
        out.write(until(until_end, "a recording that says how long nothing came"))
    child.terminate()
    child.wait(10)
    play = [SECHAWKD, "--replay", cut, "-o", "json", "--signatures", folder, "--where", "event=finding"]
    first, second = run(*play), run(*play)
    expect_equal([get(json.loads(line), "data.signature") for line in first.splitlines()], ["marked_alone"], "replayed")
    expect_equal(first, second, "two replays")


@case("signatures: containers start with their first program, and standard input is asked whom it talks to")
def signature_model(lab):
    daemon, _ = start(lab, started=MODEL % (1, "in_started", "container.started"),
                      entry=MODEL % (2, "in_container", 'container.id != ""'),
                      stdin=MODEL % (3, "stdin_is_socket", 'stdio_socket(0).startsWith("127.0.0.1:")'))
    box = f"{cgroup_top()}/docker-{CONTAINER[::-1]}.scope"
    os.mkdir(box)

    def enter():
        with open(f"{box}/cgroup.procs", "w", encoding="utf-8") as procs:
            procs.write("0")
    try:
        for _ in range(2):
            subprocess.run(["asks"], executable="/bin/true", preexec_fn=enter, check=True)
    finally:
        until(lambda: not open(f"{box}/cgroup.procs", encoding="utf-8").read(), "the cgroup is empty")
        os.rmdir(box)
    until(lambda: len(findings(daemon, "in_container")) == 2, lambda: f"both programs:\n{daemon.log_text()}")
    until(lambda: len(findings(daemon, "in_started")) == 1, lambda: f"the second program:\n{daemon.log_text()}")
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as end:
        child = subprocess.Popen(["asks", "60"], executable="/bin/sleep", stdin=end)
        try:
            until(lambda: findings(daemon, "stdin_is_socket"), lambda: f"the socket:\n{daemon.log_text()}")
        finally:
            child.kill()
            child.wait()


@case("signatures: a program on a connection that was reset, and that has ended at once, is told with the other end")
def signature_stdio_reset(lab):
    daemon, _ = start(lab, stdin=MODEL % (3, "stdin_is_socket", 'stdio_socket(0).startsWith("127.0.0.1:")')
                      + 'output: {end: stdio_socket(0), none: "stdio_socket(1)"}\n')
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as end:
        end.connect(server.getsockname())
        other, _ = server.accept()
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        other.close()
        until(lambda: end.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), "the reset")
        subprocess.run(["asks"], executable="/bin/true", stdin=end, stdout=subprocess.DEVNULL, check=True)
        found = until(lambda: findings(daemon, "stdin_is_socket"), lambda: f"the finding:\n{daemon.log_text()}")
        expect_equal(get(found[0], "data.output"), [f"end=127.0.0.1:{server.getsockname()[1]}", "none="], "both")


@case("signatures: packages that cannot be read are degraded in status and log")
def packages_unreadable(lab):
    a = lab.instance()
    # rpm before 4.16 has another kind of database, which is not read
    a.start("unshare", "-m", "sh", "-c",
            "mount -t tmpfs none /var/lib && mkdir /var/lib/rpm && echo old >/var/lib/rpm/Packages && exec \"$@\"", "sh")
    until(lambda: "packages of this host cannot be read" in " ".join(a.ctl_json("status")["degraded"]),
          lambda: f"status: {a.ctl_json('status')['degraded']}")
    expect_equal(a.log_text().count("degraded: the packages of this host"), 1, "said once in the log")
    expect_equal(a.ctl_json("stats")["packages"]["error"], errno.EOPNOTSUPP, "error in the statistics")
    expect(f"sechawk_packages_error {errno.EOPNOTSUPP}\n" in a.ctl("metrics"), "error in the metrics")


@case("signatures: what the daemon knows of packages is counted")
def packages_counted(lab):
    a, _ = start(lab, owned=MODEL % (4, "is_owned", 'package_state(process.exe) != ""'))
    until(lambda: a.ctl_json("stats")["packages"]["files"], "the packages of this host are read")

    def asked():
        subprocess.run(["asks"], executable="/bin/true", check=True)
        return a.ctl_json("stats")["packages"]
    packages = until(lambda: (lambda p: p["cached"] and p)(asked()), "an answer that is remembered")
    expect(packages["asked"] >= packages["cached"] + packages["read"] > packages["cached"] and packages["bytes"] > 0
           and packages["packages"] > 0 and not packages["error"], lambda: f"counters: {packages}")
    expect(re.search(r"^sechawk_packages_asked_total [1-9]", a.ctl("metrics"), re.M), "questions in the metrics")
