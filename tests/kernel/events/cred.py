# SPDX-License-Identifier: LGPL-2.1-or-later
"""Credentials, memory protection, signals and tracing."""
import ctypes
import mmap
import os
import resource
import signal

from harness import expect, expect_equal, get
from registry import event_case

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_NAME = 15
CLONE_NEWUTS, CLONE_NEWUSER = 0x04000000, 0x10000000
PTRACE_TRACEME, PTRACE_ATTACH = 0, 16


def sleeping_child():
    """Pid of a child that waits to be killed."""
    pid = os.fork()
    if pid == 0:
        while True:
            signal.pause()
    return pid


def end_child(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


@event_case("commit_creds")
def commit_creds(daemon):
    """A process gives up its user id, and with it its capabilities"""
    run = daemon.act(lambda: os.setresuid(12345, 12346, 12347))
    seen = run.one("commit_creds", new_uid=12345)
    expect_equal([get(seen, f"data.{k}") for k in ("old_uid", "old_euid", "new_euid", "new_suid",
                                                   "new_fsuid")],
                 [0, 0, 12346, 12347, 12346], "user ids")
    expect("ALL" in get(seen, "data.old_cap_effective"), "capabilities before")
    expect_equal(get(seen, "data.new_cap_effective"), [], "capabilities after")
    expect(get(seen, "data.old_user_ns") == get(seen, "data.new_user_ns") != 0, "user namespace")


@event_case("commit_creds")
def commit_user_namespace(daemon):
    """A process enters a new user namespace"""
    def enter():
        if LIBC.unshare(CLONE_NEWUSER) < 0:
            raise OSError(ctypes.get_errno(), "unshare")
        return os.stat("/proc/self/ns/user").st_ino
    run = daemon.act(enter)
    run.one("commit_creds", new_user_ns=run.report[0])


@event_case("cap_capable")
def cap_capable(daemon):
    """A capability is used, and one that is missing is asked for"""
    def chroot():
        os.chroot("/")
        os.setresuid(12345, 12345, 12345)
        try:
            os.chroot("/")
        except PermissionError:
            return None
        raise AssertionError("chroot succeeded")
    run = daemon.act(chroot)
    seen = run.of("cap_capable", cap="CAP_SYS_CHROOT")
    expect_equal([get(e, "data.retval") for e in seen], [0, -1], "results")
    expect(get(seen[0], "data.user_ns") != 0, "user namespace")


@event_case("switch_task_ns")
def switch_task_ns(daemon):
    """A process gets its own uts namespace and leaves the others"""
    def unshare():
        if LIBC.unshare(CLONE_NEWUTS) < 0:
            raise OSError(ctypes.get_errno(), "unshare")
        return os.stat("/proc/self/ns/uts").st_ino
    run = daemon.act(unshare)
    seen = run.one("switch_task_ns", new_uts=run.report[0])
    expect_equal(get(seen, "data.pid"), run.pid, "process")
    expect_equal([get(seen, f"data.new_{k}") for k in ("mnt", "pid", "ipc", "net", "cgroup", "time")],
                 [0] * 6,
                 "namespaces that stay")


@event_case("security_task_prctl")
def task_prctl(daemon):
    """A thread is renamed"""
    run = daemon.act(lambda: LIBC.prctl(PR_SET_NAME, b"hawk-name", 0, 0, 0))
    seen = run.one("security_task_prctl", option="PR_SET_NAME")
    expect_equal(get(seen, "data.name"), "hawk-name", "new name")


@event_case("security_task_setrlimit")
def task_setrlimit(daemon):
    """A process changes a limit of another"""
    def limit():
        child = sleeping_child()
        resource.prlimit(child, resource.RLIMIT_NOFILE, (77, 99))
        end_child(child)
        return child
    run = daemon.act(limit)
    seen = run.one("security_task_setrlimit", target_host_pid=run.report[0])
    expect_equal([get(seen, f"data.{k}") for k in ("resource", "new_rlim_cur", "new_rlim_max")],
                 ["RLIMIT_NOFILE", 77, 99], "limit")


@event_case("do_sigaction")
def do_sigaction(daemon):
    """A signal is ignored that was not"""
    def ignore():
        signal.signal(signal.SIGUSR2, signal.SIG_DFL)
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    run = daemon.act(ignore)
    seen = run.of("do_sigaction", sig="SIGUSR2", is_sa_initialized=True)[-1]
    expect_equal(get(seen, "data.is_old_sa_initialized"), True, "signal() returns the handler before")
    expect_equal((get(seen, "data.old_sa_handle_method"), get(seen, "data.sa_handle_method")), (0, 1),
                 "methods")


@event_case("signal_generate")
def signal_generate(daemon):
    """A process kills another, and one of its own threads"""
    def kill():
        child = sleeping_child()
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGUSR1)
        end_child(child)
        return child
    run = daemon.act(kill)
    seen = run.one("signal_generate", pid=run.pid)
    expect_equal([get(seen, f"data.{k}") for k in ("sig", "target_pid", "target_uid", "code", "group",
                                                   "result")],
                 ["SIGKILL", run.report[0], 0, 0, True, 0], "the signal")


