# SPDX-License-Identifier: LGPL-2.1-or-later
"""The live cases: each runs a trigger and says what must have been seen."""
import contextlib
import ctypes
import json
import os
import shutil
import stat
import subprocess
import tempfile

from harness import Daemon, Run, Skip, expect, expect_equal, get, raw, until

CASES = []
ARGV_MAX = 128 << 10
LIFE = ("sched_process_fork", "sched_process_exec", "sched_process_exit")


def case(doc):
    """Registers a case; DOC is its name in the report."""
    def register(function):
        CASES.append((doc, function))
        return function
    return register


def workdir(daemon):
    """A directory that everybody can reach, below the daemon's own."""
    path = tempfile.mkdtemp(dir=daemon.dir)
    os.chmod(path, 0o755)
    return path


def alternative(daemon, event):
    """Name of the probe alternative that the planner chose for EVENT."""
    shown = json.loads(daemon.ctl("event", "show", event, "-o", "json"))
    chosen = [a for a in shown["alternatives"] if a["chosen"]]
    return chosen[0]["name"] if chosen else None


def by_calls(daemon, event):
    """EVENT is made of system calls: this kernel's functions cannot be hooked."""
    return alternative(daemon, event) == "syscalls"


def permissions(event):
    """Permission bits of the executed program."""
    return int(get(event, "data.inode_mode"), 8) & 0o7777


def expect_life(run, pid, names=LIFE):
    """The life cycle of PID was told completely, in order, once."""
    expect_equal(run.life.get(pid, []), list(names), f"life cycle of pid {pid}")


@case("fork storm: 2,000 children, each fork and exit once")
def fork_storm(daemon):
    run = daemon.trigger("fork_storm", 2000)
    children = {r["child"]: r["status"] for r in run.report if "child" in r}
    forks = [get(e, "data.child_pid") for e in run.of("sched_process_fork", pid=run.pid)]
    expect_equal(sorted(forks), sorted(children), "children in fork events")
    exits = run.of("sched_process_exit")
    seen = {get(e, "process.pid"): get(e, "data.exit_code") for e in exits}
    expect_equal(len(exits), len(children) + 1, "number of exit events")
    for pid, status in seen.items():
        if pid != run.pid:
            expect_equal(status, children.get(pid), f"exit code of {pid}")
            expect_life(run, pid, (LIFE[0], LIFE[2]))
    listed = json.loads(daemon.ctl("process", "list", "-o", "json"))["processes"]
    expect_equal([p["pid"] for p in listed if p["pid"] in children], [], "children that the table holds for alive")


@case("short-lived: 200 processes that live below a millisecond, in full")
def short_lived(daemon):
    run = daemon.trigger("short_lived", 200)
    for row in run.report:
        expect_life(run, row["child"])
        done = run.one("sched_process_exec", pid=row["child"])
        expect_equal(get(done, "process.argv")[1:], ["--number", str(row["number"])], "argv")
        expect_equal(get(done, "process.exe"), os.path.join(daemon.bin, "short_lived"), "exe")
        expect_equal(get(done, "process.ppid"), run.pid, "ppid")
        ended = run.one("sched_process_exit", pid=row["child"])
        expect_equal(get(ended, "data.exit_code"), row["number"] % 256, "exit code")
        expect_equal(get(ended, "process.argv"), get(done, "process.argv"), "argv at exit")


def big_argv(total):
    """The arguments that the trigger argv_big gives to itself."""
    args = ["argv_big", "--big"]
    used = sum(len(a) + 1 for a in args)
    while used + 10 <= total:
        length = min(total - used, 1001)
        args.append(f"{len(args):08d}".ljust(length - 1, chr(ord("a") + len(args) % 26)))
        used += length
    return args


