# SPDX-License-Identifier: LGPL-2.1-or-later
"""System calls, the four that HACKING.md shows. The others have tests of their own: calls.py and oracle.py."""
import ctypes
import errno
import os
import platform

from harness import expect, expect_equal, get
from registry import event_case

NUMBERS = {
    "x86_64": {"init_module": 175, "unshare": 272, "seccomp": 317, "bpf": 321},
    "aarch64": {"init_module": 105, "unshare": 97, "seccomp": 277, "bpf": 280},
}[platform.machine()]
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER = 0x10000000
SECCOMP_GET_ACTION_AVAIL = 2
SECCOMP_RET_KILL_PROCESS = 0x80000000
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
    expect_equal([get(seen, f"data.attr.{name}") for name in ("key_size", "value_size", "max_entries")], [4, 8, 3],
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
