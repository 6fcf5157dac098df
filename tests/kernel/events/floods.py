# SPDX-License-Identifier: LGPL-2.1-or-later
"""Events that come in floods from every host; here since the events of a family are enabled together."""
import ctypes
import errno
import os
import platform

from harness import expect, expect_equal, get
from registry import event_case

LIBC = ctypes.CDLL(None, use_errno=True)
GETPGID = {"x86_64": 121, "aarch64": 155}[platform.machine()]
UNKNOWN = 480  # no system call of any architecture has this number


@event_case("sys_enter", "sys_exit")
def any_call(daemon):
    """A call is made that fails, and one that there is not"""
    run = daemon.act(lambda: (LIBC.syscall(GETPGID, -1), LIBC.syscall(UNKNOWN)) and None)
    seen = run.one("sys_enter", pid=run.pid, syscall="getpgid")
    expect_equal(get(seen, "data.number"), GETPGID, "number")
    seen = run.one("sys_exit", pid=run.pid, syscall="getpgid")
    expect_equal((get(seen, "data.retval"), get(seen, "data.errno")), (-errno.ESRCH, "ESRCH"), "result")
    run.one("sys_enter", pid=run.pid, syscall=-1, number=UNKNOWN)
    run.one("sys_exit", pid=run.pid, number=UNKNOWN, errno="ENOSYS")
    expect_equal(len(run.of("sys_enter", pid=run.pid, syscall="exit_group")), 1, "last call")
    expect_equal(run.of("sys_exit", pid=run.pid, syscall="exit_group"), [], "its return")


@event_case("sched_switch")
def switches(daemon):
    """A process waits for another one"""
    def wait():
        there, here = os.pipe()
        if os.fork() == 0:
            os.write(here, b"x")
            os._exit(0)
        os.read(there, 1)
        os.wait()
    run = daemon.act(wait)
    seen = [e for e in run.of("sched_switch", pid=run.pid) if get(e, "data.prev_tid") == run.pid]
    expect(seen, "the process never gave its CPU away")
    for event in seen:
        expect(get(event, "data.next_tid") != run.pid and get(event, "data.next_comm"), "the next thread")
        expect_equal(get(event, "data.prev_comm"), get(event, "process.comm"), "name")
