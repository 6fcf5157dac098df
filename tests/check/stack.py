#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""No program for the kernel needs more stack than the oldest kernel gives: stack.py [OBJECT...], those of the build.

What a chain of calls takes is the sum of its frames, each rounded up to 32 bytes (check_max_stack_depth() in
kernel/bpf/verifier.c of 5.10; newer kernels round to 16). A chain has eight functions at most.
"""
import glob
import os
import re
import shutil
import subprocess
import sys

LIMIT, ROUND = 512, 32  # MAX_BPF_STACK, include/linux/filter.h
CALLS = 8  # MAX_CALL_FRAMES, include/linux/bpf_verifier.h
FUNCTION = re.compile(r"^[0-9a-f]+ <(?!L)([^>]+)>:")
SLOT = re.compile(r"\(r10 - (0x[0-9a-f]+|\d+)\)")
BASE = re.compile(r"\b(r\d) = r10$")
ADDRESS = re.compile(r"\b(r\d) \+= -(0x[0-9a-f]+|\d+)$")
CALL = re.compile(r"R_BPF_64_32\s+(\S+)|call \S+ <([^>+]+)")


def objdump():
    for name in ["llvm-objdump"] + [f"llvm-objdump-{v}" for v in range(19, 13, -1)]:
        if shutil.which(name):
            return name
    print("llvm-objdump is not installed")
    sys.exit(77)


def read(path, tool):
    """Bytes of the frame of each function, and whom it calls."""
    listing = subprocess.run([tool, "-dr", "--no-show-raw-insn", path], check=True, capture_output=True,
                             text=True).stdout
    frames, calls, name, pointers = {}, {}, None, set()
    for line in map(str.rstrip, listing.splitlines()):
        begin = FUNCTION.match(line)
        if begin:
            name = begin[1]
            frames[name], calls[name], pointers = 0, set(), set()
        if name is None or begin:
            continue
        used = [int(slot, 0) for slot in SLOT.findall(line)]
        base, address, call = BASE.search(line), ADDRESS.search(line), CALL.search(line)
        if base:
            pointers.add(base[1])
        elif address and address[1] in pointers:
            used.append(int(address[2], 0))
            pointers.discard(address[1])
        frames[name] = max([frames[name], *used])
        if call:
            calls[name].add(call[1] or call[2])
    return frames, calls


def deepest(name, frames, calls, above=()):
    """The chain of calls that takes most: its bytes, and its functions with their frames."""
    own = max(ROUND, -(-frames[name] // ROUND) * ROUND)
    below = [deepest(c, frames, calls, (*above, name)) for c in calls[name] if c in frames and c not in (*above, name)]
    size, chain = max(below, default=(0, []))
    return own + size, [f"{name} {frames[name]}", *chain]


def longest(name, calls, above=()):
    """The chain of calls that has most functions."""
    below = [longest(c, calls, (*above, name)) for c in calls[name] if c in calls and c not in (*above, name)]
    return [name, *max(below, key=len, default=[])]


def main():
    build = os.environ.get("BUILDDIR", ".")
    paths = sys.argv[1:] or sorted(glob.glob(os.path.join(build, "bpf/*.bpf.o")))
    tool, faults, most = objdump(), 0, (0, [])
    for path in paths:
        frames, calls = read(path, tool)
        for name in frames:
            depth = deepest(name, frames, calls)
            most = max(most, depth)
            if depth[0] > LIMIT:
                faults += 1
                print(f"FAULT: {path}: {depth[0]} bytes of stack, {LIMIT} are allowed: {' > '.join(depth[1])}")
            chain = longest(name, calls)
            if len(chain) > CALLS:
                faults += 1
                print(f"FAULT: {path}: {len(chain)} functions call each other, {CALLS} may: {' > '.join(chain)}")
    if not paths or not most[0]:
        faults += 1
        print("FAULT: there are no programs to look at")
    else:
        print(f"most: {most[0]} bytes, {' > '.join(most[1])}")
    return 1 if faults else 0


sys.exit(main())
