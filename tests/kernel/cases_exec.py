# SPDX-License-Identifier: LGPL-2.1-or-later
"""Live tests: what an exec and an exit tell about a program and its process."""
import datetime
import fcntl
import os
import shutil
import struct
import termios
import threading
import time

from cases import case, overlay, permissions, workdir
from harness import Daemon, Skip, expect, expect_equal, get

NOBODY = 65534
CAP_NET_RAW = 13


def program(daemon, directory, name):
    """A copy of a program that does nothing."""
    path = os.path.join(directory, name)
    shutil.copy(os.path.join(daemon.bin, "sentinel"), path)
    return path


def execute(path, prepare=lambda: None, env=None):
    """Runs a program in a child, in which PREPARE was called before; returns the child's pid."""
    pid = os.fork()
    if pid == 0:
        try:
            prepare()
            os.execve(path, [path], os.environ if env is None else env)
        finally:
            os._exit(127)  # what comes next is for the parent
    expect_equal(os.waitpid(pid, 0)[1], 0, f"end of {path}")
    return pid


def become_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def nanoseconds(stamp):
    whole, part = stamp.rstrip("Z").split(".")
    at = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc)
    return int(at.timestamp()) * 10**9 + int(part.ljust(9, "0"))


def suid_directory(daemon):
    directory = workdir(daemon)
    if os.statvfs(directory).f_flag & os.ST_NOSUID:
        raise Skip("the temporary directory is mounted nosuid")
    return directory


@case("set-user-ID program: credentials before and after")
def setuid_exec(daemon):
    run = daemon.trigger("setuid_exec", suid_directory(daemon))
    pid = run.report[-1]["child"]
    event = run.one("sched_process_exec", pid=pid)
    ids = [get(event, f"process.{name}") for name in ("uid", "euid", "suid", "gid")]
    expect_equal(ids, [65534, 0, 0, 65534], "uid, euid, suid, gid after the exec")
    expect("setuid" in get(event, "data.flags", []), f"flags: {get(event, 'data.flags')}")
    expect_equal(permissions(event), 0o4755, "mode of the program")
    expect_equal([get(event, f"data.previous.{name}") for name in ("uid", "euid", "suid")], [None, 65534, 65534],
                 "euid and suid before the exec; uid did not change")
    # The change to user 65534 is told before the exec, which shows it.
    before = [e for e in run.of("process.context", pid=pid) if get(e, "process.euid") == 65534]
    expect(before, "no process.context with euid 65534")
    expect(run.events.index(before[0]) < run.events.index(event), "the context came after the exec")


@case("set-group-ID program: the group before and after")
def setgid_exec(daemon):
    path = program(daemon, suid_directory(daemon), "setgid")
    os.chown(path, 0, 4242)
    os.chmod(path, 0o2755)
    run = daemon.act(lambda: {"child": execute(path, become_nobody)})
    event = run.one("sched_process_exec", pid=run.report[0]["child"])
    expect("setgid" in get(event, "data.flags", []), f"flags: {get(event, 'data.flags')}")
    expect_equal([get(event, f"process.{name}") for name in ("gid", "egid", "sgid", "fsgid", "euid")],
                 [NOBODY, 4242, 4242, 4242, NOBODY], "gid, egid, sgid, fsgid, euid after the exec")
    expect_equal([get(event, f"data.previous.{name}") for name in ("egid", "sgid", "fsgid")], [NOBODY] * 3,
                 "egid, sgid, fsgid before")
    expect_equal(get(event, "data.previous.gid"), None, "what did not change")


@case("program with file capabilities: what the process may do before and after")
def filecaps_exec(daemon):
    path = program(daemon, suid_directory(daemon), "capable")
    # struct vfs_ns_cap_data, version 2, include/uapi/linux/capability.h: permitted, and effective at once
    try:
        os.setxattr(path, "security.capability", struct.pack("<5I", 0x02000001, 1 << CAP_NET_RAW, 0, 0, 0))
    except OSError as problem:
        raise Skip(f"no capabilities of files here: {problem}") from None
    run = daemon.act(lambda: {"child": execute(path, become_nobody)})
    event = run.one("sched_process_exec", pid=run.report[0]["child"])
    expect("filecaps" in get(event, "data.flags", []), f"flags: {get(event, 'data.flags')}")
    for name in ("permitted", "effective"):
        expect_equal(get(event, f"process.caps.{name}"), ["CAP_NET_RAW"], f"{name} after the exec")
        expect_equal(get(event, f"data.previous.cap_{name}"), [], f"{name} before")
    plain = program(daemon, os.path.dirname(path), "plain")
    run = daemon.act(lambda: {"child": execute(plain, become_nobody)})
    expect_equal(run.one("sched_process_exec", pid=run.report[0]["child"])["data"].get("flags", []), [],
                 "flags of a program without")


@case("program that was changed in a container: from the upper layer of an overlay")
def overlay_exec(daemon):
    with overlay(daemon) as directory:
        added = program(daemon, directory + "/merged", "added")
        run = daemon.act(lambda: {"upper": execute(added), "lower": execute(directory + "/merged/program")})
        flags = {layer: run.one("sched_process_exec", pid=pid)["data"].get("flags", [])
                 for layer, pid in run.report[0].items()}
    expect("overlay_upper" in flags["upper"] and "overlay_upper" not in flags["lower"], f"flags: {flags}")


