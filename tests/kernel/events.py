#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Event tests: does what each event is about, on this kernel, and compares the record.

    tests/kernel/events.py --daemon ./sechawkd --bin tests/kernel/bin [-k NAME] [--family file]
        [--disable-kinds fexit,lsm] [--attach-only] [--label TEXT]

The cases are functions of tests/kernel/events/<family>.py that name the events they show:

    @event_case("security_inode_unlink")
    def unlink(daemon):
        path = daemon.file_with(b"x")
        run = daemon.act(lambda: os.unlink(path))
        run.one("security_inode_unlink", pathname=path)

The events of a family are enabled together, before its cases. Prints "ok NAME", "not ok NAME" with the reason or
"skip NAME # reason" per case, and per event a line for the table of the manual:

    # event NAME RELEASE triggered|attached|unavailable ALTERNATIVE-OR-REASON

and, when all cases ran and none failed, "# events RELEASE complete" (tests/kernel/table.py).

An event that no probe of this kernel can observe is unavailable: its case is not run. What must be available is
checked where the kernel is known (tests/vm). Needs root.
"""
import importlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import registry  # noqa: E402
from harness import Mismatch  # noqa: E402
from runner import Session, options  # noqa: E402

# What the sentinel and the table of descendants of harness.py need, beside the events of a family; and execve: when it
# is enabled, what is on its way on a busy machine is told as lost.
BASE = ["openat", "execve", "sched_process_fork", "sched_process_exec", "sched_process_exit"]


def load_families(only=""):
    """Imports the families; their cases are then in registry.EVENT_CASES. Returns the names."""
    found = sorted(f[:-3] for f in os.listdir(os.path.join(HERE, "events")) if f.endswith(".py"))
    found = [f for f in found if only in ("", f)]
    sys.path.insert(0, os.path.join(HERE, "events"))
    for family in found:
        importlib.import_module(family)
    return found


def parse_arguments():
    parser = options(__doc__, kinds=True)
    parser.add_argument("--family", default="", help="run the cases of this file of tests/kernel/events")
    parser.add_argument("--attach-only", action="store_true", help="attach every event, trigger nothing")
    return parser.parse_args()


def planned(daemon):
    """By event (word, alternative or reason), for the table."""
    listed = json.loads(daemon.ctl("event", "list", "-o", "json"))["events"]
    return {e["name"]: ("attached", e["probe"]) if "probe" in e else ("unavailable", e.get("problem", "not wanted"))
            for e in listed}


def check_loaded(session):
    """
    A program that a kernel refuses is no alternative there: the table must know, and no start complain of it. Only
    whether a raw tracepoint exists cannot be asked but by attaching to it.
    """
    with open(session.daemon.log, encoding="utf-8", errors="replace") as log:
        refused = [line.strip() for line in log if "using the next alternative" in line and
                   not ("(raw_tp " in line and "No such file or directory" in line)]
    session.tell("not ok" if refused else "ok", "every program that the planner chose loads and attaches", "\n".join(refused))


def titled(case):
    return ", ".join(case.names) if len(case.names) <= 8 else f"{len(case.names)} events"


def run_family(session, family):
    args, daemon = session.args, session.daemon
    cases = [c for c in registry.EVENT_CASES if c.family == family and any(args.only in name for name in c.names)]
    names = sorted({name for c in cases for name in c.names})
    if not names:
        return
    release = os.uname().release
    daemon.ctl("event", "enable", *names)
    state = planned(daemon)
    for case in cases:
        wanted = [name for name in case.names if state[name][0] != "unavailable"]
        if args.attach_only or not wanted:
            continue
        word = session.run(f"{family}: {titled(case)}: {case.doc}", case.function)
        if word == "ok" and case.triggers:
            state.update((name, ("triggered", state[name][1])) for name in wanted)
        if daemon.process.poll() is not None:
            raise Mismatch(f"the daemon ended: {daemon.log_text()}")
    extra = [name for name in names if name not in BASE]
    if extra:
        daemon.ctl("event", "disable", *extra)
    for name in names:
        print(f"# event {name} {release} {state[name][0]} {state[name][1]}", flush=True)


def main():
    args = parse_arguments()
    registry.BIN = args.bin
    families = load_families(args.family)
    with Session(args, events=BASE) as session:
        if not session.start():
            return 1
        try:
            for family in families:
                run_family(session, family)
            check_loaded(session)
            session.stop()
        except Mismatch as reason:
            session.tell("not ok", "the daemon serves all events", str(reason))
    if not session.failed and not (args.only or args.family or args.disable_kinds or args.attach_only):
        print(f"# events {os.uname().release} complete")
    return 1 if session.failed else 0


if __name__ == "__main__":
    sys.exit(main())
