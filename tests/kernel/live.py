#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Live tests: does real things on this kernel and compares them with what the daemon saw.

    tests/kernel/live.py --daemon ./sechawkd --bin tests/kernel/bin [-k PATTERN] [--disable-kinds fexit,lsm]

Prints "ok NAME", "not ok NAME" with the reason, or "skip NAME reason" per case.
Needs root. sechawkctl lies beside the daemon.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases_exec  # noqa: E402,F401
from cases import CASES  # noqa: E402
from runner import Session, options  # noqa: E402


def main():
    args = options(__doc__, kinds=True).parse_args()
    with Session(args) as session:
        return session.run_all(CASES)


if __name__ == "__main__":
    sys.exit(main())
