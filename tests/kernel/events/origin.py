# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where system calls come from: the memory of the code and of the stack."""
import ctypes
import mmap
import os
import platform
import signal
import subprocess
import threading

from harness import expect, expect_equal, get
from registry import event_case

DUP3 = {"x86_64": 292, "aarch64": 24}[platform.machine()]  # among the defaults of events.checked_syscalls
# long call(void *stack, int number): the call with the stack as its stack
ON_STACK = {
    # push rbx; mov rbx, rsp; mov rsp, rdi; mov eax, esi; syscall; mov rsp, rbx; pop rbx; ret
    "x86_64": bytes.fromhex("53 4889e3 4889fc 89f0 0f05 4889dc 5b c3"),
    # mov x9, sp; mov sp, x0; mov w8, w1; svc 0; mov sp, x9; ret
    "aarch64": b"".join(i.to_bytes(4, "little") for i in (0x910003e9, 0x9100001f, 0x2a0103e8, 0xd4000001,
                                                          0x9100013f,
                                                          0xd65f03c0)),
}[platform.machine()]
# long call(void *unused, int number)
PLAIN = {
    # mov eax, esi; syscall; ret
    "x86_64": bytes.fromhex("89f0 0f05 c3"),
    # mov w8, w1; svc 0; ret
    "aarch64": b"".join(i.to_bytes(4, "little") for i in (0x2a0103e8, 0xd4000001, 0xd65f03c0)),
}[platform.machine()]
BEHIND_CALL = PLAIN.index(b"\x0f\x05") + 2 if platform.machine() == "x86_64" else 8
SIZE = 4 * mmap.PAGESIZE


def function(memory):
    """What lies at the begin of MEMORY as a function, and its address."""
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_int)(address), address


class SignalStack(ctypes.Structure):  # stack_t, sigaltstack(2)
    _fields_ = [("sp", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t)]


class SignalAction(ctypes.Structure):  # struct sigaction of the C library
    _fields_ = [("handler", ctypes.c_void_p), ("mask", ctypes.c_ulong * 16), ("flags", ctypes.c_int),
                ("restorer", ctypes.c_void_p)]


SA_ONSTACK = 0x08000000  # include/uapi/asm-generic/signal-defs.h


def on_signal_stack(run):
    """Calls RUN in a signal handler on a stack of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    memory = mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(lambda _: run())
    stack = SignalStack(function(memory)[1], 0, len(memory))
    action = SignalAction(ctypes.cast(handler, ctypes.c_void_p), flags=SA_ONSTACK)
    expect_equal(libc.sigaltstack(ctypes.byref(stack), None), 0, "sigaltstack")
    expect_equal(libc.sigaction(signal.SIGUSR1, ctypes.byref(action), None), 0, "sigaction")
    os.kill(os.getpid(), signal.SIGUSR1)


@event_case("suspicious_syscall_source")
def source(daemon):
    """Code in anonymous memory makes a call, and the same code out of a file"""
    path = daemon.file_with(PLAIN.ljust(mmap.PAGESIZE, b"\0"))

    def calls():
        memory = mmap.mmap(-1, SIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC,
                           flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        memory[:len(PLAIN)] = PLAIN
        call, address = function(memory)
        call(-1, DUP3)
        with open(path, "r+b") as opened:
            shown = mmap.mmap(opened.fileno(), mmap.PAGESIZE,
                              prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC,
                              flags=mmap.MAP_PRIVATE)
        function(shown)[0](-1, DUP3)
        return address
    run = daemon.act(calls)
    seen = run.one("suspicious_syscall_source")
    expect_equal((get(seen, "data.syscall"), get(seen, "data.vma_type")), ("dup3", "anonymous"),
                 "call and memory")
    expect_equal(int(get(seen, "data.ip"), 16), run.report[0] + BEHIND_CALL, "instruction")
    start = int(get(seen, "data.vma_start"), 16)
    # neighbours of the same kind become one mapping
    expect(start <= run.report[0] and start + get(seen, "data.vma_size") >= run.report[0] + SIZE, "bounds")
    expect_equal(int(get(seen, "data.vma_flags"), 16) & 7, 7, "readable, writable, executable")


@event_case("stack_pivot")
def pivot(daemon):
    """A call with its stack in a heap; and calls of threads, children and signal handlers, which are as they should be"""
    path = daemon.file_with(ON_STACK.ljust(mmap.PAGESIZE, b"\0"))

    def calls():
        with open(path, "rb") as opened:
            code = mmap.mmap(opened.fileno(), mmap.PAGESIZE,
                             prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC,
                             flags=mmap.MAP_PRIVATE)
        stack = mmap.mmap(-1, SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        middle = function(stack)[1] + SIZE // 2
        os.dup2(1, 2)
        thread = threading.Thread(target=lambda: (os.dup2(1, 2), subprocess.run(["/bin/true"], check=True)))
        thread.start()
        thread.join()
        handled = []
        on_signal_stack(lambda: handled.append(os.dup2(1, 2)))
        expect_equal(handled, [2], "calls on the stack for signals")
        os.posix_spawn("/bin/true", ["true"], {})
        os.wait()
        function(code)[0](middle, DUP3)
        return middle
    run = daemon.act(calls)
    seen = run.one("stack_pivot")
    expect_equal((get(seen, "data.syscall"), get(seen, "data.vma_type")), ("dup3", "anonymous"),
                 "call and memory")
    expect_equal(int(get(seen, "data.sp"), 16), run.report[0], "stack pointer")
    expect(int(get(seen, "data.vma_start"), 16) < run.report[0], "bounds")
