# SPDX-License-Identifier: LGPL-2.1-or-later
"""Life cycle of processes."""
import ctypes
import os
import signal
import subprocess
import threading

from harness import Skip, expect, expect_equal, get
from registry import event_case

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_NAME = 15  # include/uapi/linux/prctl.h


@event_case("sched_process_fork", "sched_process_exec", "sched_process_exit")
def life_cycle(daemon):
    """A process is born, starts a program and ends"""
    run = daemon.trigger("exits")
    for row in run.report[:1]:
        child = row["child"]
        expect_equal(get(run.one("sched_process_fork", child_pid=child), "process.pid"), run.pid, "parent")
        run.one("sched_process_exit", pid=child)
    run.one("sched_process_exec", pid=run.pid)


@event_case("sched_process_fork", "sched_process_exec")
def who_starts(daemon):
    """A thread renames its process, forks, and the child starts programs with a file, a pipe and nothing as its input"""
    path = daemon.file_with(b"input")

    def start(redirect):
        if os.fork() == 0:
            try:
                redirect()
                os.execv("/bin/true", ["true", "started"])
            finally:
                os._exit(98)
        expect_equal(os.wait()[1], 0, "status")

    def work():
        LIBC.prctl(PR_SET_NAME, b"before-exec", 0, 0, 0)
        read, _write = os.pipe()
        start(lambda: os.dup2(os.open(path, os.O_RDONLY), 0))
        start(lambda: os.dup2(read, 0))
        start(lambda: os.close(0))
        forks = []

        def fork():
            forks.append(threading.get_native_id())
            start(lambda: None)
        thread = threading.Thread(target=fork)
        thread.start()
        thread.join()
        return {"thread": forks[0]}
    run = daemon.act(work)
    seen = [e for e in run.of("sched_process_exec") if get(e, "data.argv") == ["true", "started"]]
    expect_equal([get(e, "data.prev_comm") for e in seen[:3]], ["before-exec"] * 3, "names before")
    expect_equal([get(e, "process.comm") for e in seen], ["true"] * 4, "names after")
    expect_equal([get(e, "data.stdin_type") for e in seen[:3]], ["0100000", "010000", "0"], "types of the input")
    inputs = [get(e, "data.stdin_path") for e in seen[:3]]
    expect_equal((inputs[0], inputs[2]), (path, None), "the input")
    expect(inputs[1].startswith("pipe:["), f"a pipe: {inputs[1]}")
    expect_equal([get(e, "data.invoked_from_kernel") for e in seen], [False] * 4, "started by the kernel")
    forks = [(get(e, "data.parent_tid"), get(e, "data.parent_ns_tid"), get(e, "data.parent_pid"))
             for e in run.of("sched_process_fork", pid=run.pid)]
    thread = run.report[0]["thread"]
    expect_equal(forks, [(run.pid, run.pid, run.pid)] * 3 + [(thread, thread, run.pid)], "who forks")


@event_case("sched_process_exec")
def scripts(daemon):
    """Scripts start: by a relative path, with an argument in the first line, by another script, by a descriptor"""
    inner = daemon.file_with(b"#!/bin/sh -e\nexit 0\n", "inner")
    outer = daemon.file_with(f"#!{inner} with  spaces\n".encode(), "outer")
    shell = os.path.realpath("/bin/sh")
    for path in (inner, outer):
        os.chmod(path, 0o755)

    def start(function, *args):
        if os.fork() == 0:
            try:
                function(*args)
            finally:
                os._exit(98)
        expect_equal(os.wait()[1], 0, f"status of {args}")

    def work():
        os.chdir(os.path.dirname(inner))
        start(os.execv, "./inner", ["given", "x", ""])
        start(os.execv, outer, ["given", "x"])
        fd = os.open(inner, os.O_RDONLY)
        os.set_inheritable(fd, True)
        start(os.execve, fd, ["given"], {})
        return fd
    run = daemon.act(work)
    fd = run.report[0]
    seen = [(get(e, "data.cmdpath"), get(e, "data.pathname"), get(e, "data.interp"), get(e, "data.argv"))
            for e in run.of("sched_process_exec")]
    expect_equal(seen, [
        ("./inner", shell, "/bin/sh", ["/bin/sh", "-e", "./inner", "x", ""]),
        (outer, shell, "/bin/sh", ["/bin/sh", "-e", inner, "with  spaces", outer, "x"]),
        (f"/dev/fd/{fd}", shell, "/bin/sh", ["/bin/sh", "-e", f"/dev/fd/{fd}"])], "asked for, real, interpreter, arguments")
    marks = [get(e, "data.flags") for e in run.of("sched_process_exec")]
    expect(all("script" in flags for flags in marks), f"marks: {marks}")