def check_argv(daemon, total):
    run = daemon.trigger("argv_big", total)
    event = run.of("sched_process_exec", pid=run.pid)[-1]
    wanted = big_argv(total)
    seen = get(event, "data.argv")
    expect_equal(get(event, "data.argv_incomplete"), None, "mark of a missing part")
    length = sum(len(a) + 1 for a in wanted)
    if length <= ARGV_MAX:
        expect_equal(seen, wanted, "argv")
        expect_equal(get(event, "data.argv_truncated"), None, "mark of truncation")
        return
    expect_equal(get(event, "data.argv_truncated"), True, "mark of truncation")
    expect_equal(get(event, "data.argv_length"), length, "length before truncation")
    whole = len(seen) - 1
    expect_equal(seen[:whole], wanted[:whole], "argv up to the cut")
    expect(wanted[whole].startswith(seen[whole]), "the argument at the cut is not a prefix")
    got = sum(len(a) + 1 for a in seen)
    expect(ARGV_MAX - 1024 <= got <= ARGV_MAX + 1, f"{got} bytes of argv kept, wanted {ARGV_MAX}")


for _bytes in (200, 4000, 5000, 33000, 102400, ARGV_MAX, 300000, 1000000):
    case(f"argv of {_bytes:,} bytes")(lambda daemon, total=_bytes: check_argv(daemon, total))


@case("deep path: 300 components, resolved from openat steps")
def deep_path(daemon):
    run = daemon.trigger("deep_path", workdir(daemon), 300)
    row = run.report[0]
    call = run.one("openat", pathname="end")
    expect_equal(get(call, "data.retval"), row["fd"], "descriptor")
    expect_equal(get(call, "data.dirfd"), row["fd"] - 1, "dirfd")
    opened = [e for e in run.of("file_open") if get(e, "data.pathname") == row["path"]]
    expect_equal(len(opened), 1, "file_open with the whole path")
    expect("O_CREAT" in get(call, "data.flags"), "O_CREAT in flags of openat")
    steps = [e for e in run.of("openat") if str(get(e, "data.pathname")).endswith("-abcde")]
    expect_equal(len(steps), 300, "openat of the steps")


@case("odd names: bytes that are not UTF-8, newlines and escapes in paths, argv and comm")
def odd_names(daemon):
    directory = workdir(daemon)
    run = daemon.trigger("odd_names", directory)
    names = [bytes.fromhex(r["name"]) for r in run.report if "name" in r]
    prefix = os.fsencode(directory) + b"/"
    calls = [raw(get(e, "data.pathname")) for e in run.of("openat")]
    opens = [raw(get(e, "data.pathname")) for e in run.of("file_open")]
    for name in names:
        expect_equal(calls.count(prefix + name), 1, f"openat of {name!r}")
        expect_equal(opens.count(prefix + name), 1, f"file_open of {name!r}")
    event = run.of("sched_process_exec", pid=run.pid)[-1]
    expect_equal([raw(a) for a in get(event, "data.argv")], [b"odd_names", b"--named"] + names, "argv")
    comm = bytes.fromhex(run.report[-1]["comm"])
    expect_equal(raw(get(run.one("dup3", newfd=50), "process.comm")), comm, "comm after prctl")


@case("open by each system call: arguments, result, and file_open with the resolved path once each")
def open_all(daemon):
    directory = workdir(daemon)
    run = daemon.trigger("open_all", directory)
    path = os.path.join(directory, "file")
    succeeded = 0
    for row in run.report:
        if row["call"] == "open_by_handle_at" and row["retval"] < 0:
            continue
        found = run.of(row["call"], retval=row["retval"])
        expect_equal(len(found), 1, f"{row['call']} with result {row['retval']}")
        if row["call"] != "open_by_handle_at":
            expect_equal(get(found[0], "data.pathname"), row["path"], f"path of {row['call']}")
        if row["retval"] < 0:
            expect_equal(get(found[0], "data.errno"), "ENOENT", "name of the error")
            continue
        succeeded += 1
    opened = [e for e in run.of("file_open") if get(e, "data.pathname") == path]
    expect_equal(len(opened), succeeded, "file_open events of the file")
    missing = run.of("file_open", pathname=os.path.join(directory, "missing"))
    expect_equal(len(missing), 0, "file_open of a missing file")
    inodes = {get(e, "data.inode") for e in opened}
    expect_equal(len(inodes), 1, "inodes of the file")
    flags = get(run.one("openat2"), "data.how.flags", []) or get(run.one("openat2"), "data.flags", [])
    expect("O_CLOEXEC" in flags and "O_RDWR" in flags, f"flags of openat2: {flags}")
    if alternative(daemon, "security_file_open"):
        asked = [e for e in run.of("security_file_open") if get(e, "data.pathname") == path]
        expect_equal(len(asked), succeeded, "security_file_open events of the file")


