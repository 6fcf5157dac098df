# SPDX-License-Identifier: LGPL-2.1-or-later
"""What many events cost: all file events under real programs, four hundred events at once."""
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import tarfile
import tempfile
import time

from figures import DEFAULT
from instance import Failed, Instance, lost
from measure import MB, MEMORY, empty, figure, interval, pairs, ratio_of

EVENTS = 400
SINK = 'rotate_bytes = "256M"; rotate_keep = 1; queue_bytes = "64M";'
FILE_TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../bpf/abi/file.def")


def file_events():
    with open(FILE_TABLE, encoding="utf-8") as table:
        return re.findall(r'^EVENT\(\w+, \d+, "(\w+)", \w+, PUBLIC', table.read(), re.M)


def program(bench, *argv):
    """Runs a program on the CPU of the workloads; returns a report as workloads give it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic_ns()
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             preexec_fn=bench.to_its_place)
    why = child.communicate()[1]
    took = time.monotonic_ns() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if child.returncode:
        raise Failed(f"{argv[0]}: {why.decode(errors='replace').strip()}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"typical": took, "mean": took, "cpu": cpu * 1e9}


def against(bench, name, limit, events, run):
    """One figure: RUN without and with EVENTS, written as JSON."""
    seen, losses = [], []

    def traced():
        with Instance(bench, events, sink=SINK) as daemon:
            before = daemon.ctl("stats")["pipeline"]["events"]
            report = run()
            stats = daemon.settle()
            seen.append(stats["pipeline"]["events"] - before)
            losses.append(lost(stats))
        return report

    run()  # brings the files into memory
    both = pairs(bench.size(21, 2), run, traced)
    return figure(name, limit, **ratio_of(both), events=round(statistics.median(seen)), lost=sum(losses))


def both_ways(bench, name, run):
    """
    By the events of the family; and, since kernels without function hooks have few of those, by system calls, too. For
    comparison what it costs there to look at their returns at all, and to tell nothing.
    """
    yield against(bench, f"file_events_{name}", 1.15, file_events(), run)
    yield against(bench, f"file_syscalls_{name}", None, ["fs", "file_open"], run)
    yield empty(bench, f"file_empty_{name}", ["sys_exit"], bench.size(21, 2), run)


def source_tree(path, count):
    """An archive of COUNT files with sizes, depths and numbers per directory as source trees have them."""
    fate = random.Random(1)
    text = b"\tif (r < 0)\n\t\treturn r;\n" * 50000
    with tarfile.open(path, "w") as tar:
        for i in range(count):
            name = f"tree/dir{i // 600}/part{i // 60 % 10}/{'deeper/' * (i // 15 % 3)}file{i}.c"
            entry = tarfile.TarInfo(name)
            # half of the files under 5 KB, a few of 100 KB and more, 12 KB on the average
            entry.size = min(len(text), int(fate.lognormvariate(8.5, 1.3)))
            tar.addfile(entry, Bytes(text[:entry.size]))


class Bytes:
    """A file for tarfile, read once."""

    def __init__(self, data):
        self.data = data

    def read(self, size):
        part, self.data = self.data[:size], self.data[size:]
        return part


def untar(bench):
    """All file events while a source tree is unpacked."""
    # in memory where there is room: how long a disk takes says nothing about us
    top = tempfile.mkdtemp(prefix="sechawk-bench-", dir=MEMORY if os.path.isdir(MEMORY) else bench.top)
    archive, tree = os.path.join(top, "tree.tar"), os.path.join(top, "unpacked")

    def run():
        os.mkdir(tree)
        try:
            return program(bench, "tar", "-xf", archive, "-C", tree)
        finally:
            shutil.rmtree(tree)

    try:
        source_tree(archive, bench.size(6000, 300))
        yield from both_ways(bench, "untar", run)
    finally:
        shutil.rmtree(top)


def find(bench):
    """All file events while a file system is walked."""
    where = "/usr" if not bench.quick else "/usr/lib"
    yield from both_ways(bench, "find", lambda: program(bench, "find", where))


def many(bench):
    """Start and memory with 400 events: all that are not system calls, then system calls."""
    with Instance(bench, DEFAULT) as daemon:
        listed = daemon.ctl("event", "list")["events"]
    listed.sort(key=lambda event: "syscalls" in event["sets"])
    names = [event["name"] for event in listed if event["name"] != "process.context"][:EVENTS]
    times, sizes, collected = [], [], 0
    for _ in range(bench.size(7, 2)):
        # what is enabled is collected; a filter keeps the sink from writing all of the machine's doings
        with Instance(bench, names, sink='filter = [ "pid=1 event=ptrace" ];') as daemon:
            times.append(daemon.armed_seconds * 1000)
            time.sleep(bench.size(2, 0.5))
            sizes.append(daemon.anonymous_bytes() / MB)
            collected = sum("probe" in event and event["collected"] for event in daemon.ctl("event", "list")["events"])
    median, low, high = interval(times)
    yield figure("start_400_events", 1500, value=round(median, 1), unit="ms", interval=[round(low, 1), round(high, 1)],
                 collected=collected)
    yield figure("memory_400_events", 60, value=round(max(sizes), 2), unit="MB RssAnon")


CATALOGUE = {"untar": untar, "find": find, "many_events": many}