@case("exec: times, owner and device of the program, its terminal")
def exec_facts(daemon):
    path = program(daemon, workdir(daemon), "facts")
    os.utime(path, ns=(1, 1234567890123456789))
    os.chown(path, 11, 12)
    master, slave = os.openpty()

    def own_terminal():
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    try:
        terminal = os.ttyname(slave)
        run = daemon.act(lambda: {"child": execute(path, own_terminal)})
    finally:
        os.close(master)
        os.close(slave)
    event = run.one("sched_process_exec", pid=run.report[0]["child"])
    status = os.stat(path)
    expect_equal([nanoseconds(get(event, "data.mtime")), nanoseconds(get(event, "data.ctime"))],
                 [status.st_mtime_ns, status.st_ctime_ns], "mtime, ctime")
    expect_equal([get(event, f"data.{name}") for name in ("inode", "inode_uid", "inode_gid")],
                 [status.st_ino, 11, 12], "inode, owner, group")
    expect_equal(get(event, "process.tty"), terminal.replace("/dev/pts/", "pts"), "terminal")


@case("exec: the environment when it is asked for, in one record and in several")
def environment(daemon):
    other = Daemon(daemon.program, daemon.bin, kernel=daemon.kernel + 'environment_max = "128K";')
    path = program(daemon, workdir(daemon), "env")
    small = {"PLAIN": "yes", "LD_LIBRARY_PATH": "/x", "EMPTY": ""}
    large = {f"NAME{i}": "v" * 900 for i in range(40)}
    try:
        other.start()
        for env in (small, large):
            run = other.act(lambda e=env: {"child": execute(path, env=e)})
            event = run.one("sched_process_exec", pid=run.report[0]["child"])
            expect_equal(get(event, "data.env"), [f"{k}={v}" for k, v in env.items()], "environment")
    finally:
        other.stop()
        other.remove()
    # else those only that change what programs load
    run = daemon.act(lambda: {"child": execute(path, env=small)})
    event = run.one("sched_process_exec", pid=run.report[0]["child"])
    expect_equal(get(event, "data.env"), ["LD_LIBRARY_PATH=/x"], "environment that nobody asked for")


def work(seconds):
    """Uses the processor for so long."""
    while time.process_time() < seconds:
        pass


@case("exit: how long it ran and what it used")
def exit_times(daemon):
    def child():
        pid = os.fork()
        if pid == 0:
            work(0.2)
            os._exit(0)
        os.waitpid(pid, 0)
        return {"child": pid}
    run = daemon.act(child)
    event = run.one("sched_process_exit", pid=run.report[0]["child"])
    expect_equal(get(event, "data.run_time"), nanoseconds(event["time"]) - nanoseconds(get(event, "process.start_time")),
                 "run time")
    # By ticks of the clock, of which the machine below may take its share: no more can be said.
    used = get(event, "data.user_time") + get(event, "data.system_time")
    expect(0 < used <= get(event, "data.run_time") + 20e6, f"used {used} of {get(event, 'data.run_time')}")


@case("exit of a process with threads: all at once, by exit_group")
def exit_of_threads(daemon):
    def child():
        pid = os.fork()
        if pid == 0:
            threading.Thread(target=threading.Event().wait).start()
            os._exit(0)
        os.waitpid(pid, 0)
        return {"child": pid}
    run = daemon.act(child)
    event = run.one("sched_process_exit", pid=run.report[0]["child"])
    expect_equal(get(event, "data.group_exit"), True, "ended by exit_group")


@case("login uid and session of a process are those that /proc tells")
def login(daemon):
    def start():
        with open("/proc/self/loginuid", encoding="ascii") as own, open("/proc/self/sessionid", encoding="ascii") as session:
            ids = {"loginuid": int(own.read()), "sessionid": int(session.read())}
        if ids["loginuid"] == 0xffffffff:
            try:
                with open("/proc/self/loginuid", "w", encoding="ascii") as own:
                    own.write("4711")
                ids["loginuid"] = 4711
                with open("/proc/self/sessionid", encoding="ascii") as session:
                    ids["sessionid"] = int(session.read())
            except OSError:
                pass
        return {"child": execute(os.path.join(daemon.bin, "sentinel")), **ids}
    run = daemon.act(start)
    did = run.report[0]
    event = run.one("sched_process_exec", pid=did["child"])
    for name in ("loginuid", "sessionid"):
        expect_equal(get(event, f"process.{name}") & 0xffffffff, did[name], name)


@case("exec from a thread: the process keeps its pid, the thread is told")
def exec_thread(daemon):
    run = daemon.trigger("exec_thread")
    row = run.report[0]
    events = run.of("sched_process_exec", pid=run.pid)
    expect_equal(len(events), 2, "exec events")
    expect_equal(get(events[-1], "data.old_tid"), row["tid"], "old_tid")
    expect_equal(get(events[-1], "process.tid"), run.pid, "tid after the exec")
    expect_equal(get(events[-1], "data.argv"), ["exec_thread", "--done"], "argv")
    expect_equal(len(run.of("sched_process_exit", pid=run.pid)), 1, "exit events")
    expect_equal(len(run.of("execve", pid=run.pid)), 2, "execve calls")


@case("exec of a memfd of huge pages is one of a memfd")
def exec_huge(daemon):
    pages = "/proc/sys/vm/nr_hugepages"
    try:
        with open(pages, encoding="ascii") as file:
            before = file.read().strip()
        with open(pages, "w", encoding="ascii") as file:
            file.write(str(int(before) + 2))  # the file, and what its private mapping may come to need
    except OSError as problem:
        raise Skip(f"no huge pages: {problem}") from None
    try:
        run = daemon.trigger("exec_huge")
    finally:
        with open(pages, "w", encoding="ascii") as file:
            file.write(before)
    if not run.report:
        raise Skip("no huge pages are free")
    row = run.report[0]
    expect_equal(row["exit"], 7, "exit status")
    event = run.one("sched_process_exec", pid=row["child"])
    expect("memfd" in get(event, "data.flags", []), f"flags: {get(event, 'data.flags')}")
    expect_equal(get(event, "process.exe"), "memfd:huge", "exe")
