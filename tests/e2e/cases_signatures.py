# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signatures in the running daemon: found live, reloaded, refused, switched, learnt from, pushed down and replayed."""
import json
import os
import socket
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


@case("signatures: the same findings on each replay")
def signature_replay(lab):
    daemon, folder = start(lab, marked=MARKED, twice=TWICE)
    recording = daemon.path("recording")
    child = daemon.ctl_start("record", recording)
    until(lambda: os.path.exists(recording) and os.path.getsize(recording) > 4096, "the recording has begun")
    for argument in ("marked", "twice", "other", "twice"):
        true(argument)
    until(lambda: findings(daemon, "ran_twice"), "the findings live")
    child.terminate()
    child.wait(10)
    play = [SECHAWKD, "--replay", recording, "-o", "json", "--signatures", folder, "--where", "event=finding"]
    first, second = run(*play), run(*play)
    expect_equal(first, second, "two replays")
    replayed = [get(json.loads(line), "data.signature") for line in first.splitlines()]
    expect_equal(sorted(replayed), ["marked_run", "ran_twice"], "findings of the replay")
    without = subprocess.run(play[:5] + play[7:], capture_output=True, text=True, check=True).stdout
    expect_equal(without, "", "findings without signatures")


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


@case("signatures: packages that cannot be read are degraded in status and log")
def packages_unreadable(lab):
    a = lab.instance()
    # rpm before 4.16 has another kind of database, which is not read
    a.start("unshare", "-m", "sh", "-c",
            "mount -t tmpfs none /var/lib && mkdir /var/lib/rpm && echo old >/var/lib/rpm/Packages && exec \"$@\"", "sh")
    until(lambda: "packages of this host cannot be read" in " ".join(a.ctl_json("status")["degraded"]),
          lambda: f"status: {a.ctl_json('status')['degraded']}")
    expect_equal(a.log_text().count("degraded: the packages of this host"), 1, "said once in the log")
