# SPDX-License-Identifier: LGPL-2.1-or-later
"""From an event to a finding: the stream, the journal, and the story that sechawkctl tells."""
import json
import os
import subprocess
import time
import xml.etree.ElementTree

from lab import FakeJournal, case, expect, expect_equal, get, until

SIGNATURE = """
id: TEST-1
name: marked_program
version: 1.0.0
title: A program was started with a mark
description: For a test.
severity: high
mitre: {tactic: Execution, technique: T1204}
author: Sechawk authors
events:
  - event: sched_process_exec
    where: data.argv[1].startsWith("finding-")
output: {program: data.pathname, odd: "process.argv[1]"}
message: "{process.exe} was started"
what_to_do: Nothing.
"""
HOSTILE = "finding-\x1b]0;x\x07<script>\"'&\n"


def begin(lab):
    a = lab.instance()
    directory = a.path("signatures")
    os.mkdir(directory)
    with open(os.path.join(directory, "marked.yaml"), "w", encoding="utf-8") as out:
        out.write(SIGNATURE)
    journal = FakeJournal(a.path("journal"))
    a.start(events=("sched_process_fork", "sched_process_exec", "sched_process_exit"),
            sinks=a.file_sink() + f', {{ type = "journald"; journal_socket = "{journal.path}"; filter = [ "event=finding" ]; }}',
            extra=f'policies = {{ enabled = false; }};\nsignatures = {{ directories = [ "{directory}" ]; }};')
    return a, journal


def attack(mark):
    """A shell that starts the marked program after others."""
    child = subprocess.Popen(["/bin/sh", "-c", '/bin/true one; /bin/true two; /bin/true "$0" --password=hunter2; :', mark])
    expect_equal(child.wait(30), 0, "exit status of the shell")
    return child.pid


@case("a finding is an event, a journal entry, a row of the list and a story with what happened before")
def finding(lab):
    a, journal = begin(lab)
    shell = attack("finding-one")
    found = until(lambda: a.ctl_json("finding", "list")["findings"], "a finding")
    expect_equal(len(found), 1, "findings")
    told = until(lambda: [e for e in a.read() if e["event"] == "finding"], "the event")
    expect_equal([get(e, "data.id") for e in told], [found[0]["id"]], "ids of the events")
    expect_equal([get(told[0], f"data.{k}") for k in ("signature", "severity", "trigger", "technique")],
                 ["marked_program", "high", "sched_process_exec", "T1204"], "the event")
    entry = until(journal.read, "an entry")[0]
    for name, value in (("SECHAWK_FINDING_ID", found[0]["id"]), ("SECHAWK_SIGNATURE_ID", "TEST-1"),
                        ("PRIORITY", "3"),
                        ("SECHAWK_OUTPUT_ODD", "finding-one"), ("SECHAWK_SEVERITY", "high")):
        expect_equal(entry.get(name, b"").decode(), value, name)
    expect(f"[{shell}]" in entry["SECHAWK_ANCESTORS"].decode().split()[0],
           f"ancestors: {entry['SECHAWK_ANCESTORS']}")
    expect(b"marked_program" in entry["SECHAWK_EXCEPT_HINT"], f"hint: {entry['SECHAWK_EXCEPT_HINT']}")
    shown = json.loads(a.ctl("finding", "show", found[0]["id"], "-o", "json"))
    story = shown["story"]
    expect_equal(story["process"]["argv"], ["/bin/true", "finding-one", "--password=[redacted]"], "arguments")
    expect_equal(story["ancestors"][0]["pid"], shell, "the parent")
    before = [c["data"]["argv"][1] for c in story["context"] if c["event"] == "sched_process_exec" and
              c["pid"] != shell and
              len(get(c, "data.argv", [])) == 2]
    expect(before[-2:] == ["one", "two"], f"programs before: {before}, {story['coverage']}")
    expect("sched_process_exec" in story["coverage"]["events"], f"coverage: {story['coverage']}")
    for text in (str(entry), str(told), json.dumps(shown), a.ctl("finding", "show", found[0]["id"])):
        expect("hunter2" not in text, f"the secret is told: {text}")


@case("findings are chosen by severity, signature and time, and drawn without anything that could steer or run")
def shown(lab):
    a, _ = begin(lab)
    attack(HOSTILE)
    found = until(lambda: a.ctl_json("finding", "list", "--since", "1h")["findings"], "a finding")[0]
    for args, n in ((("--severity", "critical"), 0), (("--severity", "high"), 1),
                    (("--signature", "TEST-1"), 1),
                    (("--signature", "other"), 0), (("--unit", "no.service"), 0), (("--max", "1"), 1)):
        expect_equal(len(a.ctl_json("finding", "list", *args)["findings"]), n, f"findings with {args}")
    for args in ((), ("-o", "dot"), ("-o", "svg")):
        text = a.ctl("finding", "show", found["id"], *args)
        expect("\x1b" not in text and "\x07" not in text, f"{args}: control characters: {text!r}")
    root = xml.etree.ElementTree.fromstring(a.ctl("finding", "show", found["id"], "-o", "svg"))
    tags = {node.tag.split("}")[1] for node in root.iter()}
    expect(tags <= {"svg", "rect", "text", "circle", "path"}, f"elements: {tags}")
    done = a.ctl_run("finding", "show", "no-1")
    expect(done.returncode == 1 and "no-1" in done.stderr, f"no such finding: {done}")
    expect_equal(a.ctl_run("finding", "show", found["id"], "-o", "png").returncode, 2,
                 "exit status of a format that is none")
    expect_equal(a.ctl_run("finding", "list", "--severity", "bad").returncode, 1,
                 "exit status of a severity that is none")


@case("an alike finding is suppressed for a while, and the next one counts it")
def suppressed(lab):
    a, _ = begin(lab)
    with open(os.path.join(a.path("signatures"), "marked.yaml"), "a", encoding="utf-8") as out:
        out.write("suppress: {within: 2s, by: [process.exe]}\n")
    a.ctl("reload")
    start = time.monotonic()
    attack("finding-a")
    until(lambda: a.ctl_json("finding", "list")["findings"], "a finding")
    attack("finding-b")
    counts = lambda: [f["count"] for f in a.ctl_json("finding", "list")["findings"]]

    def again():
        attack("finding-c")
        return len(counts()) >= 2
    until(again, "a second finding")
    expect(time.monotonic() - start >= 2, "the second came too early")
    expect(counts()[0] == 0 and counts()[1] >= 1, f"counts: {counts()}")
