#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What hosts do, and what is done to their containers, watched by the installed service.

    host.py FILE [NAME]...

It harms the host: it is for machines of its own (tests/vm/cases/benign.sh). The files in host/ have the form that
runner.py tells, with these differences: the service watches, so every finding on the host counts, and so does every
entry of its journal at the priority notice or above when nothing is to be found; each step must succeed, for what was
not done cannot be silent; steps of scenarios with "podman" leave the id of their container in the file "cid", and
what is to be found must carry it; "limit" is how many seconds a step may take, "low" how many findings of severity low
there may be, "info" names signatures that may tell something of severity info, "policies" policies that may; "after"
names scenarios of the file that are done first, also when only this one is asked for (with "podman": "image").

One line for each says how many findings there were and how long it took.
"""
import collections
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
import lab  # noqa: E402
import runner  # noqa: E402

KEYS = {"name", "steps", "finds", "undo", "podman", "limit", "low", "info", "policies", "after"}
OWN = "/etc/sechawk/signatures.d/scenario_end.yaml"
STEP_SECONDS = 600
Seen = collections.namedtuple("Seen", "findings entries")


class Service:
    """sechawkd.service, which has not been started yet, and what it told since the last look."""

    def __init__(self):
        self.mark, self.marks = "/run/mark-" + secrets.token_hex(8), 0
        os.makedirs(os.path.dirname(OWN), exist_ok=True)
        with open(OWN, "w", encoding="utf-8") as out:
            out.write(runner.MARK.format(mark=self.mark))
        lab.run("systemctl", "start", "sechawkd.service")
        self.known, self.cursor = set(), None
        self.look()

    def findings(self):
        """Those that were not there at the last look, and their ids."""
        told = json.loads(lab.run("sechawkctl", "finding", "list", "-n", "100000", "-o", "json"))
        lab.expect(not told["left_out"], "there are more findings than can be listed")
        return [f for f in told["findings"] if f["id"] not in self.known]

    def journal(self):
        """Entries since the last look at the priority notice or above."""
        after = ["--after-cursor", self.cursor] if self.cursor else []
        text = lab.run("journalctl", "--no-pager", "-t", "sechawkd", "-o", "json", *after)
        entries = [json.loads(line) for line in text.splitlines()]
        if entries:
            self.cursor = entries[-1]["__CURSOR"]
        return [e for e in entries if int(e["PRIORITY"]) <= 5]

    def look(self):
        """What was told since the last look, when all before is known to have been looked at."""
        self.marks += 1
        path = f"{self.mark}-{self.marks}"
        lab.true(path)
        with open(path, "w", encoding="utf-8"):
            pass

        def complete():
            new = self.findings()
            marks = {f["message"] for f in new if f["signature"] == "scenario_end"}
            return new if {f"exec {path}", f"open {path}"} <= marks else None
        new = lab.until(complete, lambda: "the marks of the end; " + lab.run("sechawkctl", "status"))
        os.unlink(path)
        self.known.update(f["id"] for f in new)
        return Seen([f for f in new if f["signature"] != "scenario_end"], self.journal())


def read(path):
    with open(path, "rb") as text:
        scenarios = tomllib.load(text)["scenario"]
    for scenario in scenarios:
        unknown, lacking = set(scenario) - KEYS, {"name", "steps", "finds"} - set(scenario)
        lab.expect(not unknown and not lacking, f"{path}: {scenario.get('name')}: unknown {unknown}, lacks {lacking}")
    return scenarios


def step(command, directory, limit):
    """Carries out a step, which must succeed."""
    with open(os.path.join(directory, "said"), "ab") as said:
        child = subprocess.Popen(["bash", "-ec", command], cwd=directory, stdin=subprocess.DEVNULL, stdout=said,
                                 stderr=said, env=dict(os.environ, DIR=directory, HOME="/root"),
                                 start_new_session=True)
        try:
            status = child.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, 9)
            child.wait()
            raise
    lab.expect(status == 0, f"exit status {status} of: {command}")


def story(finding):
    """A finding for people who wonder."""
    shown = subprocess.run(["sechawkctl", "--no-pager", "finding", "show", finding["id"]], capture_output=True,
                           text=True, check=False)
    return f'{finding["signature"]} ({finding["severity"]}): {finding.get("message")}\n{lab.shorten(shown.stdout, 4000)}'


def judge_silence(scenario, seen):
    loud = [f for f in seen.findings if f["severity"] != "info" or f["signature"] not in scenario.get("info", [])]
    low = sum(f["severity"] == "low" for f in loud)
    lab.expect(len(loud) == low <= scenario.get("low", 0),
               lambda: "found:\n" + "\n".join(story(f) for f in loud))
    # Findings have entries, too, and were judged above.
    told = [e for e in seen.entries if e.get("SECHAWK_EVENT") != "finding" and
            e.get("SECHAWK_POLICY") not in scenario.get("policies", [])]
    lab.expect(not told, lambda: "told:\n" + "\n".join(
        f'{e.get("SECHAWK_POLICY", e.get("SECHAWK_EVENT"))}: {e.get("MESSAGE")}: {e.get("SECHAWK_CMDLINE")}'
        for e in told))


def judge_attack(scenario, seen, directory):
    with open(os.path.join(directory, "cid"), encoding="ascii") as cid:
        container = cid.read().strip()
    found = {f["signature"] for f in seen.findings if f.get("container_id") == container}
    for name in scenario["finds"]:
        lab.expect(name in found, lambda: f"{name} was not found in {container}; found:\n" +
                   "\n".join(story(f) for f in seen.findings))


def play(scenario, service):
    """How many findings there were."""
    with tempfile.TemporaryDirectory(prefix="scenario-", dir="/var/tmp") as directory:
        os.chmod(directory, 0o755)
        try:
            for command in scenario["steps"]:
                step(command, directory, scenario.get("limit", STEP_SECONDS))
            seen = service.look()
            if scenario.get("podman"):
                judge_attack(scenario, seen, directory)
            else:
                judge_silence(scenario, seen)
            return len(seen.findings)
        except (lab.Mismatch, OSError, subprocess.SubprocessError) as problem:
            with open(os.path.join(directory, "said"), errors="replace", encoding="utf-8") as said:
                raise lab.Mismatch(f"{problem}\nthe steps said:\n{said.read()[-3000:]}") from None
        finally:
            for command in scenario.get("undo", []):
                subprocess.run(["bash", "-c", command], cwd=directory, check=False, capture_output=True, timeout=120)


def select(scenarios, names):
    """Those that are asked for, and what must be done before them; all without names."""
    wanted = set(names) or {s["name"] for s in scenarios}
    for scenario in reversed(scenarios):
        if scenario["name"] in wanted:
            wanted.update(scenario.get("after", ["image"] if scenario.get("podman") else []))
    return [s for s in scenarios if s["name"] in wanted]


def main():
    path, names = sys.argv[1], sys.argv[2:]
    label, failed = os.environ.get("LABEL", ""), 0
    service = Service()
    for scenario in select(read(path), names):
        name, began = f"{label}{scenario['name']}", time.monotonic()
        try:
            count = play(scenario, service)
            print(f"ok {name} # findings: {count}, {time.monotonic() - began:.0f} s", flush=True)
        except lab.Mismatch as problem:
            failed += 1
            print(f"not ok {name} # {time.monotonic() - began:.0f} s\n  " + str(problem).replace("\n", "\n  "),
                  flush=True)
            service.look()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
