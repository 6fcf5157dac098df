# SPDX-License-Identifier: LGPL-2.1-or-later
"""Others with the rights of the daemon, who want it to see nothing."""
import ctypes
import os
import platform
import re
import struct
import sys

from lab import LIFE, case, expect, get, until

BPF_MAP_UPDATE_ELEM, BPF_MAP_GET_FD_BY_ID, BPF_OBJ_GET_INFO_BY_FD = 2, 14, 15
BPF_LINK_GET_FD_BY_ID, BPF_LINK_DETACH = 30, 34
NR_BPF = {"x86_64": 321, "aarch64": 280}
LIBC = ctypes.CDLL(None, use_errno=True)
DUPLICATE = "import os; os.dup2(1, 200, inheritable=False)"


def bpf(command, attributes):
    attr = ctypes.create_string_buffer(attributes, 128)
    result = LIBC.syscall(NR_BPF[platform.machine()], command, attr, 128)
    expect(result >= 0, lambda: f"bpf({command}): {os.strerror(ctypes.get_errno())}")
    return result


def empty(instance, name):
    """Fills a map of the daemon with zeroes, as one who found it by its number."""
    for number in instance.objects()["map"]:
        fd = bpf(BPF_MAP_GET_FD_BY_ID, struct.pack("III", number, 0, 0))
        info = ctypes.create_string_buffer(128)
        bpf(BPF_OBJ_GET_INFO_BY_FD, struct.pack("IIQ", fd, 128, ctypes.addressof(info)))
        _, _, _, size, entries, _ = struct.unpack("6I", info.raw[:24])
        if info.raw[24:40].split(b"\0")[0].decode() == name:
            nothing = ctypes.create_string_buffer(size)
            for i in range(entries):
                key = ctypes.c_uint32(i)
                bpf(BPF_MAP_UPDATE_ELEM,
                    struct.pack("IIQQQ", fd, 0, ctypes.addressof(key), ctypes.addressof(nothing), 0))
        os.close(fd)


def sees_calls(lab, instance):
    child = lab.child(sys.executable, "-S", "-E", "-c", DUPLICATE)
    child.wait()
    instance.marked("after")
    return [e for e in instance.of_pid(child.pid, "dup3") if get(e, "data.newfd") == 200]


def told(instance, what):
    return any("somebody changed what the kernel is told" in line and what in line
               for line in instance.ctl_json("status")["degraded"])


@case("a map that says what is collected and that another process empties is put back, and that is told")
def emptied_map(lab):
    a = lab.instance().start(events=(*LIFE, "dup3"))
    expect(sees_calls(lab, a), "dup3 is not told")
    empty(a, "hawk_sysrow")
    until(lambda: told(a, "hawk_sysrow"), "status tells that the map was changed")
    expect(sees_calls(lab, a), "the calls are not told again")
    expect("somebody changed what the kernel is told" in a.log_text(), "the log tells")


@case("programs of control groups that another process detaches are attached again, and that is told")
def detached_link(lab):
    a = lab.instance().start(events=(*LIFE, "net_packet_dns"))
    before = a.objects()["link"]
    for number in before:
        fd = bpf(BPF_LINK_GET_FD_BY_ID, struct.pack("III", number, 0, 0))
        with open(f"/proc/self/fdinfo/{fd}", encoding="ascii") as info:
            if re.search(r"^link_type:\s*cgroup$", info.read(), re.M):
                bpf(BPF_LINK_DETACH, struct.pack("II", fd, 0))
        os.close(fd)
    until(lambda: told(a, "control groups"), "status tells that programs were detached")
    expect(len(a.objects()["link"]) == len(before), "not all are attached again")
