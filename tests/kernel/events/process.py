# SPDX-License-Identifier: LGPL-2.1-or-later
"""Life cycle of processes."""
import os

from harness import expect_equal, get
from registry import event_case


@event_case("sched_process_fork", "sched_process_exec", "sched_process_exit")
def life_cycle(daemon):
    """A process is born, starts a program and ends"""
    run = daemon.trigger("exits")
    for row in run.report[:1]:
        child = row["child"]
        expect_equal(get(run.one("sched_process_fork", child_pid=child), "process.pid"), run.pid, "parent")
        run.one("sched_process_exit", pid=child)
    run.one("sched_process_exec", pid=run.pid)


@event_case("process.context")
def context(daemon):
    """Credentials change between two events"""
    def change():
        os.setgid(12345)
        os.open("/dev/null", os.O_RDONLY)
        os.execv("/bin/true", ["true"])
    run = daemon.act(change)
    found = run.of("process.context", pid=run.pid)
    expect_equal([get(e, "process.gid.real") or get(e, "process.gid") for e in found][-1:], [12345], "gid told")
