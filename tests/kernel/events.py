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
import argparse
import importlib
import json
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from harness import Daemon, Mismatch  # noqa: E402
from live import run_case, tell  # noqa: E402
import registry  # noqa: E402

# What the sentinel and the table of descendants of harness.py need, beside the events of a family.
BASE = ["openat", "sched_process_fork", "sched_process_exec", "sched_process_exit"]


def load_families(only=""):
    """Imports the families; their cases are then in registry.EVENT_CASES. Returns the names."""
    found = sorted(f[:-3] for f in os.listdir(os.path.join(HERE, "events")) if f.endswith(".py"))
    found = [f for f in found if only in ("", f)]
    sys.path.insert(0, os.path.join(HERE, "events"))
    for family in found:
        importlib.import_module(family)
    return found


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--daemon", default="./sechawkd")
    parser.add_argument("--bin", default="tests/kernel/bin", help="directory of the triggers")
    parser.add_argument("-k", "--only", default="", help="run the cases of events whose name holds this")
    parser.add_argument("--family", default="", help="run the cases of this file of tests/kernel/events")
    parser.add_argument("--disable-kinds", default="", help="probe kinds not to use")
    parser.add_argument("--attach-only", action="store_true", help="attach every event, trigger nothing")
    parser.add_argument("--keep", action="store_true", help="keep the daemon's directory")
    parser.add_argument("--label", default="", help="put before each name")
    return parser.parse_args()


def planned(daemon):
    """By event (word, alternative or reason), for the table."""
    listed = json.loads(daemon.ctl("event", "list", "-o", "json"))["events"]
    return {e["name"]: ("attached", e["probe"]) if "probe" in e else ("unavailable", e.get("problem", "not wanted"))
            for e in listed}


def titled(case):
    return ", ".join(case.names) if len(case.names) <= 8 else f"{len(case.names)} events"


def run_family(args, daemon, family):
    """Returns how many cases failed."""
    cases = [c for c in registry.EVENT_CASES if c.family == family and any(args.only in name for name in c.names)]
    names = sorted({name for c in cases for name in c.names})
    if not names:
        return 0
    failed = 0
    release = os.uname().release
    daemon.ctl("event", "enable", *names)
    state = planned(daemon)
    for case in cases:
        wanted = [name for name in case.names if state[name][0] != "unavailable"]
        if args.attach_only or not wanted:
            continue
        began = time.monotonic()
        word, reason = run_case(daemon, case.function)
        failed += word == "not ok"
        tell(args, word, f"{family}: {titled(case)}: {case.doc}", reason, time.monotonic() - began)
        if word == "ok":
            for name in wanted:
                state[name] = ("triggered", state[name][1])
        if daemon.process.poll() is not None:
            raise Mismatch(f"the daemon ended: {daemon.log_text()}")
    extra = [name for name in names if name not in BASE]
    if extra:
        daemon.ctl("event", "disable", *extra)
    for name in names:
        print(f"# event {name} {release} {state[name][0]} {state[name][1]}", flush=True)
    return failed


def main():
    args = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    registry.BIN = args.bin
    families = load_families(args.family)
    kinds = ", ".join(f'"{k}"' for k in args.disable_kinds.split(",") if k)
    daemon = Daemon(os.path.abspath(args.daemon), os.path.abspath(args.bin), events=BASE,
                    kernel=f"disable_kinds = [ {kinds} ];" if kinds else "")
    failed = 0
    try:
        daemon.start()
        daemon.check_sight()
        for family in families:
            failed += run_family(args, daemon, family)
        status = daemon.stop()
        failed += status != 0
        tell(args, "ok" if status == 0 else "not ok", "the daemon stops cleanly after all events",
             f"exit status {status}\n{daemon.log_text()}", 0)
    except Mismatch as reason:
        failed += 1
        tell(args, "not ok", "the daemon serves all events", str(reason), 0)
    finally:
        daemon.stop()
        if args.keep:
            print(f"  kept {daemon.dir}")
        else:
            daemon.remove()
    if not failed and not (args.only or args.family or args.disable_kinds or args.attach_only):
        print(f"# events {os.uname().release} complete")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
