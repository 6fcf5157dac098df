# SPDX-License-Identifier: LGPL-2.1-or-later
"""What shared libraries export."""
import mmap
import os
import struct
import time

from harness import DEADLINE_SECONDS, Run, expect_equal, get
from registry import event_case

PT_LOAD, PT_DYNAMIC = 1, 2
DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ = 4, 5, 6, 10
STB_GLOBAL_FUNC = 1 << 4 | 2


def shared_object(*exports):
    """A 64-bit ELF file that exports these functions, with what a linker looks at and nothing else."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name in exports)
    head = 64 + 2 * 56
    dynamic = head
    symbols = dynamic + 5 * 16
    hashes = symbols + 24 * (len(exports) + 1)
    strings = hashes + 4 * (2 + 1 + len(exports) + 1)
    size = strings + len(names)
    # elf(5): the file begins with where its parts are
    out = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    out += struct.pack("<IIQQQQQQ", PT_LOAD, 5, 0, 0, 0, size, size, 4096)
    out += struct.pack("<IIQQQQQQ", PT_DYNAMIC, 4, dynamic, dynamic, dynamic, 80, 80, 8)
    for tag, value in ((DT_HASH, hashes), (DT_STRTAB, strings), (DT_SYMTAB, symbols), (DT_STRSZ, len(names)),
                       (0, 0)):
        out += struct.pack("<QQ", tag, value)
    out += bytes(24)
    for name in exports:
        out += struct.pack("<IBBHQQ", names.index(b"\0" + name.encode() + b"\0") + 1, STB_GLOBAL_FUNC, 0, 1,
                           0, 0)
    out += struct.pack("<III", 1, len(exports) + 1, 0) + bytes(4 * (len(exports) + 1))
    return (out + names).ljust(4096, b"\0")


def load(path):
    """Maps the file as the dynamic linker does; it stays mapped."""
    fd = os.open(path, os.O_RDONLY)
    mmap.mmap(fd, 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_EXEC)
    os.close(fd)


def held(daemon, function, name, count):
    """Runs FUNCTION, which must stay until wait() returns: that COUNT events NAME were told. The daemon opens the
    libraries as their process sees them, a moment later."""
    told = []
    there, here = os.pipe()

    def act():
        os.close(here)
        function(lambda: os.read(there, 1))

    def meanwhile():
        end = time.monotonic() + DEADLINE_SECONDS
        while sum(e["event"] == name for e in told) < count and time.monotonic() < end:
            told.extend(daemon.collect())
        os.close(here)
    run = daemon.act(act, meanwhile)
    os.close(there)
    return Run(run.pid, run.status, run.report, told + run.all)


@event_case("symbols_loaded")
def watched(daemon):
    """A library that hides files is loaded twice; one like it that may; one below a root of its own"""
    hide = daemon.file_with(shared_object("readdir", "harmless", "unlinkat"), "libhide.so")
    allowed = daemon.file_with(shared_object("readdir", "other"), "libc-2.so")
    below = daemon.file_with(shared_object("accept"), "libbelow.so")

    def act(wait):
        for path in (allowed, hide, hide):
            load(path)
        if os.fork() == 0:
            os.chroot(os.path.dirname(below))
            load("/libbelow.so")
            wait()
            os._exit(0)
        wait()
        os.wait()
    run = held(daemon, act, "symbols_loaded", 2)
    seen = run.one("symbols_loaded", library_path=hide)
    expect_equal(get(seen, "data.symbols"), ["readdir", "unlinkat"], "symbols")
    seen = run.one("symbols_loaded", library_path="/libbelow.so")
    expect_equal(get(seen, "data.symbols"), ["accept"], "symbols below a root")
    expect_equal(len(run.of("symbols_loaded")), 2, "libraries told")


@event_case("symbols_collision")
def collision(daemon):
    """Two libraries export the same function"""
    first = daemon.file_with(shared_object("alone", "sechawk_twice", "_init"), "libfirst.so")
    second = daemon.file_with(shared_object("sechawk_twice", "_init", "also_alone"), "libsecond.so")
    third = daemon.file_with(shared_object("_init"), "libthird.so")

    def act(wait):
        for path in (first, third, second, second):
            load(path)
        wait()
    run = held(daemon, act, "symbols_collision", 1)
    seen = run.one("symbols_collision", loaded_path=second, collision_path=first)
    expect_equal(get(seen, "data.symbols"), ["sechawk_twice"], "symbols")
    expect_equal(run.of("symbols_collision", loaded_path=third), [], "of symbols that every library has")
