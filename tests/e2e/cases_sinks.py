# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sinks: files, the journal, secrets, and what happens when a target fails."""
import json
import os
import signal

from lab import LIFE, FakeJournal, case, expect, expect_equal, get, true, until

SECRETS = ("--password=hunter2", "--token", "hunter2", "DB_PASSWORD=hunter2",
           "https://me:hunter2@example.org/")


@case("secrets are redacted in the file, the stream and the journal, and nothing else is")
def secrets(lab):
    a = lab.instance()
    journal = FakeJournal(a.path("journal"))
    a.start(sinks=a.file_sink() + f', {{ type = "journald"; journal_socket = "{journal.path}";'
            ' filter = [ "event=exec comm=true" ]; }')
    child = a.stream("watch", "exec", "--where", "comm=true data.argv=plain", "--count", "1", "-o", "json")
    events = a.marked("plain", *SECRETS)
    out, err = child.communicate(timeout=30)
    expect_equal(child.returncode, 0, f"exit status of watch ({err})")
    mine = lambda: [e for e in journal.read() if e.get("SECHAWK_PID") == str(events[0]["process"]["pid"]).encode()]
    entry = until(mine, "the journal entry")[0]
    for where, text in (("file", json.dumps(events)), ("stream", out), ("journal", str(entry))):
        expect("hunter2" not in text, f"the secret is in the {where}: {text}")
        expect("plain" in text and "example.org" in text and "redacted" in text, f"{where}: {text}")
    shown = a.ctl("process", "list", "--all", "-o", "json")
    expect("hunter2" not in shown, "the secret is in the process list")


@case("the journal entry has the fields that people search for")
def journal_fields(lab):
    a = lab.instance()
    journal = FakeJournal(a.path("journal"))
    a.start(sinks=f'{{ type = "journald"; journal_socket = "{journal.path}"; filter = [ "event=exec comm=true" ]; }}')
    pid = true("to", "the journal")
    entry = until(lambda: [e for e in journal.read() if e.get("SECHAWK_PID") == str(pid).encode()],
                  "the entry")[0]
    for name, value in (("SECHAWK_EVENT", b"sched_process_exec"), ("SYSLOG_IDENTIFIER", b"sechawkd"),
                        ("SECHAWK_EXE", os.path.realpath("/bin/true").encode())):
        expect_equal(entry.get(name), value, name)
    expect(len(entry.get("MESSAGE_ID", b"")) == 32 and entry.get("MESSAGE"), f"entry: {entry}")
    expect(b"the journal" in entry["SECHAWK_CMDLINE"], f"command line: {entry['SECHAWK_CMDLINE']}")


@case("journald goes away and comes back: told, nothing else suffers, entries go on")
def journal_gone(lab):
    a = lab.instance()
    journal = FakeJournal(a.path("journal"))
    a.start(sinks=a.file_sink() + f', {{ type = "journald"; journal_socket = "{journal.path}";'
            ' filter = [ "event=exec comm=true" ]; }')
    has = lambda pid: any(e.get("SECHAWK_PID") == str(pid).encode() for e in journal.read())
    first = true("before")
    until(lambda: has(first), "an entry")
    journal.close()
    missed = a.marked("without")[0]["process"]["pid"]
    until(lambda: a.sink("journald").get("problem"), "a problem in the statistics")
    expect("journald" in a.ctl("status"), "status shows the sink")
    until(lambda: "cannot" in a.log_text(), "the log tells")
    a.marked("the file goes on")
    journal.open()
    # What waited in the queue comes, too.
    until(lambda: has(missed), "the entry that waited")
    last = true("after")
    until(lambda: has(last), "an entry after the return")
    until(lambda: not a.sink("journald").get("problem"), "no problem any more")
    until(lambda: "works again" in a.log_text(), "the log tells that it works again")


@case("a file that was renamed goes on until SIGHUP, then a new one begins")
def reopen(lab):
    a = lab.instance().start(events=("proc",)) # all that get a number
    first = a.marked("first")[0]["process"]["pid"]
    moved = a.path("moved.json")
    os.rename(a.file, moved)
    second = true("second")
    until(lambda: a.of_pid(second, "sched_process_exit", path=moved), "events in the moved file")
    a.process.send_signal(signal.SIGHUP)
    until(lambda: os.path.exists(a.file), "a new file")
    third = a.marked("third")[0]["process"]["pid"]
    expect(a.of_pid(first, path=moved) and not a.of_pid(third, path=moved) and not a.of_pid(second),
           "each event is in one file")
    seqs = [e["seq"] for path in (moved, a.file) for e in a.read(path)]
    expect_equal(seqs, list(range(seqs[0], seqs[0] + len(seqs))), "sequence numbers over both files")


@case("rotation by size: whole lines, all of them, in files no larger than that")
def rotation(lab):
    a = lab.instance()
    limit = 200000
    # Of what else goes on at this machine there may be more than fits.
    a.start(events=("proc",), sinks=a.file_sink(f'rotate_bytes = {limit}; rotate_keep = 100; filter = [ "tree={os.getpid()}" ];'))
    pids = [true("turn", str(i)) for i in range(150)]
    files = lambda: [p for p in (f"{a.file}.{i}" for i in range(100, 0, -1)) if os.path.exists(p)] + [a.file]
    until(lambda: any(a.of_pid(pids[-1], "sched_process_exit", path=path) for path in files()),
          "the last exit")
    a.stop()
    paths = files()
    expect(len(paths) > 2, f"files: {paths}")
    for path in paths:
        expect(os.path.getsize(path) <= limit, f"size of {path}")
    events = [e for path in paths for e in a.read(path)]
    seqs = [e["seq"] for e in events]
    expect_equal(seqs, sorted(set(seqs)), "sequence numbers over all files")
    for name in ("sched_process_exec", "sched_process_exit"):
        told = [e["process"]["pid"] for e in events if e["event"] == name]
        expect_equal([p for p in pids if told.count(p) != 1], [], f"processes without just one {name}")


