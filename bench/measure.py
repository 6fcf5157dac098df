# SPDX-License-Identifier: LGPL-2.1-or-later
"""How things are measured: alternating pairs, medians with an interval, workloads on their CPU."""
import contextlib
import json
import math
import os
import shutil
import statistics
import subprocess
import tempfile
import time

from instance import Failed, prefer

WORKLOAD_CPU = 1
MEMORY = "/dev/shm"
MB = 1 << 20


class Reserve:
    """
    Memory for files that grow. What a virtual machine never used it gets from its host at the first touch, and that takes
    longer than writing there: so as much as the files need is touched before, and freed a piece ahead of them.
    """

    def __init__(self, directory, size, piece):
        self.freed, self.pieces = 0, []
        block = os.urandom(MB)
        for i in range(-(-size // piece)):
            self.pieces.append(os.path.join(directory, f"reserve{i}"))
            with open(self.pieces[-1], "wb", buffering=0) as out:
                for _ in range(piece // MB):
                    out.write(block)

    def follow(self, path):
        """Frees what the file PATH, rotated to PATH.1 and so on when it has the size of a piece, needs next."""
        while self.pieces and (self.freed < 2 or os.path.exists(f"{path}.{self.freed - 1}")):
            os.unlink(self.pieces.pop())
            self.freed += 1


class Bench:
    """Where the programs are, how long to measure, and what must be removed at the end."""

    def __init__(self, build, directory, quick, long):
        self.build, self.quick, self.long = os.path.abspath(build), quick, long
        self.top = tempfile.mkdtemp(prefix="sechawk-bench-", dir=directory)
        os.chmod(self.top, 0o755)
        self.target = os.path.join(self.top, "target")
        with open(self.target, "wb"):
            pass
        # One CPU: nothing can be pinned apart.
        self.cpu = min(WORKLOAD_CPU, max(os.sched_getaffinity(0)))

    def done(self):
        shutil.rmtree(self.top, ignore_errors=True)

    def scratch(self, within=None):
        return tempfile.mkdtemp(prefix="d", dir=within or self.top)

    def remove(self, directory):
        shutil.rmtree(directory, ignore_errors=True)

    @contextlib.contextmanager
    def room(self, size, piece):
        """
        A directory for files of SIZE bytes in all, and the memory kept for them: in memory where they fit, since it is
        not the disk that is measured, whose pace after the first gigabytes nobody knows.
        """
        if not os.path.isdir(MEMORY) or shutil.disk_usage(MEMORY).free < 1.5 * size:
            yield self.top, Reserve(self.top, 0, piece)
            return
        directory = tempfile.mkdtemp(prefix="sechawk-bench-", dir=MEMORY)
        try:
            yield directory, Reserve(directory, size, piece)
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def size(self, full, quick):
        return quick if self.quick else full

    def built(self, name):
        path = os.path.join(self.build, name)
        if not os.access(path, os.R_OK):
            raise Failed(f"{path} is not there; build first, or give --build DIR")
        return path

    def command(self, name, *args):
        return [self.built(os.path.join("bench/workloads", name)), *map(str, args)]

    def start(self, name, *args, **pipes):
        return subprocess.Popen(self.command(name, *args), **pipes,
                                preexec_fn=self.to_its_place)

    def to_its_place(self):
        os.sched_setaffinity(0, [self.cpu])
        prefer()

    def workload(self, name, *args, meanwhile=None):
        """
        Runs a workload on its CPU; returns its report with `typical`: nanoseconds of one, by the median slice.
        MEANWHILE is called a hundred times a second until it ends.
        """
        child = self.start(name, *args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        while meanwhile:
            meanwhile()
            try:
                child.wait(0.01)
                break
            except subprocess.TimeoutExpired:
                pass
        output, _ = child.communicate()
        if child.returncode:
            raise Failed(f"the workload {name} failed ({child.returncode})")
        report = json.loads(output)
        if "slices" in report:
            report["typical"] = statistics.median(report["slices"]) / report["each"]
            report["cpu"] = statistics.median(report["cpu_slices"]) / report["each"]
            report["mean"] = report["ns"] / report["each"] / len(report["slices"])
        return report


def interval(values):
    """The median and the interval that holds the true one in 95 of 100 cases, from the order of the values."""
    values = sorted(values)
    half = 0.98 * math.sqrt(len(values))
    low = max(0, int(math.floor(len(values) / 2 - half)))
    high = min(len(values) - 1, int(math.ceil(len(values) / 2 + half)) - 1)
    return statistics.median(values), values[low], values[max(low, high)]


def pairs(rounds, without, traced):
    """
    Runs both in turn, in the other order every other round. Returns lists of
    their reports: [(without, traced)]. TRACED starts and ends the tracer itself,
    so that WITHOUT is measured on a kernel without it.
    """
    both = []
    for i in range(rounds):
        if i % 2:
            b = traced()
            a = without()
        else:
            a = without()
            b = traced()
        both.append((a, b))
    return both


def ratio_of(both, by="typical"):
    """
    Ratio of the time of the typical slice, or BY the mean of the whole run, with its interval; all three ratios, with
    that of the CPU time of the typical slice; and the times of one operation in nanoseconds.
    """
    def ratio(key):
        return interval([b[key] / a[key] for a, b in both])

    median, low, high = ratio(by)
    return {
        "ratio": round(median, 4), "interval": [round(low, 4), round(high, 4)], "pairs": len(both),
        **{f"{name}_ratio": round(ratio(key)[0], 4)
           for name, key in (("typical", "typical"), ("cpu", "cpu"), ("whole", "mean")) if key != by},
        "untraced_ns": round(statistics.median(a[by] for a, _ in both), 1),
        "traced_ns": round(statistics.median(b[by] for _, b in both), 1),
    }


def figure(name, limit, better="less", **facts):
    """One object of the output. `ok` compares `ratio` or `value` with the limit; without one it is a mere fact."""
    seen = facts.get("ratio", facts.get("value"))
    facts = {"name": name, **facts}
    if limit is not None:
        facts["limit"] = limit
        facts["ok"] = bool(seen <= limit if better == "less" else seen >= limit) and not facts.get("lost")
    return facts


def skipped(name, why):
    return {"name": name, "skipped": why}


def empty(bench, name, places, rounds, run):
    """What RUN takes under programs at PLACES that do nothing: what anybody pays who looks there at all."""
    def traced():
        with subprocess.Popen([bench.built("bench/micro/empty_program"), *places], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as holder:
            if holder.stdout.readline() != "attached\n":
                raise Failed("an empty program cannot be attached")
            return run()

    return figure(name, None, **ratio_of(pairs(rounds, run, traced)))
