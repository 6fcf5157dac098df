#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of the system call collector: what arguments point to, descriptors, 32-bit callers, hostile callers.

    tests/kernel/calls.py --daemon ./sechawkd --bin tests/kernel/bin [-k PATTERN] [--label TEXT]

Prints "ok NAME", "not ok NAME" with the reason, or "skip NAME reason" per case. Needs root.
"""
import array
import ctypes
import os
import signal
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Skip, expect, expect_equal, get, raw  # noqa: E402
from runner import Session, options  # noqa: E402

CASES = []
LIBC = ctypes.CDLL(None, use_errno=True)
PIPE, FILE = "pipe:[", "/etc/passwd"


def case(doc):
    """Registers a case; DOC is its name in the report."""
    def register(function):
        CASES.append((doc, function))
        return function
    return register


def workdir(daemon):
    return tempfile.mkdtemp(dir=daemon.dir)


def data(event, *names):
    """These fields of an event, absent ones as None."""
    return {name: get(event, "data." + name) for name in names}


@case("descriptors: files, pipes, sockets and others, and what close made an end of")
def descriptors(daemon):
    def act():
        fd = os.open(FILE, os.O_RDONLY)
        there, here = os.pipe()
        memory = os.memfd_create("stash")
        event = LIBC.eventfd(0, 0)
        for i, old in enumerate((fd, there, memory, event)):
            os.dup2(old, 60 + i)
        inode = os.fstat(there).st_ino
        os.close(here)
        os.close(60)
        try:
            os.close(60)
        except OSError:
            pass
        return inode
    run = daemon.act(act)
    seen = [get(run.one("dup2", newfd=60 + i), "data.oldfd_path") for i in range(4)]
    expect_equal(seen, [FILE, f"pipe:[{run.report[0]}]", "memfd:stash", "anon_inode:[eventfd]"], "paths of oldfd")
    closed = run.of("close", fd=60)
    expect_equal([data(e, "fd_path", "retval") for e in closed],
                 [{"fd_path": FILE, "retval": 0}, {"fd_path": None, "retval": -9}], "the two calls of close")


@case("sockets behind descriptors: addresses of both ends, names of unix sockets")
def sockets(daemon):
    name = os.path.join(workdir(daemon), "listening")

    def act():
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        os.dup2(client.fileno(), 70)
        named = socket.socket(socket.AF_UNIX)
        named.bind(name)
        named.listen()
        caller = socket.socket(socket.AF_UNIX)
        caller.bind("\0caller")
        caller.connect(name)
        os.dup2(caller.fileno(), 71)
        return [client.getsockname()[1], port, os.fstat(70).st_ino]
    run = daemon.act(act)
    here, there, inode = run.report[0]
    expect_equal(get(run.one("dup2", newfd=70), "data.oldfd_socket"),
                 {"family": "AF_INET", "type": "SOCK_STREAM", "protocol": "IPPROTO_TCP",
                  "local_addr": "127.0.0.1", "local_port": here, "remote_addr": "127.0.0.1",
                  "remote_port": there, "inode": inode}, "socket")
    unix = get(run.one("dup2", newfd=71), "data.oldfd_socket")
    expect_equal([unix.get("local_path"), get(run.one("dup2", newfd=71), "data.oldfd_path")], ["@caller", None],
                 "name of the unix socket")


@case("relative paths: from the directory given or the working directory, as text")
def relative(daemon):
    directory = workdir(daemon)

    def act():
        os.makedirs(os.path.join(directory, "a/b"))
        os.chdir(os.path.join(directory, "a"))
        fd = os.open("b", os.O_RDONLY)
        os.mkdir("../c//./d/../e/") if os.mkdir("../c") is None and os.mkdir("../c/d") is None else None
        os.rename("b", "../c/moved")
        os.mkdir("below", dir_fd=fd)
        os.rename("below", "../other", src_dir_fd=fd, dst_dir_fd=fd)
        os.chdir("../c")
    run = daemon.act(act)
    made = [get(e, "data.pathname_abs") for e in run.of("mkdir", "mkdirat")]
    expect(directory + "/c/e" in made, f"mkdir: {made}")
    moved = run.of("rename")[0]
    names = sorted(v for k, v in moved["data"].items() if k.endswith("_abs"))
    expect_equal(names, [directory + "/a/b", directory + "/c/moved"], "both paths of rename")
    below = run.of("renameat", "renameat2")[0]
    names = sorted(v for k, v in below["data"].items() if k.endswith("_abs"))
    expect_equal(names, [directory + "/c/moved/below", directory + "/c/other"], "both paths of renameat")
    changed = run.of("chdir")[-1]
    expect_equal(get(changed, "data.resolved_path"), directory + "/c", "the new directory")


class Vector(ctypes.Structure):
    """struct iovec"""
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class Message(ctypes.Structure):
    """struct mmsghdr"""
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint), ("iov", ctypes.POINTER(Vector)),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("len", ctypes.c_uint)]


def vector(buffer, length):
    """Points to one of LENGTH bytes of BUFFER, and keeps that."""
    one = Vector(ctypes.addressof(buffer), length)
    one.kept = buffer
    return ctypes.pointer(one)


def messages(*texts):
    return (Message * len(texts))(*(Message(iov=vector(ctypes.create_string_buffer(text, len(text)), len(text)), iovlen=1)
                                    for text in texts))


@case("structures: messages, vectors, times, limits, signals, BPF, capabilities")
def structures(daemon):
    def act():
        here, there = socket.socketpair()
        socket.send_fds(here, [b"he", b"llo"], [0, 1])
        there.recvmsg(10, socket.CMSG_SPACE(8))
        one, two = os.pipe()
        os.writev(two, [b"first ", b"second"])
        os.readv(one, [bytearray(4), bytearray(20)])
        many = messages(b"first", b"second")
        fro, to = socket.socketpair(type=socket.SOCK_DGRAM)
        LIBC.sendmmsg(fro.fileno(), many, 2, 0)
        LIBC.recvmmsg(to.fileno(), messages(bytes(20), bytes(20)), 2, 0, None)
        own, other = ctypes.create_string_buffer(b"written", 20), ctypes.create_string_buffer(20)
        for call in LIBC.process_vm_writev, LIBC.process_vm_readv:
            call(os.getpid(), vector(own, 7), 1, vector(other, 7), 1, 0)
        time.sleep(0.001)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGTERM])
        signal.setitimer(signal.ITIMER_REAL, 100, 50)
        LIBC.syscall(321, 0, ctypes.c_char_p(bytes(array.array("I", [2, 4, 8, 1, 0, 0, 0]))), 28)
        pair = array.array("i", [0, 0])
        LIBC.pipe2(ctypes.c_void_p(pair.buffer_info()[0]), os.O_CLOEXEC)
        return {"pair": list(pair), "other": ctypes.addressof(other)}
    run = daemon.act(act)
    did = run.report[0]
    many = run.of("sendmmsg")[0]
    expect_equal([get(many, "data.msgvec." + k) for k in ("count", "total", "data")], [1, 5, "first"], "sendmmsg")
    expect(get(many, "data.msgvec_truncated"), "only the first message of two is there, which is not told")
    expect_equal(get(run.of("recvmmsg")[0], "data.msgvec.data"), "first", "recvmmsg: as many bytes as came")
    remote = {"count": 1, "total": 7, "base": hex(did["other"])}
    for call in "process_vm_writev", "process_vm_readv":
        event = run.of(call)[0]
        expect_equal(get(event, "data.local_iov"), {"count": 1, "total": 7, "data": "written"}, call)
        expect_equal(get(event, "data.remote_iov"), remote, call)
    sent = get(run.of("sendmsg")[0], "data.msg")
    expect_equal([sent.get(k) for k in ("count", "total", "data", "fds")], [2, 5, "hello", [0, 1]], "sendmsg")
    got = get(run.of("recvmsg")[0], "data.msg")
    expect_equal([got.get("data"), len(got.get("fds", []))], ["hello", 2], "recvmsg")
    expect_equal(get(run.of("writev")[0], "data.iov"), {"count": 2, "total": 12, "data": "first second"}, "writev")
    expect_equal(get(run.of("readv")[0], "data.iov"), {"count": 2, "total": 24, "data": "first second"}, "readv")
    expect_equal(get(run.of("rt_sigprocmask", how="SIG_BLOCK")[0], "data.set"), ["SIGUSR2", "SIGTERM"], "signals")
    timer = get(run.of("setitimer")[0], "data.new_value")
    expect_equal(timer, {"interval_sec": 50, "interval_usec": 0, "value_sec": 100, "value_usec": 0}, "timer")
    if os.uname().machine == "x86_64":
        made = get(run.of("bpf")[0], "data.attr")
        expect_equal([made.get(k) for k in ("map_type", "key_size", "value_size", "max_entries")],
                     ["BPF_MAP_TYPE_ARRAY", 4, 8, 1], "bpf map")
    pipes = [get(e, "data.pipefd") for e in run.of("pipe2")]
    expect(did["pair"] in pipes, f"pipe2: {pipes}, wanted {did['pair']}")


@case("32-bit caller: marked, its structures, and what is behind socketcall and ipc")
def compat(daemon):
    if not os.path.exists(os.path.join(daemon.bin, "compat32")):
        raise Skip("no 32-bit program on this machine")
    directory = workdir(daemon)
    try:
        run = daemon.trigger("compat32", directory)
    except OSError as problem:
        raise Skip(f"this kernel does not run 32-bit programs: {problem}") from None
    expect_equal(run.status, 32, "exit status of the program")
    wanted = {
        "chdir": {"resolved_path": directory},
        "open": {"pathname_abs": directory + "/file32", "resolved_path": directory + "/file32",
                 "flags": ["O_RDWR", "O_CREAT"], "mode": "0755"},
        "close": {"fd_path": directory + "/file32", "retval": 0},
        "openat": {"dirfd": "AT_FDCWD", "pathname_abs": os.path.dirname(directory) + "/missing32", "errno": "ENOENT"},
        "writev": {"iov": {"count": 2, "total": 9, "data": "thirtytwo"}, "retval": 9},
        "nanosleep": {"req": {"tv_sec": 0, "tv_nsec": 1000}},
        "rt_sigaction": {"act": {"sa_handler": "0x1", "sa_flags": ["SA_RESTART"], "sa_restorer": "0x0",
                                 "sa_mask": ["SIGTERM"]}},
        "socketcall": {"call": "SYS_SOCKET"},
        "socket": {"domain": "AF_INET", "type": ["SOCK_STREAM"], "protocol": "IPPROTO_IP"},
        "connect": {"addr": {"sa_family": "AF_INET", "sin_addr": "127.0.0.1", "sin_port": 1}, "addrlen": 16,
                    "errno": "ECONNREFUSED"},
        "semget": {"nsems": 1 << 30, "errno": "EINVAL"},
        "getpid": {"retval": run.pid},
        "exit": {"status": 32, "retval": None},
    }
    for name, fields in wanted.items():
        found = [e for e in run.of(name) if e.get("compat")]
        expect(found, f"no {name} with the mark of a 32-bit call")
        expect_equal(data(found[0], *fields), fields, name)
    again = [e for e in run.of("execve") if e.get("compat")]
    expect_equal([get(e, "data.argv") for e in again], [["file32", "thirty", "two"], ["compat32", "again", "directory"]],
                 "execve")


@case("x32 and unknown numbers: marked or left alone")
def x32(daemon):
    if os.uname().machine != "x86_64":
        raise Skip("x86_64 only")

    def act():
        LIBC.syscall(ctypes.c_long(0x40000000 + 39))
        LIBC.syscall(ctypes.c_long(0x40000000 + 521), 1, 2, 3, 4)  # ptrace of x32
        LIBC.syscall(ctypes.c_long(511))
        LIBC.syscall(ctypes.c_long(-5))
        LIBC.syscall(ctypes.c_long(1 << 40))
    daemon.ctl("event", "enable", "sys_exit")
    run = daemon.act(act)
    daemon.ctl("event", "disable", "sys_exit")
    marked = [e for e in run.of("getpid") if e.get("x32")]
    expect_equal(len(marked), 1, "getpid with the mark of x32")
    # a call without a row is not silent
    unknown = [data(e, "number", "retval") for e in run.of("sys_exit") if e.get("x32") and get(e, "data.number") >= 512]
    expect_equal([seen["number"] for seen in unknown], [521], "x32 calls of their own numbers")
    expect(unknown[0]["retval"] < 0, f"{unknown[0]}")


@case("fork: each call once, with the child's pid; exit has no result")
def fork(daemon):
    def act():
        child = os.fork()
        if child == 0:
            os._exit(7)
        os.waitpid(child, 0)
        return child
    run = daemon.act(act)
    calls = run.of("clone", "clone3", "fork", "vfork", pid=run.pid)
    expect_equal([get(e, "data.retval") for e in calls], [run.report[0]], "results of the call")
    expect_equal(run.of("clone", "clone3", "fork", pid=run.report[0]), [], "the call in the child")
    ended = run.of("exit_group", pid=run.report[0])
    expect_equal([data(e, "status", "retval") for e in ended],
                 [{"status": 7, "retval": None}], "exit_group of the child")


def told(run):
    """Results of the hostile calls, by what was tried."""
    return {r["what"]: r["retval"] for r in run.report if "what" in r}


def check_strings(run):
    opens = {get(e, "data.pathname"): e for e in run.of("openat")}
    faulty = [e for e in run.of("openat") if get(e, "data.errno") == "EFAULT"]
    expect_equal([data(e, "pathname", "pathname_unreadable", "pathname_abs") for e in faulty],
                 [{"pathname": None, "pathname_unreadable": True, "pathname_abs": None},
                  {"pathname": None, "pathname_unreadable": None, "pathname_abs": None},
                  {"pathname": None, "pathname_unreadable": True, "pathname_abs": None}], "strings that fault")
    expect("last-page" in opens, "a string that ends with its page")
    long = [e for e in run.of("openat") if get(e, "data.errno") == "ENAMETOOLONG"]
    expect_equal([get(e, "data.pathname_truncated") for e in long], [True], "mark of the long path")
    expect_equal(set(get(long[0], "data.pathname")), {"l"}, "the long path")
    name = b"a\xff\n\x80\"\x1b[31m\\"
    expect(name in [raw(n) for n in opens if n is not None], "bytes that are no text")
    below = run.one("openat", pathname="below")
    expect_equal(data(below, "dirfd_path", "pathname_abs"), {"dirfd_path": None, "pathname_abs": None}, "bad dirfd")


def check_counts(run, results):
    iov = {get(e, "data.iovcnt"): e for e in run.of("writev") if get(e, "data.retval") < 0}
    expect(get(iov[1 << 30], "data.iov_truncated") or get(iov[1 << 30], "data.iov_unreadable"), "mark of 2^30 vectors")
    bad = [e for e in run.of("writev") if get(e, "data.iovcnt") == 2 and get(e, "data.iov_unreadable")]
    expect_equal(len(bad), 1, "vectors that cannot be read")
    sent = run.of("sendmsg")
    expect_equal(len(sent), 3, "calls of sendmsg")
    expect_equal(get(sent[0], "data.msg_unreadable"), True, "message that cannot be read")
    expect_equal(get(sent[1], "data.msg.fds"), None, "descriptors of a wild message")
    expect_equal(get(sent[2], "data.msg.data"), "abc", "data of a message with a broken control message")
    binds = {get(e, "data.addrlen"): e for e in run.of("bind")}
    expect_equal(get(binds[0xffffffff], "data.addr_truncated"), True, "mark of the endless address")
    expect_equal(get(binds[16], "data.addr_unreadable"), True, "address that cannot be read")
    calls = [e for e in run.of("clone3", "bpf") if get(e, "data.retval") < 0]
    expect_equal(len(calls), 2, "clone3 and bpf")
    expect_equal([get(e, "data.retval") for e in calls], [results["clone3"], results["bpf"]], "their results")


def check_arguments(run):
    calls = [e for e in run.of("execve", pid=run.pid) if get(e, "data.retval") < 0]
    expect_equal(len(calls), 3, "calls of execve that failed")
    expect_equal(get(calls[0], "data.argv_truncated"), True, "mark of three million arguments")
    expect_equal(set(get(calls[0], "data.argv")), {"argument"}, "the first of them")
    expect_equal(get(calls[1], "data.argv_truncated"), True, "mark where an argument cannot be read")
    expect_equal(get(calls[1], "data.argv"), ["argument"], "what is before it")
    expect_equal(get(calls[2], "data.argv_unreadable"), True, "no argv")


@case("hostile: bad, unmapped and endless memory, wild counts, memory that changes, places that are gone")
def hostile(daemon):
    directory = workdir(daemon)
    run = daemon.trigger("hostile", directory)
    results = told(run)
    check_strings(run)
    check_counts(run, results)
    check_arguments(run)
    closes = {get(e, "data.fd"): e for e in run.of("close") if get(e, "data.retval") < 0}
    expect_equal([get(e, "data.fd_path") for e in closes.values()], [None] * len(closes), "descriptors that are none")
    expect({999, -1} <= set(closes), f"closed: {sorted(closes)}")
    raced = [r["raced"] for r in run.report if "raced" in r]
    opened = [e for e in run.of("openat") if str(get(e, "data.pathname")).startswith("race-") and
              "O_NOATIME" in get(e, "data.flags")]
    expect_equal([get(e, "data.resolved_path") for e in opened], raced, "files that were really opened")
    deleted = run.one("openat", pathname="in-deleted")
    expect_equal(data(deleted, "pathname_abs", "pathname_abs_deleted"),
                 {"pathname_abs": directory + "/gone/in-deleted", "pathname_abs_deleted": True}, "below what was removed")
    outside = run.one("openat", pathname="in-unreachable")
    expect_equal(get(outside, "data.pathname_abs_unreachable"), True, "mark of what is outside of the root")
    expect_equal(get(run.one("openat", pathname="/in-root"), "data.pathname_abs"), "/in-root", "below the new root")


def main():
    args = options(__doc__).parse_args()
    with Session(args, events=["syscalls", "sched_process_fork", "sched_process_exec", "sched_process_exit"]) as session:
        return session.run_all(CASES)


if __name__ == "__main__":
    sys.exit(main())
