#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Scenarios: what attackers and admins do, really done, and what the signatures find in it.

    runner.py [--daemon SECHAWKD] [--signatures DIR] [--vm] [--file FILE]... [NAME]...

Scenarios stand in the files *.toml beside this one:

    [[scenario]]
    name = "password-hashes"
    steps = ["cat /etc/shadow >/dev/null"]   # commands for bash, in a directory of their own ($DIR)
    finds = ["sensitive_file_read"]          # each of these is found at least once
    quiet = ["log_removed"]                  # none of these; with finds = [] nothing of higher severity than "most"
    most = "info"
    undo = ["rm -f …"]                       # done in any case
    container = true                         # steps are done in a cgroup that looks like that of a container,
                                             # each in a mount namespace of its own
    vm = true                                # only in a machine of its own: it would harm this one
    needs = ["security_sb_mount", "prog:gcc"] # events that this kernel tells, programs and files

A private daemon with the signatures that come with Sechawk watches. Only findings about processes of the scenario
count. That all are there is known from two marks behind the last step: one by an exec, one by a file that is opened,
which go through different rings and are found by a signature of the runner.
"""
import argparse
import contextlib
import ctypes
import glob
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
import lab  # noqa: E402

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS = 0x20000
SEVERITIES = ("none", "info", "low", "medium", "high", "critical")
KEYS = {"name", "steps", "finds", "quiet", "most", "undo", "container", "vm", "needs"}
MARK = """id: SCENARIO-END
name: scenario_end
version: 1.0.0
title: The end of a scenario
description: Everything before has been looked at.
severity: info
events:
  - {{event: sched_process_exec, where: 'data.argv.exists(a, a.startsWith("{mark}"))'}}
  - {{event: file_open, where: 'data.pathname.startsWith("{mark}")'}}