@case("exec in every way: execve, execveat, memfd, unlinked file, script, and failures")
def exec_all(daemon):
    directory = workdir(daemon)
    run = daemon.trigger("exec_all", directory)
    rows = {row["how"]: row for row in run.report}
    own = rows["execve"]["self"]
    for how in ("execve", "execveat", "memfd", "unlinked", "script"):
        pid = rows[how]["child"]
        expect_equal(rows[how]["status"], 0, f"status of {how}")
        expect_life(run, pid)
        event = run.one("sched_process_exec", pid=pid)
        if how != "script":
            expect_equal(get(event, "data.argv"), ["exec_all", "--noop", how], f"argv of {how}")
            expect_equal(get(event, "process.argv"), get(event, "data.argv"), f"process.argv of {how}")
        call = run.one("execve" if how in ("execve", "script") else "execveat", pid=pid)
        expect_equal(get(call, "data.retval"), 0, f"result of the call of {how}")
        flags = get(event, "data.flags", [])
        for mark in ("memfd", "script"):
            expect_equal(mark in flags, how == mark, f"flag {mark} of {how}: {flags}")
    for how in ("execve", "execveat", "script"):
        event = run.one("sched_process_exec", pid=rows[how]["child"])
        expect_equal(get(event, "process.exe"), own, f"exe of {how}")
        inode = os.stat(own)
        expect_equal(get(event, "data.inode"), inode.st_ino, f"inode of {how}")
        expect_equal(permissions(event), stat.S_IMODE(inode.st_mode), f"mode of {how}")
        expect_equal(get(event, "process.cwd"), os.getcwd(), f"cwd of {how}")
    script = run.one("sched_process_exec", pid=rows["script"]["child"])
    path = os.path.join(directory, "script")
    expect_equal(get(script, "data.cmdpath"), path, "requested path of the script")
    expect_equal(get(script, "data.argv"), [own, "--noop", path, "argument"], "argv of the script")
    unlinked = run.one("sched_process_exec", pid=rows["unlinked"]["child"])
    marks = json.dumps(get(unlinked, "data.flags", [])).upper() + str(get(unlinked, "data.pathname_deleted"))
    expect("UNLINKED" in marks, f"mark of the unlinked program: {marks}")
    for how, error in (("missing", "ENOENT"), ("forbidden", "EACCES")):
        pid = rows[how]["child"]
        expect_life(run, pid, (LIFE[0], LIFE[2]))
        call = run.one("execve", pid=pid)
        expect_equal(get(call, "data.errno"), error, f"error of {how}")
        expect_equal(get(call, "data.pathname"), os.path.join(directory, how), f"path of {how}")
        expect_equal(get(call, "data.argv"), [how], f"argv of {how}")


@case("threads are not events; the exit is that of the last one")
def threads(daemon):
    run = daemon.trigger("threads", 50)
    expect_equal(len(run.of("sched_process_fork", pid=run.pid)), 0, "fork events for threads")
    event = run.one("sched_process_exit", pid=run.pid)
    expect_equal(get(event, "data.exit_code"), 23, "exit code")


def place(event):
    """Address and port in the address of a call."""
    return (get(event, "data.addr.sin_addr") or get(event, "data.addr.sin6_addr"),
            get(event, "data.addr.sin_port") or get(event, "data.addr.sin6_port"))


def connection_unfinished(run, row, hooked):
    """One that was refused, or not waited for: the system call tells how it went, a hook is before that."""
    call = [e for e in run.of("connect") if place(e) == ("127.0.0.1", row["unfinished_port"])]
    expect_equal([get(e, "data.errno") for e in call], [row["errno"]], "the connect call")
    event = run.one("net_tcp_connect", pid=run.pid, dst="127.0.0.1", dst_port=row["unfinished_port"])
    expect_equal(get(event, "data.errno"), None if hooked else row["errno"], "result of the connection")


