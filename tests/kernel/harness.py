# SPDX-License-Identifier: LGPL-2.1-or-later
"""A private daemon and its event file, for tests that do real things and compare.

Nothing here sleeps to wait for events: Daemon.collect() runs a sentinel
program after what is tested and reads the file until the sentinel has come
through both rings. What was done before it is then in the file, or was lost.
"""
import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

DEADLINE_SECONDS = float(os.environ.get("SECHAWK_TEST_DEADLINE", "60"))

EVENTS = [
    "process.context", "sched_process_fork", "sched_process_exec", "sched_process_exit",
    "file_open", "security_file_open", "net_tcp_connect", "net_tcp_accept",
    "execve", "execveat", "open", "creat", "openat", "openat2", "open_by_handle_at", "connect", "accept",
    "accept4", "ptrace", "unshare", "memfd_create", "dup2", "dup3", "kill",
    "pread64", "truncate64", "fallocate", "fadvise64_64", "fanotify_mark", "lseek", "clone", "chown16",
]


PR_SET_PDEATHSIG = 1


def die_with_parent():
    """In a new child: a daemon whose test was killed would fill the disk."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Mismatch(Exception):
    """What was seen is not what was done."""


class Skip(Exception):
    """The case cannot run here; says why."""


def expect(condition, what):
    if not condition:
        raise Mismatch(what)


def expect_equal(seen, wanted, what):
    if seen != wanted:
        raise Mismatch(f"{what}: seen {shorten(seen)}, wanted {shorten(wanted)}")


def until(condition, what):
    """Waits for a true value of CONDITION()."""
    end = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        expect(time.monotonic() < end, f"not within {DEADLINE_SECONDS:g} s: {what}")
        time.sleep(0.05)


def shorten(value):
    text = ascii(value)
    return text if len(text) <= 300 else f"{text[:140]} … {text[-140:]} ({len(text)} characters)"


def get(event, path, default=None):
    """Member of nested objects: get(e, "process.ns.mnt.is_host")."""
    for part in path.split("."):
        if not isinstance(event, dict) or part not in event:
            return default
        event = event[part]
    return event


def raw(text):
    """The bytes behind a string of the native JSON: bytes that are not UTF-8 are lone low surrogates."""
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


class Run:
    """A finished trigger: what it reported and the events of it and its descendants."""

    def __init__(self, pid, status, report, events):
        self.pid, self.status, self.report = pid, status, report
        self.all = events
        pids = {pid}
        for event in events:
            if event["event"] == "sched_process_fork" and get(event, "data.parent_pid") in pids:
                pids.add(get(event, "data.child_pid"))
        self.pids = pids
        # A fork is told by the parent; everything else by the process itself.
        self.events = [e for e in events if get(e, "process.pid") in pids]
        # Life-cycle events by the process that they are about, in order.
        self.life = {}
        for event in events:
            about = {"sched_process_fork": "data.child_pid", "sched_process_exec": "process.pid",
                     "sched_process_exit": "process.pid"}.get(event["event"])
            if about:
                self.life.setdefault(get(event, about), []).append(event["event"])

    def of(self, *names, pid=None, **data):
        """Events with one of the NAMES, of PID when given, whose data has these values; in order."""
        return [e for e in self.events
                if e["event"] in names and (pid is None or get(e, "process.pid") == pid) and
                all(get(e, "data." + key) == value for key, value in data.items())]

    def one(self, name, pid=None, **data):
        """Exactly one such event."""
        found = self.of(name, pid=pid, **data)
        expect_equal(len(found), 1, f"number of {name} events of pid {pid or 'any'} with {data}")
        return found[0]


# Where events.lost says that runs of a program were lost (src/daemon/loss.c).
SKIPPED = "program skipped by the kernel"
# These look for a mapping of the process, and are told as lost while another thread changes the mappings.
NEED_MAPPINGS = ("suspicious_syscall_source", "stack_pivot")


class Watch:
    """A `sechawkctl watch` that runs."""

    def __init__(self, process):
        self.process, self.rest = process, b""

    def until(self, last):
        """The events up to one for which LAST is true."""
        events, deadline = [], time.monotonic() + DEADLINE_SECONDS
        while True:
            *lines, self.rest = self.rest.split(b"\n")
            for i, line in enumerate(lines):
                events.append(json.loads(line))
                if last(events[-1]):
                    self.rest = b"\n".join([*lines[i + 1:], self.rest])
                    return events
            expect(time.monotonic() < deadline,
                   f"{len(events)} events within {DEADLINE_SECONDS:g} s, not the last")
            if select.select([self.process.stdout], [], [], 0.2)[0]:
                data = os.read(self.process.stdout.fileno(), 1 << 20)
                expect(data, f"sechawkctl watch ended after {len(events)} events")
                self.rest += data


def programs():
    """Names of the programs in the kernel by id, both as text."""
    done = subprocess.run(["bpftool", "prog", "list", "-j"], capture_output=True, text=True, check=True)
    return {str(p["id"]): str(p.get("name")) for p in json.loads(done.stdout)}


class Daemon:
    """A private instance: own configuration, socket and event file, in a directory of its own."""

    def __init__(self, program, bin_dir, events=None, kernel=""):
        self.program, self.bin = program, bin_dir
        self.dir = tempfile.mkdtemp(prefix="sechawk-live-")
        os.chmod(self.dir, 0o755)
        self.file = os.path.join(self.dir, "events.json")
        self.socket = os.path.join(self.dir, "control.sock")
        self.log = os.path.join(self.dir, "log")
        self.events = EVENTS if events is None else events
        self.kernel = kernel
        self.policies = "enabled = false;"  # not those of the host
        self.process = self.reader = None
        self.rest = b""
        self.serial = 0
        self.skipped = 0  # runs of function hooks that the kernel left out

    def config(self):
        # What else goes on at a busy host is left out, and the rings have room for it.
        listed = ", ".join(f'"{name}"' for name in self.events)
        return (f"events = {{ enabled = [ {listed} ]; }};\n"
                f'sinks = ( {{ type = "file"; path = "{self.file}"; format = "json"; rotate_bytes = 0;'
                f' queue_bytes = "64M"; filter = [ "tree={os.getpid()}" ]; }} );\n'
                f"policies = {{ {self.policies} }};\nsignatures = {{ enabled = false; }};\n"
                f'kernel = {{ life_ring_bytes = "16M"; bulk_ring_bytes = "128M"; {self.kernel} }};\n')

    def start(self):
        """Returns when the daemon says that it is ready."""
        config = os.path.join(self.dir, "sechawk.conf")
        with open(config, "w", encoding="utf-8") as out:
            out.write(self.config())
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ready.bind(os.path.join(self.dir, "notify"))
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [self.program, "--foreground", "--config", config, "--socket", self.socket],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent,
                env=dict(os.environ, NOTIFY_SOCKET=os.path.join(self.dir, "notify")))
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            readable, _, _ = select.select([ready], [], [], 0.2)
            if readable and b"READY=1" in ready.recv(4096):
                break
            if self.process.poll() is not None:
                raise Mismatch(f"the daemon ended with {self.process.returncode}:\n{self.log_text()}")
            if time.monotonic() > deadline:
                raise Mismatch(f"the daemon is not ready within {DEADLINE_SECONDS:g} s:\n{self.log_text()}")
        ready.close()
        while not os.path.exists(self.file):
            expect(time.monotonic() < deadline, f"no event file:\n{self.log_text()}")
            time.sleep(0.01)
        self.reader = open(self.file, "rb")
        return self

    def check_sight(self):
        """One small round before the cases: a daemon that sees nothing would cost each case its deadline."""
        self.collect()

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-12:])

    def stop(self):
        """Ends the daemon; returns its exit status (negative: signal)."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        status = self.process.returncode if self.process else None
        if self.reader:
            self.reader.close()
        return status

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def read(self):
        """Events written since the last call; an incomplete line waits for the next one."""
        data = self.rest + self.reader.read()
        lines = data.split(b"\n")
        self.rest = lines.pop()
        events = []
        for line in lines:
            try:
                events.append(json.loads(line))
            except ValueError as problem:
                raise Mismatch(f"not JSON: {shorten(line)}: {problem}") from None
        return events

    def collect(self):
        """All events up to now."""
        self.serial += 1
        token = f"sentinel-{os.getpid()}-{self.serial}"
        sentinel = subprocess.Popen([os.path.join(self.bin, "sentinel"), token])
        sentinel.wait()
        # The life-cycle ring tells of its exit, the other ring of its attempt to open a file.
        awaited = {"sched_process_exit"}
        if {"openat", "syscalls", "fs"} & set(self.events):
            awaited.add("openat")
        events = []
        deadline = time.monotonic() + DEADLINE_SECONDS
        while awaited:
            for event in self.read():
                if get(event, "process.pid") != sentinel.pid:
                    events.append(event)
                elif event["event"] == "sched_process_exit" or token in str(get(event, "data.pathname")):
                    awaited.discard(event["event"])
            if self.process.poll() is not None:
                raise Mismatch(f"the daemon ended with {self.process.returncode}:\n{self.log_text()}")
            if time.monotonic() > deadline:
                raise Mismatch(f"the sentinel's {', '.join(sorted(awaited))} did not arrive within "
                               f"{DEADLINE_SECONDS:g} s; {len(events)} events before it:\n{self.log_text()}")
            time.sleep(0.005)
        for event in (e for e in events if e["event"] == "events.lost"):
            name, left_out = get(event, "data.name"), get(event, "data.where") == SKIPPED
            if left_out or name in NEED_MAPPINGS:
                self.skipped += get(event, "data.count")
            # A preemptible kernel leaves out runs of function hooks. Of the life cycle, too, but seldom: then the case fails.
            expect(name in NEED_MAPPINGS or (left_out and not name.startswith("proc_")),
                   f"events were lost: {event['data']}")
        return events

    def told_skipped(self, before):
        """True when the daemon tells, within two of its looks, that the kernel left out runs since BEFORE (.skipped)."""
        deadline = time.monotonic() + 3
        while self.skipped == before and time.monotonic() < deadline:
            self.collect()
            time.sleep(0.05)
        return self.skipped != before

    def trigger(self, name, *args):
        """Runs a trigger and returns a Run."""
        self.collect()
        child = subprocess.Popen([os.path.join(self.bin, name), *map(str, args)], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE)
        output, _ = child.communicate()
        expect(child.returncode not in (98, 99), f"the trigger {name} itself failed")
        report = [json.loads(line) for line in output.decode().splitlines()]
        return Run(child.pid, child.returncode, report, self.collect())

    def act(self, function, meanwhile=None):
        """Runs FUNCTION in a child process, and MEANWHILE in this one, and returns a Run. What FUNCTION returns, when
        not None, is the report."""
        self.collect()
        there, here = os.pipe()
        pid = os.fork()
        if pid == 0:
            status = 98
            try:
                os.close(there)
                answer = function()
                os.write(here, json.dumps([] if answer is None else [answer]).encode())
                status = 0
            except BaseException as problem:  # pylint: disable=broad-except # the parent tells it
                os.write(here, json.dumps([f"{type(problem).__name__}: {problem}"]).encode())
            finally:
                os._exit(status)
        os.close(here)
        if meanwhile:
            meanwhile()
        with os.fdopen(there, "rb") as pipe:
            answer = pipe.read()
        _, status = os.waitpid(pid, 0)
        report = json.loads(answer) if answer else []
        expect(os.waitstatus_to_exitcode(status) != 98, f"the act itself failed: {report}")
        return Run(pid, os.waitstatus_to_exitcode(status), report, self.collect())

    def available(self, event):
        """True when the planner found a probe of this kernel for EVENT, which must be enabled."""
        shown = json.loads(self.ctl("event", "show", event, "-o", "json"))
        return any(a["chosen"] for a in shown["alternatives"])

    def file_with(self, content, name=None):
        """Path of a new file, in a directory of its own that everybody can reach."""
        directory = tempfile.mkdtemp(dir=self.dir)
        os.chmod(directory, 0o755)
        path = os.path.join(directory, name or "file")
        with open(path, "wb") as out:
            out.write(content)
        return path

    def ctl_command(self, *args):
        program = os.path.join(os.path.dirname(self.program), "sechawkctl")
        return [program if os.path.exists(program) else "sechawkctl", "--socket", self.socket, *args]

    @contextlib.contextmanager
    def watch(self, *args):
        """A Watch that misses nothing from now on."""
        def streams():
            return {s["name"] for s in json.loads(self.ctl("stats", "-o", "json"))["sinks"]}
        before = streams()
        with subprocess.Popen(self.ctl_command("watch", "-o", "json", *args), stdout=subprocess.PIPE,
                              preexec_fn=die_with_parent) as process:
            try:
                until(lambda: process.poll() is not None or streams() - before, "a stream")
                yield Watch(process)
            finally:
                process.kill()

    def ctl(self, *args, check=True):
        """Output of sechawkctl with this daemon."""
        done = subprocess.run(self.ctl_command(*args), capture_output=True, text=True,
                              timeout=DEADLINE_SECONDS, check=False)
        expect(not check or done.returncode == 0,
               f"sechawkctl {' '.join(args)}: {done.returncode}: {done.stderr}")
        return done.stdout

    def fdinfo(self):
        """What the kernel tells of each open file of this daemon, by the words before the colons."""
        for fd in os.listdir(f"/proc/{self.process.pid}/fdinfo"):
            try:
                with open(f"/proc/{self.process.pid}/fdinfo/{fd}", encoding="utf-8") as info:
                    yield {k: v.strip() for k, v in (line.split(":", 1) for line in info.read().splitlines() if ":" in line)}
            except OSError:
                continue

    def attached(self):
        """Names of the programs whose links this daemon holds, as the kernel tells."""
        ids = {facts["prog_id"] for facts in self.fdinfo() if "link_type" in facts}
        return {name for prog, name in programs().items() if prog in ids}

    def verified(self):
        """Instructions that the kernel looked at before it took a program, by name; empty before Linux 5.16."""
        names = programs()
        return {names[f["prog_id"]]: int(f["verified_insns"]) for f in self.fdinfo()
                if "verified_insns" in f and f["prog_id"] in names}
