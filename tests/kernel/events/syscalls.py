# SPDX-License-Identifier: LGPL-2.1-or-later
"""System calls: the four that HACKING.md shows, and every one of the tables, which one program makes. What arguments
that can be read mean is for calls.py and oracle.py."""
import ctypes
import errno
import os
import platform
import signal
import subprocess

import registry
from harness import expect, expect_equal, get
from registry import event_case
from runner import TRIES

NUMBERS = {
    "x86_64": {"init_module": 175, "unshare": 272, "seccomp": 317, "bpf": 321},
    "aarch64": {"init_module": 105, "unshare": 97, "seccomp": 277, "bpf": 280},
}[platform.machine()]
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER = 0x10000000
SECCOMP_GET_ACTION_AVAIL = 2
SECCOMP_RET_KILL_PROCESS = 0x80000000
ERESTART = range(-516, -511)  # include/linux/errno.h: what the programs see of an interrupted call
NO_EVENT = "no event"
BPF_MAP_CREATE, BPF_MAP_TYPE_ARRAY = 0, 2


def syscall(name, *args):
    """Result of a system call as the kernel gives it: an error is negative."""
    result = LIBC.syscall(NUMBERS[name], *args)
    return -ctypes.get_errno() if result == -1 else result


@event_case("init_module")
def init_module(daemon):
    """A module is loaded that is none"""
    image = b"this is no ELF file"
    run = daemon.act(lambda: syscall("init_module", image, ctypes.c_ulong(len(image)), b"answer=42"))
    seen = run.one("init_module")
    expect(run.report[0] < 0, "the kernel took it")
    expect_equal(get(seen, "data.retval"), run.report[0], "result")
    expect_equal(get(seen, "data.errno"), errno.errorcode[-run.report[0]], "its name")
    expect_equal(get(seen, "data.len"), len(image), "length of the image")
    expect_equal(get(seen, "data.param_values"), "answer=42", "parameters")


@event_case("bpf")
def bpf(daemon):
    """A BPF map is made"""
    attr = (ctypes.c_uint32 * 18)(BPF_MAP_TYPE_ARRAY, 4, 8, 3)
    run = daemon.act(lambda: syscall("bpf", BPF_MAP_CREATE, ctypes.byref(attr), ctypes.sizeof(attr)))
    seen = run.one("bpf", cmd="BPF_MAP_CREATE")
    expect_equal(get(seen, "data.retval"), run.report[0], "descriptor of the map")
    expect_equal([get(seen, f"data.attr.{name}") for name in ("key_size", "value_size", "max_entries")],
                 [4, 8, 3],
                 "the map")


@event_case("seccomp")
def seccomp(daemon):
    """A process asks what seccomp can do"""
    action = ctypes.c_uint32(SECCOMP_RET_KILL_PROCESS)
    run = daemon.act(lambda: syscall("seccomp", SECCOMP_GET_ACTION_AVAIL, 0, ctypes.byref(action)))
    seen = run.one("seccomp")
    expect_equal(get(seen, "data.operation"), "SECCOMP_GET_ACTION_AVAIL", "operation")
    expect_equal(get(seen, "data.retval"), run.report[0], "result")


@event_case("unshare")
def unshare(daemon):
    """A process enters a user namespace of its own"""
    def enter():
        result = syscall("unshare", CLONE_NEWUSER)
        os.close(os.open("/dev/null", os.O_RDONLY))
        return result
    run = daemon.act(enter)
    seen = run.one("unshare")
    expect_equal(get(seen, "data.flags"), ["CLONE_NEWUSER"], "flags")
    expect_equal(get(seen, "data.retval"), run.report[0], "result")


def names_of(program):
    """The system calls that PROGRAM makes; none when this kernel does not run it."""
    try:
        return subprocess.run([os.path.join(registry.BIN, program), "--list"], stdout=subprocess.PIPE,
                              check=True, text=True).stdout.split()
    except OSError:
        return []


def differs(event, name, kind, made):
    """Whether argument NAME of type KIND is not what was MADE: a number, or "in" or "out" of memory that is none."""
    told = get(event, "data." + name)
    if made == "in":
        return told is not None or not get(event, f"data.{name}_unreadable")
    if made == "out":
        return told is not None
    if isinstance(told, list):
        # Bits that have names are shown by these.
        rest = sum(int(bits, 16) for bits in told if bits.startswith("0x"))
        return rest & ~int(made, 16) or (rest != int(made, 16) and len(told) == 1)
    if isinstance(told, str):
        told = int(told, 8 if kind == "MODE" else 16)
    return told != int(made, 16)


def difference(row, found, compat):
    """None, or what is wrong with the events FOUND of the call of ROW."""
    if len(found) != 1:
        return f"{len(found)} events" if found else NO_EVENT
    event = found[0]
    if bool(event.get("compat")) != compat:
        return "mark of a 32-bit call"
    for name, kind, made in row["args"]:
        if differs(event, name, kind, made):
            return f"{name}: {made} was given: {event['data']}"
    retval = get(event, "data.retval")
    result = ctypes.c_int64(int(row["result"], 16)).value if "result" in row else None
    # What a signal interrupts has another result for the caller, and who is killed has none.
    if retval != result and not (result == -errno.EINTR and retval in ERESTART) and \
       not (result is None and int(row["status"], 16) & 0x7f in (signal.SIGILL, signal.SIGSEGV)):
        return f"result {result}: {event['data']}"
    return None


def every_call(daemon, program):
    """Makes the calls of PROGRAM. Those that no event told of are made again when the kernel left out runs."""
    wrong, names = {}, names_of(program)
    again = names
    for _ in range(TRIES):
        before = daemon.skipped
        run = daemon.trigger(program, *again)
        events = {}
        for event in run.events:
            events.setdefault((event["event"], get(event, "process.pid")), []).append(event)
        for row in run.report:
            found = events.get((row["call"], int(row["pid"], 16)), [])
            wrong[row["call"]] = difference(row, found, program.endswith("32"))
        again = [name for name, reason in wrong.items() if reason == NO_EVENT]
        if not again or not daemon.told_skipped(before):
            break
    expect_equal(list(wrong), names, "calls made")
    expect(not any(wrong.values()),
           "\n".join(f"{name}: {reason}" for name, reason in wrong.items() if reason))


@event_case(*names_of("all_calls"))
def all_calls(daemon):
    """Every system call is made once"""
    every_call(daemon, "all_calls")


@event_case(*names_of("all_calls32"))
def all_calls32(daemon):
    """Every system call is made once by a 32-bit program"""
    every_call(daemon, "all_calls32")