@case("TCP over IPv4 and IPv6: connect, accept, accept4; refused, and not waited for")
def tcp(daemon):
    run = daemon.trigger("tcp")
    hooked = alternative(daemon, "net_tcp_connect") != "raw_tp"
    expect_equal({row["errno"] for row in run.report if "errno" in row}, {"ECONNREFUSED", "EINPROGRESS"},
                 "what became of the connections")
    for row in run.report:
        if "unfinished_port" in row:
            connection_unfinished(run, row, hooked)
            continue
        ends = {"src": row["ip"], "src_port": row["client_port"],
                "dst": row["ip"], "dst_port": row["server_port"], "family": row["family"]}
        event = run.one("net_tcp_connect", pid=run.pid, **ends)
        expect_equal(get(event, "data.retval"), 0, "result of the connection")
        event = run.one("net_tcp_accept", pid=run.pid, **ends)
        calls = [e for e in run.of("connect") if place(e) == (row["ip"], row["server_port"])]
        expect_equal(len(calls), 1, f"connect calls to {row['ip']} port {row['server_port']}")
        taken = [e for e in run.of(row["accept"]) if place(e) == (row["ip"], row["client_port"])]
        results = [get(e, "data.retval") for e in taken]
        expect_equal(results, [row["accepted_fd"]], f"result of {row['accept']}")


@case("ptrace: requests by name, with their targets")
def ptrace_me(daemon):
    run = daemon.trigger("ptrace_me")
    for row in run.report:
        event = run.one("ptrace", request=row["request"])
        expect_equal(get(event, "process.pid"), row["pid"], f"who did {row['request']}")
        expect_equal(get(event, "data.pid"), row["target"], f"target of {row['request']}")
        expect_equal(get(event, "data.retval"), 0, f"result of {row['request']}")


NAMESPACES = {"CLONE_NEWNS": "mnt", "CLONE_NEWUTS": "uts", "CLONE_NEWIPC": "ipc", "CLONE_NEWUSER": "user",
              "CLONE_NEWPID": "pid_for_children", "CLONE_NEWNET": "net", "CLONE_NEWTIME": "time_for_children",
              "CLONE_NEWCGROUP": "cgroup"}


@case("unshare: each kind of namespace, shown by the events that follow")
def unshare_ns(daemon):
    run = daemon.trigger("unshare_ns")
    for row in run.report:
        call = run.one("unshare", pid=row["child"])
        expect_equal(get(call, "data.flags"), [row["flag"]], "flags")
        if row["errno"]:
            expect(get(call, "data.retval") == -row["errno"], f"result of {row['flag']}")
            continue
        expect_equal(get(call, "data.retval"), 0, f"result of {row['flag']}")
        name = NAMESPACES[row["flag"]]
        after = run.one("sched_process_exec", pid=row["child"])
        seen = get(after, f"process.ns.{name}")
        expect(isinstance(seen, dict), f"no namespace {name} in the exec event: {get(after, 'process.ns')}")
        expect_equal(seen.get("is_host"), False, f"is_host of {name} after {row['flag']}")
        own = get(run.of("sched_process_exec", pid=run.pid)[0], f"process.ns.{name}.inode")
        expect(seen.get("inode") != own, f"{name} did not change with {row['flag']}")


@case("memfd_create: name and flags")
def memfd(daemon):
    run = daemon.trigger("memfd")
    event = run.one("memfd_create", pid=run.pid)
    expect_equal(get(event, "data.uname"), "stash", "name")
    expect_equal(sorted(get(event, "data.flags")), ["MFD_ALLOW_SEALING", "MFD_CLOEXEC"], "flags")
    expect_equal(get(event, "data.retval"), run.report[0]["fd"], "descriptor")


@case("dup2 and dup3: descriptors, flags, failure")
def dup(daemon):
    run = daemon.trigger("dup")
    for row in run.report:
        event = run.one(row["call"], oldfd=row["oldfd"], newfd=row["newfd"])
        expect_equal(get(event, "data.retval"), row["retval"], f"result of {row['call']}")
    expect_equal(get(run.one("dup3", newfd=41), "data.flags"), ["O_CLOEXEC"], "flags of dup3")
    expect_equal(get(run.one("dup3", newfd=42), "data.errno"), "EBADF", "error of dup3")


