# SPDX-License-Identifier: LGPL-2.1-or-later
"""From the kernel to an entry of a journald of our own, which has /run for itself in a mount namespace."""
import json
import os
import re
import subprocess
import time

from instance import Failed, Instance, end, prefer
from measure import figure, skipped

JOURNALD = ("/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald")
LIMIT_MS = 20
WAIT_SECONDS = 30
START = """
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journald.conf.d /run/systemd/journal /run/log/journal &&
printf '[Journal]\\nStorage=volatile\\nRateLimitIntervalSec=0\\nReadKMsg=no\\nAudit=no\\n' \\
	>/run/systemd/journald.conf.d/bench.conf && exec "$0"
"""
SIGNATURE = """
id: BENCH-1
name: bench_marked
version: 1.0.0
title: A marked program ran
description: To see how long the journal takes to know.
severity: high
author: bench
events:
  - event: sched_process_exec
    where: process.argv[1].startsWith("journal-")
message: "{process.argv[1]}"
"""


class Journald:
    """`with Journald(bench, program) as journal:`; what is run with journal.within sees its socket."""

    def __init__(self, bench, program):
        self.dir, self.bench, self.program, self.process = bench.scratch(None), bench, program, None

    def __enter__(self):
        with open(os.path.join(self.dir, "log"), "wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "-m", "--propagation", "private", "sh", "-c", START, self.program],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=prefer)
        self.within = ["nsenter", "-t", str(self.process.pid), "-m"]
        # of its own /run only: before it is mounted that of the host is seen there
        path = f"/proc/{self.process.pid}/root/run/systemd/journald.conf.d/bench.conf"
        until(lambda: os.path.exists(path) and os.path.exists(os.path.dirname(path) + "/../journal/socket"),
              lambda: self.process.poll() is None, "journald does not start")
        return self

    def __exit__(self, *what):
        end(self.process)
        self.bench.remove(self.dir)

    def entries(self, event):
        """When the journal had the entry, by the mark of its trigger; both in nanoseconds."""
        done = subprocess.run([*self.within, "journalctl", "--no-pager", "-o", "json", f"SECHAWK_EVENT={event}"],
                              capture_output=True, text=True, timeout=60, check=False)
        found = {}
        for line in done.stdout.splitlines():
            mark = re.search(r"journal-(\d+)", line)
            if mark:
                found[int(mark[1])] = int(json.loads(line)["__REALTIME_TIMESTAMP"]) * 1000
        return found


class Journaling(Instance):
    """A daemon with the journald sink, beside JOURNAL."""

    def __init__(self, bench, journal, event, options=""):
        super().__init__(bench, ["sched_process_exec"], options=options)
        self.event, self.wrapper = event, journal.within

    def sink_config(self):
        return f'{{ type = "journald"; filter = [ "event={self.event}" ]; }}'


def until(condition, alive, what):
    """Asks again and again; Failed when the time is over or what should answer is gone."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline or not alive():
            raise Failed(what)
        time.sleep(0.02)


def trigger():
    """Runs true(1) marked with the time."""
    now = time.time_ns()
    os.waitpid(os.posix_spawn("/bin/true", ["true", f"journal-{now}"], {}), 0)
    return now


def measured(bench, program, event, options):
    """Latencies in ns, ascending, and how many triggers have no entry."""
    with Journald(bench, program) as journal, Journaling(bench, journal, event, options) as daemon:
        marks = []
        for _ in range(bench.size(500, 50)):
            marks.append(trigger())
            time.sleep(0.02)
        entries = {}

        def all_there():
            entries.update(journal.entries(event))
            return set(marks) <= set(entries)
        try:
            until(all_there, lambda: daemon.process.poll() is None, "")
        except Failed:
            pass  # they are counted
        return sorted(entries[m] - m for m in marks if m in entries), len(set(marks) - set(entries))


def journal_latency(bench):
    """From just before an exec to its entry, with the exec itself: of a finding about it, and of the event."""
    program = next((p for p in JOURNALD if os.path.exists(p)), None)
    if not program:
        yield skipped("journal_latency", "systemd-journald is not installed")
        return
    folder = bench.scratch(None)
    with open(os.path.join(folder, "marked.yaml"), "w", encoding="utf-8") as out:
        out.write(SIGNATURE)
    for name, event, options in (
            ("finding", "finding", f'signatures = {{ directories = [ "{folder}" ]; }};\n'),
            ("event", "sched_process_exec", "")):
        times, missing = measured(bench, program, event, options)
        if not times:
            raise Failed(f"no entry of {event} came")
        yield figure(f"journal_latency_{name}", LIMIT_MS, value=round(times[len(times) * 99 // 100] / 1e6, 2), unit="ms",
                     p50=round(times[len(times) // 2] / 1e6, 2), max=round(times[-1] / 1e6, 2), entries=len(times),
                     missing=missing)
    bench.remove(folder)
