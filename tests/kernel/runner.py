# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the programs of this directory share: options, a private daemon, and how cases are run and told."""
import argparse
import os
import signal
import sys
import time
import traceback

from harness import Daemon, Mismatch, Skip

# A case is tried again when the daemon told that the kernel left out runs of programs meanwhile.
TRIES = 4


def options(doc, kinds=False):
    """Parser of the options that all have, with the first line of DOC; KINDS: probes can be forbidden."""
    parser = argparse.ArgumentParser(description=doc.split("\n", maxsplit=1)[0])
    parser.add_argument("--daemon", default="./sechawkd")
    parser.add_argument("--bin", default="tests/kernel/bin", help="directory of the triggers")
    parser.add_argument("-k", "--only", default="", help="run the cases whose name holds this")
    parser.add_argument("--keep", action="store_true", help="keep the daemon's directory")
    parser.add_argument("--label", default="", help="put before each name")
    if kinds:
        parser.add_argument("--disable-kinds", default="",
                            help="probe kinds not to use, to test the other alternatives")
    return parser


def try_case(daemon, function):
    """Returns (word, reason)."""
    try:
        function(daemon)
        return "ok", ""
    except Skip as reason:
        return "skip", str(reason)
    except Mismatch as reason:
        return "not ok", str(reason)
    except Exception:  # pylint: disable=broad-except # one broken case must not hide the others
        return "not ok", traceback.format_exc()


def run_case(daemon, function):
    """The same; a case that may have failed for want of runs is tried again."""
    for attempt in range(TRIES):
        before = daemon.skipped
        word, reason = try_case(daemon, function)
        try:
            if word != "not ok" or attempt == TRIES - 1 or not daemon.told_skipped(before):
                break
        except Mismatch:
            if daemon.skipped == before:
                break
        print(f"# again, the kernel left out runs of programs: {daemon.skipped}")
    return word, reason


class Session:
    """Cases with one daemon: "with Session(args, events=…) as session". At the end the daemon and its files are gone."""

    def __init__(self, args, events=None):
        # Ended by a time limit: clean up all the same.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        kinds = ", ".join(f'"{k}"' for k in getattr(args, "disable_kinds", "").split(",") if k)
        self.kernel = f"disable_kinds = [ {kinds} ];" if kinds else ""
        self.args, self.events, self.failed = args, events, 0
        self.daemon = self.new_daemon()

    def new_daemon(self):
        return Daemon(os.path.abspath(self.args.daemon), os.path.abspath(self.args.bin), events=self.events,
                      kernel=self.kernel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.daemon.stop()
        if self.args.keep:
            print(f"  kept {self.daemon.dir}")
        else:
            self.daemon.remove()

    def tell(self, word, name, reason="", seconds=0.0):
        """Prints the result of a case and counts it."""
        self.failed += word == "not ok"
        print(f"{word} {self.args.label}{name}{' # ' + reason if word == 'skip' else ''}")
        if word == "not ok":
            print("\n".join("  " + line for line in reason.rstrip().split("\n")[:40]))
        print(f"  ({seconds:.1f} s)" if seconds > 5 else "", end="\n" if seconds > 5 else "", flush=True)

    def run(self, name, function, told=None):
        """Runs a case and tells, under the name that TOLD() gives afterwards if there is one; returns the word."""
        began = time.monotonic()
        word, reason = run_case(self.daemon, function)
        self.tell(word, told() if told else name, reason, time.monotonic() - began)
        return word

    def start(self):
        """Starts the daemon, and whether it sees anything at all; tells what is wrong and returns False otherwise."""
        word, reason = try_case(self.daemon, lambda daemon: daemon.start())
        if word == "ok":
            word, reason = run_case(self.daemon, lambda daemon: daemon.check_sight())
        self.tell(word, "the daemon starts and sees a process", reason)
        return word == "ok"

    def run_all(self, cases):
        """Starts, runs those of the cases (name, function) that are asked for, and stops; returns the exit status."""
        if not self.start():
            return 1
        for name, function in cases:
            if self.args.only not in name:
                continue
            self.run(name, function)
            if self.daemon.process.poll() is not None:
                self.restart()
        self.stop()
        return 1 if self.failed else 0

    def restart(self):
        """A new daemon in the place of one that ended."""
        self.daemon.stop()
        self.daemon.remove()
        self.daemon = self.new_daemon()
        self.daemon.start()

    def stop(self):
        """Ends the daemon: it must not mind."""
        status = self.daemon.stop()
        self.tell("ok" if status == 0 else "not ok", "the daemon stops cleanly",
                  f"exit status {status}\n{self.daemon.log_text()}")