@case("32-bit callers: 64-bit arguments in two words, signs, old layouts under their own names")
def compat(daemon):
    run = daemon.trigger("compat", os.path.join(workdir(daemon), "file"))
    if run.status == 77:
        raise Skip("this kernel has no 32-bit entry")
    for row in run.report:
        event = run.one(row["call"], retval=row["retval"], **row["data"])
        expect_equal(event.get("compat"), True, f"mark of {row['call']}")


@case("kill: signal, target, and the exit by that signal")
def kill_sig(daemon):
    run = daemon.trigger("kill_sig")
    child = run.report[-1]["child"]
    seen = [(get(e, "data.pid"), get(e, "data.sig")) for e in run.of("kill", pid=run.pid)]
    expect_equal(seen, [(child, 0), (child, "SIGTERM")], "target and signal")
    ended = run.one("sched_process_exit", pid=child)
    expect_equal(get(ended, "data.signal"), "SIGTERM", "signal of the exit")


@case("exit: status and signal")
def exits(daemon):
    signals = {9: "SIGKILL", 11: "SIGSEGV", 6: "SIGABRT", 10: "SIGUSR1"}
    run = daemon.trigger("exits")
    for row in run.report:
        event = run.one("sched_process_exit", pid=row["child"])
        if "signal" in row:
            expect_equal(get(event, "data.signal"), signals[row["signal"]], "signal")
        else:
            expect_equal(get(event, "data.exit_code"), row["status"], "status")
            expect_equal(get(event, "data.signal"), 0, "no signal")


@case("every event says which process: identity, credentials, namespaces, cgroup")
def identity(daemon):
    run = daemon.trigger("memfd")
    event = run.one("memfd_create", pid=run.pid)
    process = event["process"]
    expect_equal([process.get(k) for k in ("pid", "tid", "ppid", "ns_pid", "comm")],
                 [run.pid, run.pid, os.getpid(), run.pid, "memfd"], "pid, tid, ppid, ns_pid, comm")
    expect_equal(process.get("exe"), os.path.join(daemon.bin, "memfd"), "exe")
    expect_equal(process.get("argv"), [os.path.join(daemon.bin, "memfd")], "argv")
    for name in ("uid", "gid", "euid", "egid", "suid", "sgid", "fsuid", "fsgid"):
        expect_equal(process.get(name), 0, name)
    for name in ("loginuid", "sessionid", "start_time"):
        expect(name in process, f"no {name} in {sorted(process)}")
    spaces = get(event, "process.ns")
    expect_equal(sorted(spaces), ["cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time",
                                  "time_for_children", "user", "uts"], "namespaces")
    for name in ("uts", "ipc", "mnt", "pid", "net", "user"):
        inode = os.stat(f"/proc/self/ns/{name}").st_ino
        expect_equal(spaces[name].get("inode"), inode, f"id of the {name} namespace")
        expect("is_host" in spaces[name], f"no is_host in the {name} namespace")
        try:
            host = os.stat(f"/proc/1/ns/{name}").st_ino
        except PermissionError:
            continue  # a guarded PID 1
        expect_equal(spaces[name]["is_host"], inode == host, f"is_host of the {name} namespace")
    expect(get(event, "process.cgroup.path") is not None, "no cgroup path")


@case("a process that was there before the daemon is known, with its argv")
def seeded(daemon):
    with open("/proc/self/cmdline", "rb") as cmdline:
        argv = [os.fsdecode(a) for a in cmdline.read().split(b"\0")[:-1]]

    def known():
        return json.loads(daemon.ctl("process", "show", str(os.getpid()), "-o", "json"))["process"].get("argv")
    until(known, "argv of a process that is older than the daemon")  # a thread of its own reads them
    expect_equal(known(), argv, "argv of a process that is older than the daemon")


def answers(pid):
    """True when /proc tells the arguments of PID within a few seconds, or that there are none."""
    try:
        subprocess.run(["cat", f"/proc/{pid}/cmdline"], capture_output=True, timeout=5, check=False)
    except subprocess.TimeoutExpired:
        return False
    return True