output: {{what: "has(data.argv) ? data.argv[size(data.argv) - 1] : data.pathname"}}
message: "{{has(data.argv) ? 'exec ' + data.argv[size(data.argv) - 1] : 'open ' + data.pathname}}"
"""


class Watch:
    """The daemon, and what it found."""

    def __init__(self, directory, signatures):
        self.dir = directory
        self.children = []  # for lab
        self.mark = os.path.join(directory, "mark-" + secrets.token_hex(8))
        own = os.path.join(directory, "signatures")
        os.mkdir(own)
        for name in os.listdir(signatures):
            self.copy(os.path.join(signatures, name), os.path.join(own, name))
        with open(os.path.join(own, "scenario_end.yaml"), "w", encoding="utf-8") as out:
            out.write(MARK.format(mark=self.mark))
        self.instance = lab.Instance(self, "daemon")
        self.instance.start(events=("sched_process_fork", "finding"),
                            extra=f'signatures = {{ directories = [ "{own}" ]; }};')
        self.file = open(self.instance.file, "rb")
        self.rest = b""
        self.marks = 0

    @staticmethod
    def copy(source, target):
        """A file without the suppression of alike findings: each scenario is one of its own."""
        with open(source, encoding="utf-8") as text, open(target, "w", encoding="utf-8") as out:
            out.writelines(line for line in text if not line.startswith("suppress:"))

    def events(self):
        """All events since the last call that were written completely."""
        lines = (self.rest + self.file.read()).split(b"\n")
        self.rest = lines.pop()
        return [json.loads(line) for line in lines]

    def until_mark(self):
        """Makes both marks; the events up to them."""
        self.marks += 1
        path = f"{self.mark}-{self.marks}"
        with open(path, "w", encoding="utf-8"):
            pass
        lab.true(path)
        with open(path, encoding="utf-8"):
            pass
        seen = []

        def complete():
            seen.extend(self.events())
            marks = [e for e in seen if e["event"] == "finding" and
                     e["data"]["signature"] == "scenario_end" and
                     any(path in text for text in e["data"].get("output", []))]
            return len({e["data"]["trigger"] for e in marks}) == 2
        lab.until(complete, lambda: f"the marks of the end; the log:\n{self.instance.log_text()}")
        return [e for e in seen if e["event"] != "finding" or e["data"]["signature"] != "scenario_end"]

    def available(self):
        """Events that the daemon collects here: those of the signatures that this kernel tells."""
        return {r["name"] for r in self.instance.ctl_json("event", "list")["events"] if r.get("probe")}

    def stop(self):
        self.file.close()
        self.instance.stop()


class Cgroup:
    """A cgroup as sessions and services have one, or whose name is that of a container."""

    def __init__(self, container):
        name = f"docker-{secrets.token_hex(32)}" if container else f"scenario-{secrets.token_hex(8)}"
        self.path, self.container = f"{lab.cgroup_top()}/{name}.scope", container
        os.mkdir(self.path)

    def enter(self):
        """To be called by a child: it sees the files of a container before it is in one."""
        if self.container and LIBC.unshare(CLONE_NEWNS):
            raise OSError(ctypes.get_errno(), "no mount namespace")
        with open(self.path + "/cgroup.procs", "w", encoding="ascii") as procs:
            procs.write("0")

    def pids(self):
        with open(self.path + "/cgroup.procs", encoding="ascii") as procs:
            return [int(pid) for pid in procs.read().split()]

    def remove(self):
        def empty():
            for pid in self.pids():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 9)
            return not self.pids()
        lab.until(empty, "an empty cgroup")
        os.rmdir(self.path)


def read(path):
    with open(path, "rb") as text:
        scenarios = tomllib.load(text)["scenario"]
    for scenario in scenarios:
        unknown, lacking = set(scenario) - KEYS, {"name", "steps", "finds"} - set(scenario)
        lab.expect(not unknown and not lacking,
                   f"{path}: {scenario.get('name')}: unknown {unknown}, lacks {lacking}")
    return scenarios


def shell(command, directory, cgroup):
    """Carries out a step; returns its process, ended. What it says goes to a file, for when the scenario fails."""
    with open(os.path.join(directory, "said"), "ab") as said:
        child = subprocess.Popen(["bash", "-c", command], cwd=directory, stdin=subprocess.DEVNULL,
                                 stdout=said,
                                 stderr=said, env=dict(os.environ, DIR=directory), start_new_session=True,
                                 preexec_fn=cgroup.enter)
        try:
            child.wait(lab.DEADLINE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, 9)
            child.wait()
            raise lab.Mismatch(f"the step does not end: {command}") from None
    return child


def of_tree(events, roots):
    """Findings about the processes ROOTS and what descends from them."""
    pids = set(roots)
    for e in events:
        if e["event"] == "sched_process_fork" and e["data"]["parent_pid"] in pids:
            pids.add(e["data"]["child_pid"])
    return [e for e in events if e["event"] == "finding" and lab.get(e, "process.pid") in pids]


def missing(scenario, available, vm):
    if scenario.get("vm") and not vm:
        return "it is for a machine of its own"
    for need in scenario.get("needs", []):
        if need.startswith("prog:"):
            if not shutil.which(need[5:]):
                return f"there is no {need[5:]}"
        elif need.startswith("file:"):
            if not os.path.exists(need[5:]):
                return f"there is no {need[5:]}"
        elif need not in available:
            return f"this kernel does not tell {need}"
    return None


def judge(scenario, findings):
    names = [f["data"]["signature"] for f in findings]
    for name in scenario["finds"]:
        lab.expect(name in names, f"{name} was not found; found: {sorted(set(names))}")
    for name in scenario.get("quiet", []):
        lab.expect(name not in names, lambda: f"{name} was found: {lab.shorten(findings[names.index(name)])}")
    if not scenario["finds"]:
        most = SEVERITIES.index(scenario.get("most", "none"))
        loud = [f for f in findings if SEVERITIES.index(f["data"]["severity"]) > most]
        lab.expect(not loud, lambda: "found: " + "; ".join(
            f'{f["data"]["signature"]} ({f["data"]["severity"]}): {f["data"]["message"]}' for f in loud))


def play(scenario, watch, available, vm):
    why = missing(scenario, available, vm)
    if why:
        raise lab.Skip(why)
    watch.until_mark()
    cgroup = Cgroup(scenario.get("container"))
    with tempfile.TemporaryDirectory(prefix="scenario-") as directory:
        try:
            if scenario.get("container"):
                shell("true", directory, cgroup)  # the start of the container
            roots = [shell(step, directory, cgroup) for step in scenario["steps"]]
            # What was not done cannot be silent.
            lab.expect(scenario["finds"] or not any(root.returncode for root in roots),
                       lambda: f"exit status {[root.returncode for root in roots]}")
            judge(scenario, of_tree(watch.until_mark(), [root.pid for root in roots]))
        except lab.Mismatch as problem:
            with open(os.path.join(directory, "said"), errors="replace", encoding="utf-8") as said:
                raise lab.Mismatch(f"{problem}\nthe steps said:\n{said.read()[-2000:]}") from None
        finally:
            for step in scenario.get("undo", []):
                subprocess.run(["bash", "-c", step], cwd=directory, check=False, capture_output=True,
                               timeout=60)
            cgroup.remove()


def main():
    parser = argparse.ArgumentParser(description="Carries out scenarios and compares what is found.")
    parser.add_argument("--daemon", default=lab.SECHAWKD)
    parser.add_argument("--signatures", default=os.path.join(HERE, "..", "..", "etc", "signatures"))
    parser.add_argument("--vm", action="store_true", help="this is a machine of its own that may be harmed")
    parser.add_argument("--file", action="append",
                        help="a file of scenarios (default: all beside this program)")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    lab.SECHAWKD = os.path.abspath(arguments.daemon)
    label = os.environ.get("LABEL", "")
    scenarios = [s for path in arguments.file or
                 sorted(glob.glob(os.path.join(HERE, "*.toml"))) for s in read(path)]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="scenarios-") as directory:
        began = time.monotonic()
        watch = Watch(directory, os.path.abspath(arguments.signatures))
        print(f"# {label}the daemon was ready after {time.monotonic() - began:.1f} s", flush=True)
        try:
            available = watch.available()
            watch.until_mark()
            for scenario in scenarios:
                if arguments.names and scenario["name"] not in arguments.names:
                    continue
                name = f"{label}scenario {scenario['name']}"
                try:
                    play(scenario, watch, available, arguments.vm)
                    print(f"ok {name}", flush=True)
                except lab.Skip as why:
                    print(f"skip {name} # {why}", flush=True)
                except (lab.Mismatch, OSError, subprocess.SubprocessError) as problem:
                    failed += 1
                    print(f"not ok {name}\n  " + str(problem).replace("\n", "\n  "), flush=True)
        finally:
            watch.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