@event_case("security_ptrace_access_check")
def ptrace_access_check(daemon):
    """A process attaches to another as a debugger"""
    def attach():
        child = sleeping_child()
        if LIBC.ptrace(PTRACE_ATTACH, child, 0, 0) < 0:
            raise OSError(ctypes.get_errno(), "ptrace")
        os.waitpid(child, 0)
        end_child(child)
        return child
    run = daemon.act(attach)
    seen = run.of("security_ptrace_access_check", target_pid=run.report[0])
    expect("PTRACE_MODE_ATTACH" in get(seen[0], "data.mode"), f"mode: {seen}")


@event_case("security_ptrace_traceme")
def ptrace_traceme(daemon):
    """A process asks its parent to trace it"""
    run = daemon.act(lambda: LIBC.ptrace(PTRACE_TRACEME, 0, 0, 0))
    expect_equal(get(run.one("security_ptrace_traceme"), "data.parent_pid"), os.getpid(), "parent")


@event_case("proc_mem_access")
def proc_mem(daemon):
    """The memory of another process is opened for writing"""
    def open_mem():
        child = sleeping_child()
        os.close(os.open(f"/proc/{child}/mem", os.O_RDWR))
        end_child(child)
        return child
    run = daemon.act(open_mem)
    seen = run.one("proc_mem_access", target_pid=run.report[0])
    expect_equal(get(seen, "data.retval"), 0, "result")
    expect("O_RDWR" in get(seen, "data.flags"), "flags")


def protections(*steps):
    """A function that maps a page with the first of STEPS, gives it the others in turn, and returns its address."""
    def act():
        LIBC.mmap.restype = ctypes.c_void_p
        at = LIBC.mmap(None, 4096, steps[0], mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
        for step in steps[1:]:
            if LIBC.mprotect(ctypes.c_void_p(at), 4096, step) < 0:
                raise OSError(ctypes.get_errno(), "mprotect")
        return hex(at)
    return act


READ, WRITE, EXEC = mmap.PROT_READ, mmap.PROT_WRITE, mmap.PROT_EXEC


@event_case("mem_prot_alert")
def alerts(daemon):
    """Memory becomes writable and executable in all four ways"""
    for steps, alert in (((WRITE | EXEC,), "mapped_writable_and_executable"),
                         ((READ, READ | EXEC), "made_executable"),
                         ((READ | EXEC, READ | WRITE | EXEC), "executable_made_writable"),
                         ((READ | WRITE, READ | EXEC), "writable_made_executable")):
        run = daemon.act(protections(*steps))
        seen = run.of("mem_prot_alert", addr=run.report[0], len=4096)
        expect_equal([get(e, "data.alert") for e in seen], [alert], f"alerts for {steps}")


@event_case("mem_prot_alert")
def no_alert(daemon):
    """Memory that only becomes read-only is no alert"""
    run = daemon.act(protections(READ | WRITE, READ, READ | WRITE))
    expect_equal(run.of("mem_prot_alert"), [], "alerts")


@event_case("security_file_mprotect")
def file_mprotect(daemon):
    """A mapped file becomes executable"""
    path = daemon.file_with(b"x" * 4096)

    def protect():
        with open(path, "rb") as f:
            LIBC.mmap.restype = ctypes.c_void_p
            at = LIBC.mmap(None, 4096, READ, mmap.MAP_PRIVATE, f.fileno(), 0)
            LIBC.mprotect(ctypes.c_void_p(at), 4096, READ | EXEC)
            return hex(at)
    run = daemon.act(protect)
    seen = run.one("security_file_mprotect", addr=run.report[0])
    expect_equal([get(seen, f"data.{k}") for k in ("pathname", "inode", "len", "prev_prot", "prot")],
                 [path, os.stat(path).st_ino, 4096, ["PROT_READ"], ["PROT_READ", "PROT_EXEC"]], "mapping")


@event_case("security_file_mprotect")
def part_of_mapping(daemon):
    """The second page of four gets another protection"""
    def protect():
        LIBC.mmap.restype = ctypes.c_void_p
        at = LIBC.mmap(None, 4 * 4096, READ, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0) + 4096
        LIBC.mprotect(ctypes.c_void_p(at), 100, READ | WRITE)
        return hex(at)
    run = daemon.act(protect)
    seen = run.one("security_file_mprotect", addr=run.report[0])
    expect_equal((get(seen, "data.len"), get(seen, "data.pkey")), (4096, -1), "range")