@case("a full disk: the pipeline goes on, it is told, and the file goes on when there is room")
def full_disk(lab):
    a = lab.instance()
    disk = a.path("disk")
    os.mkdir(disk)
    other = a.file
    a.configure(sinks=f'{{ type = "file"; name = "small"; path = "{disk}/events.json"; queue_bytes = 65536;'
                ' filter = [ "event=exec comm=true" ]; },'
                f' {{ type = "file"; name = "large"; path = "{other}"; }}')
    a.spawn("unshare", "--mount", "--propagation", "private", "/bin/sh", "-c",
            f"mount -t tmpfs -o size=256k tmpfs '{disk}' && exec \"$@\"", "sh").wait_ready()
    inside = f"/proc/{a.process.pid}/root{disk}/"
    filler = os.open(inside + "filler", os.O_WRONLY | os.O_CREAT)
    try:
        while os.write(filler, b"x" * 512):
            pass
    except OSError:
        os.close(filler)
    until(lambda: true("fill") and a.sink("small").get("problem"), "a problem of the small disk's sink")
    until(lambda: true("fill") and a.sink("small")["lost"], "events that do not fit its queue")
    expect("small" in a.ctl("status"), "status names the sink")
    expect("No space left" in a.ctl("stats"), "stats says why")
    until(lambda: "No space left" in a.log_text(), "the log tells")
    a.marked("the other file goes on")
    expect_equal(a.sink("large")["lost"], 0, "lost by the other sink")
    until(lambda: any(e["event"] == "events.lost" and e["data"]["where"] == "small" for e in a.read()),
          "events.lost names the sink")
    os.unlink(inside + "filler")
    pid = true("room again")
    # It tries again at growing intervals; SIGHUP makes it try at once.
    a.process.send_signal(signal.SIGHUP)
    until(lambda: true("more") and not a.sink("small").get("problem"), "the sink works again")
    for event in a.read(inside + "events.json"):
        expect(get(event, "seq"), "whole lines only")
    until(lambda: a.of_pid(pid, "sched_process_exec"), "the other file has it")
    last = true("the very last")
    until(lambda: a.of_pid(last, path=inside + "events.json"), "new events in the small file")


@case("a file sink in a directory that is not there waits for it")
def no_directory(lab):
    a = lab.instance()
    late = a.path("late")
    a.start(sinks=a.file_sink() + f', {{ type = "file"; name = "late"; path = "{late}/f"; }}')
    pid = a.marked("waiting")[0]["process"]["pid"]
    until(lambda: a.sink("late").get("problem"), "a problem")
    os.mkdir(late)
    until(lambda: a.of_pid(pid, "sched_process_exit", path=late + "/f"), "what waited")


@case("filters: each sink gets what its filters select, and counts the rest")
def filters(lab):
    a = lab.instance()
    execs = a.path("execs")
    a.start(sinks=a.file_sink() + f', {{ type = "file"; name = "execs"; path = "{execs}"; format = "csv";'
            ' filter = [ "event=exec data.argv=wanted", "event=ptrace" ]; }')
    a.marked("unwanted")
    a.marked("wanted")
    until(lambda: os.path.exists(execs) and "wanted" in open(execs, encoding="utf-8").read(), "the line")
    lines = open(execs, encoding="utf-8").read().splitlines()
    expect_equal(len(lines), 2, "lines with the head")
    sink = a.sink("execs")
    expect(sink["events"] == 1 and sink["filtered"] >= 3, f"counters: {sink}")


@case("what happened before an event was disabled is told, however soon that was")
def disabled_at_once(lab):
    a = lab.instance().start(events=LIFE)
    for i in range(20):
        a.ctl("event", "enable", "memfd_create")
        for name in range(10):
            os.close(os.memfd_create(f"round {i} {name}"))
        a.ctl("event", "disable", "memfd_create")
    until(lambda: a.sink("file")["events"] == len(a.read()), "as many lines as the sink has written")
    expect_equal([get(e, "data.uname") for e in a.read() if e["event"] == "memfd_create"],
                 [f"round {i} {name}" for i in range(20) for name in range(10)], "the calls")


@case("the counters add up: sent by the kernel, made into events, and written")
def counters(lab):
    a = lab.instance().start(events=(*LIFE, "execve", "memfd_create"))
    for i in range(50):
        true("counted", str(i))
        os.close(os.memfd_create("counted"))
    a.ctl("event", "disable", *LIFE, "execve", "memfd_create")
    until(lambda: a.sink("file")["events"] == len(a.read()), "as many lines as the sink has written")
    stats = a.ctl_json("stats")
    for row in stats["events"]:
        expect_equal(row["seen"], row["filtered"] + row["sent"] + row["lost"], f"sum of {row}")
    expect_equal(a.sink("file")["bytes"], os.path.getsize(a.file), "bytes of the file")
    for row in stats["events"]:
        # The process model goes on with the life cycle after the sinks stopped to see it.
        if row["event"] in ("memfd_create", "execve"):
            written = sum(e["event"] == row["event"] for e in a.read())
            expect(50 <= written == row["sent"], f"{written} lines of {row}")
    expect_equal((stats["pipeline"]["lost"], stats["pipeline"]["rejected"]), (0, 0), "lost and rejected")