@case("arguments in memory that never answers: the daemon starts, sees, tells, and stops")
def argv_hangs(daemon):
    victims = subprocess.Popen([os.path.join(daemon.bin, "argv_fuse"), "2"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    report = [json.loads(line) for line in iter(victims.stdout.readline, b'{"ready":true}\n') if line]
    other = Daemon(daemon.program, daemon.bin, events=[*LIFE, "openat"], kernel=daemon.kernel)
    try:
        if victims.poll() == 77 or not report:
            raise Skip("no FUSE here")
        if all(answers(row["child"]) for row in report if "child" in row):
            raise Skip("this kernel does not wait for the page under the lock that /proc takes")
        other.start()
        other.check_sight()
        until(lambda: json.loads(other.ctl("stats", "-o", "json"))["processes"]["argv_hung"] >= 2,
              "two readers that stand still")
        until(lambda: "does not answer" in other.ctl("status"), "status that tells")
        for row in report:
            shown = json.loads(other.ctl("process", "show", str(row["child"]), "-o", "json"))["process"]
            expect_equal(shown.get("argv"), None, "argv that nobody can read")
        seeded(other)
        run = other.trigger("short_lived", 5)
        for row in run.report:
            expect_life(run, row["child"])
        expect_equal(other.stop(), 0, "exit status")
    finally:
        other.stop()
        other.remove()
        victims.stdin.close()
        victims.wait()


@case("no syscall event enabled: no syscall tracepoint attached")
def links(daemon):
    events = json.loads(daemon.ctl("event", "list", "-o", "json"))["events"]
    off = [e["name"] for e in events if e["enabled"] and e["name"] not in LIFE + ("process.context",)]
    daemon.ctl("event", "disable", *off)
    try:
        names = {p["name"] for p in json.loads(daemon.ctl("probe", "list", "-o", "json"))["programs"]}
        life = {f"proc_{what}_{kind}" for what in ("exec", "fork", "exit") for kind in ("rtp", "tp")} & names
        expect_equal({name.split("_")[1] for name in life}, {"exec", "fork", "exit"}, f"the life cycle in {sorted(names)}")
        expect(not [n for n in names if n.startswith("sys_")], f"attached: {sorted(names)}")
        kernel = daemon.attached()
        expect(not [n for n in kernel if n.startswith("sys_")], f"attached in the kernel: {sorted(kernel)}")
    finally:
        daemon.ctl("event", "enable", *off)
    expect("sys_exit_rtp" in daemon.attached(), "enabling the events again attached nothing")


@case("programs are checked by the kernel in 80,000 steps each: the start waits for it")
def checked_soon(daemon):
    seen = daemon.verified()
    if not seen:
        raise Skip("this kernel does not tell what it looked at")
    expect(not [name for name, steps in seen.items() if steps > 80000], f"instructions looked at: {seen}")


LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, MS_BIND, MS_PRIVATE, MS_REC, MNT_DETACH = 0x20000, 4096, 1 << 18, 16384, 2


def libc(name, *args):
    """A function of libc that must succeed."""
    if getattr(LIBC, name)(*[os.fsencode(a) if isinstance(a, str) else a for a in args]):
        raise OSError(ctypes.get_errno(), f"{name}{args}: {os.strerror(ctypes.get_errno())}")


def like_a_container(directory):
    """Makes DIRECTORY/merged, an overlay, the root, with a volume in it, and opens a file of each."""
    libc("unshare", CLONE_NEWNS)
    libc("mount", "none", "/", None, MS_REC | MS_PRIVATE, None)
    libc("mount", directory + "/volume", directory + "/merged/data", None, MS_BIND, None)
    os.chdir(directory + "/merged")
    libc("pivot_root", ".", ".")
    libc("umount2", ".", MNT_DETACH)
    libc("mount", "none", "/own", "tmpfs", 0, None)
    os.chdir("/data")
    for program in ("/program", "/data/program"):
        if os.fork() == 0:
            os.execv(program, [program])
        os.wait()
    os.chdir("/")
    for name in ("/base", "/data/file", "/own/new"):
        os.close(os.open(name, os.O_RDWR | os.O_CREAT))


@contextlib.contextmanager
def overlay(daemon):
    """A directory for like_a_container()."""
    directory = workdir(daemon)
    for name in ("lower/data", "lower/own", "upper", "work", "merged", "volume"):
        os.makedirs(os.path.join(directory, name))
    for name in ("lower/base", "volume/file"):
        with open(os.path.join(directory, name), "w", encoding="utf-8"):
            pass
    for name in ("lower/program", "volume/program"):
        shutil.copy(os.path.join(daemon.bin, "sentinel"), os.path.join(directory, name))
    try:
        libc("mount", "overlay", directory + "/merged", "overlay", 0,
             ",".join(f"{d}dir={directory}/{d}" for d in ("lower", "upper", "work")))
    except OSError as problem:
        raise Skip(f"no overlay here: {problem}") from None
    try:
        yield directory
    finally:
        libc("umount2", directory + "/merged", MNT_DETACH)


def check_programs(run, in_overlay, in_volume, directory):
    """The programs of like_a_container(): the exec and the process of all events agree on whose paths they are."""
    for path in (in_overlay, in_volume):
        started = run.one("sched_process_exec", pathname=path)
        expect_equal((get(started, "process.exe"), get(started, "process.cwd"), get(started, "data.cwd")),
                     (path, directory, directory), "process of the exec")
        after = run.of("openat", pid=get(started, "process.pid"))
        expect_equal({(get(e, "process.exe"), get(e, "process.cwd")) for e in after}, {(path, directory)}, "process after it")


def check_host_paths(run, directory):
    """The files of like_a_container() as the host sees them."""
    for name in ("/merged/base", "/volume/file"):
        run.one("file_open", pathname=directory + name)
    run.one("openat", pathname_abs=directory + "/merged/base")
    check_programs(run, directory + "/merged/program", directory + "/volume/program", directory + "/volume")
    own = run.one("file_open", pathname="/own/new")
    expect_equal(get(own, "data.pathname_unreachable"), True, "mark of what the host does not see")


@case("paths in an overlay with a volume: as the process sees them, and as the host does")
def paths(daemon):
    with overlay(daemon) as directory:
        run = daemon.act(lambda: like_a_container(directory))
        for name in ("/base", "/data/file", "/own/new"):
            run.one("file_open", pathname=name)
        check_programs(run, "/program", "/data/program", "/data")
        try:
            is_host = os.path.samefile("/proc/1/ns/mnt", "/proc/self/ns/mnt")
        except PermissionError:  # a guarded PID 1
            is_host = False
        if not is_host:
            return
        host = Daemon(daemon.program, daemon.bin, events=[*LIFE, "file_open", "openat"],
                      kernel=daemon.kernel + 'paths = "host";')
        try:
            check_host_paths(host.start().act(lambda: like_a_container(directory)), directory)
        finally:
            host.stop()
            host.remove()


@case("paths as the host sees them for the stream that asks, beside those of the process")
def paths_for_one(daemon):
    with overlay(daemon) as directory, daemon.watch("file_open", "openat", *LIFE[:2], "--paths", "host", "--where",
                                                    f"tree={os.getpid()}") as watch:
        run = daemon.act(lambda: like_a_container(directory))
        for name in ("/base", "/data/file", "/own/new"):
            run.one("file_open", pathname=name)
            run.one("openat", pathname_abs=name)
        check_programs(run, "/program", "/data/program", "/data")
        def is_last(event):
            return event["event"] == "file_open" and get(event, "data.pathname") == "/own/new"
        events = [e for e in watch.until(is_last) if get(e, "process.pid") in run.pids]
        own = json.loads(daemon.ctl("process", "show", str(os.getpid()), "-o", "json"))["process"]
        if own["ns"]["mnt"]["is_host"]:
            check_host_paths(Run(run.pid, 0, [], events), directory)
        else:
            seen = Run(run.pid, 0, [], events).one("file_open", pathname="/data/file")
            expect_equal(get(seen, "data.pathname_unreachable"), True, "mark of what the host does not see")