BINFMT = "/proc/sys/fs/binfmt_misc"


@event_case("sched_process_exec")
def registered_interpreter(daemon):
    """A file starts by an interpreter that binfmt_misc has for it; a program that is none is not marked"""
    path = daemon.file_with(b"HAWKTEST and more")
    os.chmod(path, 0o755)
    mounted = os.path.exists(BINFMT + "/register")
    if not mounted and subprocess.run(["mount", "-t", "binfmt_misc", "none", BINFMT], stderr=subprocess.DEVNULL,
                                      check=False).returncode:
        raise Skip("this kernel has no binfmt_misc")
    try:
        with open(BINFMT + "/register", "w", encoding="ascii") as register:
            register.write(":hawktest:M::HAWKTEST::/bin/true:")
        run = daemon.act(lambda: os.execv(path, ["given", "x"]))
        with open(BINFMT + "/hawktest", "w", encoding="ascii") as entry:
            entry.write("-1")
    finally:
        if not mounted:
            subprocess.run(["umount", BINFMT], check=False)
    seen = run.one("sched_process_exec")
    expect_equal((get(seen, "data.cmdpath"), get(seen, "data.pathname"), get(seen, "data.interp"), get(seen, "data.argv")),
                 (path, os.path.realpath("/bin/true"), "/bin/true", ["/bin/true", path, "x"]), "asked for, real, …")
    expect("script" in get(seen, "data.flags"), "mark")
    plain = daemon.act(lambda: os.execv("/bin/true", ["true"])).one("sched_process_exec")
    expect("script" not in (get(plain, "data.flags") or []), "mark of a program")


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


@event_case("task_rename")
def rename(daemon):
    """A program gives itself another name, and another program another one"""
    def change():
        ctypes.CDLL(None).prctl(PR_SET_NAME, b"a\nname beyond its end", 0, 0, 0)
        with open("/proc/self/task/%d/comm" % os.getpid(), "wb", buffering=0) as name:
            name.write(b"written")
    run = daemon.act(change)
    first, second = run.of("task_rename", target_tid=run.pid)
    expect_equal(get(first, "data.new_name"), "a\nname beyond i", "name by prctl")  # which reads 16 bytes
    expect_equal((get(second, "data.old_name"), get(second, "data.new_name")), ("a\nname beyond i", "written"),
                 "name by /proc")
    expect_equal(get(second, "data.target_pid"), run.pid, "process")


@event_case("do_exit")
def thread_ends(daemon):
    """A second thread ends, then the process by a signal"""
    def ends():
        thread = threading.Thread(target=lambda: None)
        thread.start()
        tid = thread.native_id
        thread.join()
        if os.fork() == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        _, status = os.wait()
        return {"tid": tid, "status": status}
    run = daemon.act(ends)
    thread = [e for e in run.of("do_exit") if get(e, "process.tid") == run.report[0]["tid"]]
    expect_equal([get(e, "data.code") for e in thread], [0], "end of the thread")
    killed = run.one("do_exit", signal="SIGKILL")
    expect_equal(get(killed, "data.code"), run.report[0]["status"], "code")
    expect_equal(get(run.of("do_exit", pid=run.pid)[-1], "process.tid"), run.pid, "last thread of the process")
