# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recordings: made from the live stream, played with the same result, refused when damaged."""
import json
import os
import random
import signal
import subprocess

from lab import DEADLINE, LIFE, SECHAWKCTL, SECHAWKD, case, expect, expect_equal, run, true, until


def content(path):
    with open(path, "rb") as file:
        return file.read()


def record(lab, during):
    """A daemon and a recording of what happens while DURING(instance) runs."""
    a = lab.instance().start(events=("proc", "execve", "memfd_create"), sinks="")
    a.configure(events=("proc", "execve", "memfd_create"), sinks=a.file_sink())
    path = a.path("recording")
    child = a.ctl_start("record", path)
    until(lambda: os.path.exists(path) and os.path.getsize(path) > 1000, "the head of the recording")
    a.ctl("reload")
    during(a)
    a.marked("end-of-the-recording")
    until(lambda: b"end-of-the-recording" in content(path), "the end in the recording")
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=DEADLINE)
    expect_equal(child.returncode, 0, f"exit status of record ({err})")
    a.stop()
    return a, path


def replay(path, *args):
    return run(SECHAWKCTL, "replay", path, *args, env=dict(os.environ, SECHAWKD=SECHAWKD),
               errors="surrogateescape")


def without(event):
    """What a replay cannot know: numbers begin anew, and where the facts of a process came from."""
    event = dict(event)
    event.pop("seq", None)
    for key in ("process", "parent"):
        if key in event:
            event[key] = {k: v for k, v in event[key].items() if k != "source"}
    return event


@case("a replay of a recording gives the same JSON as the file sink")
def same(lab):
    pids = []

    def busy(a):
        old = lab.child("/bin/sleep", "1000", "0")
        pids.append(old.pid)
        for i in range(30):
            pids.append(true("recorded", str(i), "ünï", "\udcff", "x" * 6000))
        old.kill()
        old.wait()
        until(lambda: set(pids) <= {e["process"]["pid"] for e in a.read()
                                  if e["event"] == "sched_process_exit"}, "all exits in the file")
    a, path = record(lab, busy)
    live = {}
    for event in a.read():
        live.setdefault(event["process"]["pid"], []).append(event)
    played = {}
    for line in replay(path, "-o", "json").splitlines():
        event = json.loads(line)
        played.setdefault(event["process"]["pid"], []).append(event)
    for pid in pids:
        mine, theirs = live.get(pid, []), played.get(pid, [])
        expect_equal([e["event"] for e in theirs], [e["event"] for e in mine], f"events of {pid}")
        expect(len(mine) >= 2, f"events of {pid}")
        for one, other in zip(mine, theirs):
            expect_equal(json.dumps(without(other)), json.dumps(without(one)), "an event")


@case("a replay takes filters and formats, and is the same each time")
def again(lab):
    _, path = record(lab, lambda a: [a.marked("turn", str(i)) for i in range(5)])
    first = replay(path, "-o", "json")
    expect(first and first == replay(path, "-o", "json"), "two replays are equal")
    chosen = [json.loads(line)
              for line in replay(path, "--where", "event=exec data.argv=turn", "-o", "json").splitlines()]
    expect_equal([e["data"]["argv"][2] for e in chosen], [str(i) for i in range(5)], "chosen")
    head, *rows = replay(path, "--where", "event=exec data.argv=turn", "-o", "csv").splitlines()
    expect(head.startswith("time,") and len(rows) == 5, f"CSV: {head}, {len(rows)} rows")
    expect_equal(oct(os.stat(path).st_mode & 0o777), "0o600", "mode of the recording")


@case("secrets in a recording are redacted when it is played")
def secrets(lab):
    _, path = record(lab, lambda a: a.marked("--password=hunter2"))
    expect(b"hunter2" in content(path), "the recording is raw")
    expect("hunter2" not in replay(path, "-o", "json"), "the replay shows the secret")


@case("damaged recordings are refused with a reason; none makes the replay crash")
def damaged(lab):
    _, path = record(lab, lambda a: a.marked("whole"))
    data = content(path)
    rng = random.Random(int(os.environ.get("SECHAWK_TEST_SEED", "7")))
    bad = os.path.join(lab.dir, "bad")

    def play(damaged_data):
        with open(bad, "wb") as out:
            out.write(damaged_data)
        done = subprocess.run([SECHAWKD, "--replay", bad], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, errors="replace", timeout=DEADLINE, check=False)
        expect(done.returncode in (0, 1), lambda: f"exit status {done.returncode}: {done.stderr}")
        return done
    for wrong, word in ((b"", "recording"), (b"nonsense" * 100, "recording"), (data[:-3], "damaged"),
                        (data[:8] + b"\xff\xff\xff\xff" + data[12:], "version"),
                        (data[:20], "recording")):
        done = play(wrong)
        expect(done.returncode == 1 and "bad" in done.stderr, f"refused: {done.returncode} {done.stderr}")
        expect(word in done.stderr or "cut" in done.stderr, f"the reason: {done.stderr}")
    for _ in range(100):
        wrong = bytearray(data)
        for _ in range(rng.choice((1, 3, 20))):
            wrong[rng.randrange(len(wrong))] = rng.randrange(256)
        play(bytes(wrong))


@case("record refuses to overwrite, and a second recording at a time")
def refuse(lab):
    a = lab.instance().start(events=LIFE)
    path = a.path("recording")
    child = a.ctl_start("record", path)
    until(lambda: os.path.exists(path) and os.path.getsize(path) > 1000, "the recording")
    done = a.ctl_run("record", a.path("other"), "--timeout", "1")
    expect(done.returncode == 1 and "record" in done.stderr, f"{done.returncode}: {done.stderr}")
    child.send_signal(signal.SIGTERM)
    child.wait(DEADLINE)
    done = a.ctl_run("record", path, "--timeout", "1")
    expect(done.returncode == 1 and "exists" in done.stderr, f"{done.returncode}: {done.stderr}")
