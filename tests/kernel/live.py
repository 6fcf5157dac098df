#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Live tests: does real things on this kernel and compares them with what the daemon saw.

    tests/kernel/live.py --daemon ./sechawkd --bin tests/kernel/bin [-k PATTERN] [--disable-kinds fexit,lsm]

Prints "ok NAME", "not ok NAME" with the reason, or "skip NAME reason" per case.
Needs root. sechawkctl lies beside the daemon. --events names the events to
test when not all of them can be had.
"""
import argparse
import os
import signal
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases import CASES  # noqa: E402
from harness import Daemon, Mismatch, Skip  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--daemon", default="./sechawkd")
    parser.add_argument("--bin", default="tests/kernel/bin", help="directory of the triggers")
    parser.add_argument("-k", "--only", default="", help="run the cases whose name holds this")
    parser.add_argument("--disable-kinds", default="",
                        help="probe kinds not to use, to test the other alternatives")
    parser.add_argument("--keep", action="store_true", help="keep the daemon's directory")
    parser.add_argument("--label", default="", help="put before each name")
    return parser.parse_args()


# A case is tried again when the daemon told that the kernel left out runs of function hooks meanwhile.
TRIES = 4


def run_case(daemon, function):
    """Returns (word, reason)."""
    for attempt in range(TRIES):
        before = daemon.skipped
        word, reason = try_case(daemon, function)
        try:
            if word != "not ok" or attempt == TRIES - 1 or not daemon.told_skipped(before):
                break
        except Mismatch:
            break
        print(f"# again, the kernel left out runs of programs: {daemon.skipped}")
    return word, reason


def try_case(daemon, function):
    """The same, once."""
    try:
        function(daemon)
        return "ok", ""
    except Skip as reason:
        return "skip", str(reason)
    except Mismatch as reason:
        return "not ok", str(reason)
    except Exception:  # pylint: disable=broad-except # one broken case must not hide the others
        return "not ok", traceback.format_exc()


def tell(args, word, name, reason, seconds):
    name = f"{args.label}{name}"
    print(f"{word} {name}{' # ' + reason if word == 'skip' else ''}")
    if word == "not ok":
        print("\n".join("  " + line for line in reason.rstrip().split("\n")[:40]))
    print(f"  ({seconds:.1f} s)" if seconds > 5 else "", end="\n" if seconds > 5 else "", flush=True)


def main():
    args = parse_arguments()
    # Ended by a time limit: clean up all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    kinds = ", ".join(f'"{k}"' for k in args.disable_kinds.split(",") if k)
    kernel = f"disable_kinds = [ {kinds} ];" if kinds else ""
    daemon = Daemon(os.path.abspath(args.daemon), os.path.abspath(args.bin), kernel=kernel)
    failed = 0
    try:
        began = time.monotonic()
        try:
            daemon.start()
        except Mismatch as reason:
            tell(args, "not ok", "the daemon starts", str(reason), time.monotonic() - began)
            return 1
        tell(args, "ok", "the daemon starts", "", time.monotonic() - began)
        word, reason = run_case(daemon, Daemon.check_sight)
        tell(args, word, "the daemon sees a process", reason, 0)
        if word != "ok":
            return 1
        for name, function in CASES:
            if args.only not in name:
                continue
            began = time.monotonic()
            word, reason = run_case(daemon, function)
            failed += word == "not ok"
            tell(args, word, name, reason, time.monotonic() - began)
            if daemon.process.poll() is not None:
                daemon.stop()
                daemon.remove()
                daemon = Daemon(daemon.program, daemon.bin, kernel=kernel)
                daemon.start()
        status = daemon.stop()
        if status != 0:
            failed += 1
            tell(args, "not ok", "the daemon stops cleanly", f"exit status {status}\n{daemon.log_text()}", 0)
        else:
            tell(args, "ok", "the daemon stops cleanly", "", 0)
    finally:
        daemon.stop()
        if args.keep:
            print(f"  kept {daemon.dir}")
        else:
            daemon.remove()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
