#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Policies, live: own policies for each scope and filter, loaded into a private daemon, real things done, and exactly
the events that the policy describes, from exactly those who are in its scope.

    tests/kernel/policy.py --daemon ./sechawkd --bin tests/kernel/bin [-k PATTERN] [--disable-kinds fexit,lsm]

Prints "ok NAME", "not ok NAME" with the reason, or "skip NAME reason" per case. Needs root. sechawkctl lies beside
the daemon.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Daemon  # noqa: E402
import policy_forms  # noqa: E402 - its cases are among CASES
import policy_life  # noqa: E402,F401 - so are these
from policy_cases import CASES, SENTINEL, write_policy  # noqa: E402
from runner import Session, options  # noqa: E402


class PolicyDaemon(Daemon):
    """The life cycle is enabled; whatever else comes is of a policy."""

    def __init__(self, program, bin_dir, kernel=""):
        super().__init__(program, bin_dir,
                         events=["sched_process_fork", "sched_process_exec", "sched_process_exit"],
                         kernel=kernel)
        self.policy_dir = os.path.join(self.dir, "policies")
        self.policies = f'directories = [ "{self.policy_dir}" ];'

    def start(self):
        os.mkdir(self.policy_dir, 0o755)
        write_policy(self, SENTINEL, self.policy_dir)
        super().start()
        # from here on the sentinel's file in the other ring is waited for, too
        self.events = self.events + ["openat"]
        return self


class PolicySession(Session):
    """Such daemons."""

    def new_daemon(self):
        return PolicyDaemon(os.path.abspath(self.args.daemon), os.path.abspath(self.args.bin),
                            kernel=self.kernel)


def main():
    parser = options(__doc__, kinds=True)
    parser.add_argument("--light", action="store_true", help="without the cases about forms of the language")
    args = parser.parse_args()
    with PolicySession(args) as session:
        return session.run_all([(name, function) for name, function in CASES
                                if not args.light or function.__module__ != policy_forms.__name__])


if __name__ == "__main__":
    sys.exit(main())
