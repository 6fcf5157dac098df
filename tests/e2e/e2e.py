#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""End to end: sechawkd and sechawkctl together, as people use them.

    BUILDDIR=DIR tests/e2e/e2e.py [-k PATTERN]

Prints "ok NAME", "not ok NAME" with the reason, or "skip NAME # reason" per
case, and totals at the end. Needs root and BPF.
"""
import argparse
import importlib
import os
import signal
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import CASES, Lab, Mismatch, Skip  # noqa: E402

MODULES = ("cases_life", "cases_events", "cases_model", "cases_sinks", "cases_filters", "cases_control", "cases_record",
           "cases_signatures", "cases_detectors", "cases_findings", "cases_guard")
CASE_SECONDS = 120


def on_alarm(*_):
    raise Mismatch(f"the case is not done after {CASE_SECONDS} s")


def run_case(function):
    """Returns (word, reason)."""
    lab = Lab()
    signal.alarm(CASE_SECONDS)
    try:
        function(lab)
        return "ok", ""
    except Skip as reason:
        return "skip", str(reason)
    except Mismatch as reason:
        place = traceback.extract_tb(reason.__traceback__)
        line = next(f.lineno for f in place if f.name == function.__name__)
        return "not ok", f"line {line}: {reason}\n{lab.logs()}"
    except Exception:  # pylint: disable=broad-except # one broken case must not hide the others
        return "not ok", f"{traceback.format_exc()}\n{lab.logs()}"
    finally:
        signal.alarm(0)
        lab.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("-k", "--only", default="", help="run the cases whose name holds this, or of this module")
    args = parser.parse_args()
    if os.geteuid() != 0:
        print("skip end to end tests # not root")
        return 0
    signal.signal(signal.SIGALRM, on_alarm)
    # Through the finally of run_case: no daemon may outlive us, it would write until the disk is full.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for module in MODULES:
        importlib.import_module(module)
    totals = {"ok": 0, "not ok": 0, "skip": 0}
    for name, function in CASES:
        if args.only not in name and args.only != function.__module__:
            continue
        began = time.monotonic()
        word, reason = run_case(function)
        seconds = time.monotonic() - began
        totals[word] += 1
        print(f"{word} {name}{' # ' + reason if word == 'skip' else ''}")
        if word == "not ok":
            print("\n".join("  " + line for line in reason.rstrip().split("\n")[:60]))
        if seconds > 5:
            print(f"  ({seconds:.1f} s)")
        sys.stdout.flush()
    print(f"{totals['ok']} passed, {totals['not ok']} failed, {totals['skip']} skipped")
    return 1 if totals["not ok"] else 0


if __name__ == "__main__":
    sys.exit(main())
