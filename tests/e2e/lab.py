# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the end-to-end cases are made of: private instances, their control sockets, and waiting for facts.

Nothing here waits for time to pass: until() asks again and again, with a
deadline, whether something has become true.
"""
import array
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

DEADLINE = float(os.environ.get("SECHAWK_TEST_DEADLINE", "30"))
BUILD = os.path.abspath(os.environ.get("BUILDDIR", "."))
SECHAWKD = os.path.join(BUILD, "sechawkd")
SECHAWKCTL = os.path.join(BUILD, "sechawkctl")
# What happens to this machine's other processes must not decide about a case: events are enabled one by one.
LIFE = ("sched_process_fork", "sched_process_exec", "sched_process_exit")


class Mismatch(Exception):
    """What was seen is not what should be."""


class Skip(Exception):
    """The case cannot run here; says why."""


def shorten(value, limit=600):
    text = value if isinstance(value, str) else ascii(value)
    return text if len(text) <= limit else f"{text[:limit // 2]} … {text[-limit // 2:]}"


def expect(condition, what):
    if not condition:
        raise Mismatch(what() if callable(what) else what)


def expect_equal(seen, wanted, what):
    expect(seen == wanted, lambda: f"{what}: seen {shorten(seen)}, wanted {shorten(wanted)}")


def until(condition, what, deadline=DEADLINE):
    """The first true value of CONDITION(); Mismatch when the deadline passes."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        expect(time.monotonic() < end,
               lambda: f"not within {deadline:g} s: {what() if callable(what) else what}")
        time.sleep(0.01)


def get(value, path, default=None):
    """Member of nested objects: get(event, "process.ns.mnt.is_host")."""
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return default
        value = value[part]
    return value


def run(*args, **options):
    """Output of a command that must succeed."""
    done = subprocess.run(args, capture_output=True, text=True, timeout=DEADLINE, check=False, **options)
    expect(done.returncode == 0, lambda: f"{' '.join(args)}: {done.returncode}: {done.stderr}")
    return done.stdout


def true(*arguments):
    """Runs true(1) with arguments to know it by; returns its pid."""
    child = subprocess.Popen(["/bin/true", *arguments])
    expect_equal(child.wait(DEADLINE), 0, "exit status of true")
    return child.pid


def cgroup_top():
    """A hierarchy that the collector may look at: the unified one, with v1 alone that of pids."""
    with open("/proc/mounts", encoding="utf-8") as mounts:
        rows = [line.split() for line in mounts]
    for row in rows:
        if row[2] == "cgroup2":
            return row[1]
    for row in rows:
        if row[2] == "cgroup" and "pids" in row[3].split(","):
            return row[1]
    raise Skip("no cgroups")


class Client:
    """A connection to the control socket: Varlink, messages ended by NUL."""

    def __init__(self, path, deadline=DEADLINE):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(deadline)
        self.socket.connect(path)
        self.rest = b""

    def send(self, method, parameters=None, more=False):
        message = {"method": method if "." in method else "org.sechawk.Control." + method,
                   "parameters": parameters or {}}
        if more:
            message["more"] = True
        self.socket.sendall(json.dumps(message).encode() + b"\0")

    def receive(self):
        """The next reply; None when the daemon has closed the connection."""
        while b"\0" not in self.rest:
            data = self.socket.recv(65536)
            if not data:
                return None
            self.rest += data
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, parameters=None, more=False):
        self.send(method, parameters, more)
        reply = self.receive()
        expect(reply is not None, f"{method}: the connection was closed")
        expect("error" not in reply, lambda: f"{method}: {reply}")
        return reply["parameters"]

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Instance:
    """A private sechawkd in a directory of its own."""

    def __init__(self, lab, name):
        self.lab = lab
        self.dir = os.path.join(lab.dir, name)
        os.mkdir(self.dir, 0o755)
        self.socket = self.path("control.sock")
        self.log, self.file, self.conf = self.path("log"), self.path("events.json"), self.path("sechawk.conf")
        self.process = None
        self.at = 0

    def path(self, name):
        return os.path.join(self.dir, name)

    def configure(self, events=LIFE, sinks=None, extra=""):
        """Writes the configuration; by default one file sink that gets everything."""
        listed = ", ".join(f'"{name}"' for name in events)
        if sinks is None:
            sinks = self.file_sink()
        for section in ("policies", "signatures"):
            if section not in extra:
                extra += f"\n{section} = {{ enabled = false; }};"  # not those of the host
        with open(self.conf, "w", encoding="utf-8") as out:
            out.write(f"events = {{ enabled = [ {listed} ]; }};\nsinks = ( {sinks} );\n{extra}\n")

    def file_sink(self, more=""):
        return f'{{ type = "file"; path = "{self.file}"; {more} }}'

    def spawn(self, *wrapper):
        """Starts the daemon; returns before it is ready."""
        notify = self.path("notify")
        if os.path.exists(notify):
            os.unlink(notify)
        self.ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ready.bind(notify)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *wrapper, SECHAWKD, "--foreground", "--config", self.conf,
                 "--socket", self.socket],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=dict(os.environ, NOTIFY_SOCKET=notify))
        return self

    def wait_ready(self):
        def is_ready():
            expect(self.process.poll() is None,
                   lambda: f"the daemon ended with {self.process.returncode}:\n{self.log_text()}")
            return select.select([self.ready], [], [], 0.05)[0] and b"READY=1" in self.ready.recv(4096)
        until(is_ready, lambda: f"READY=1; the log:\n{self.log_text()}")
        self.ready.close()
        return self

    def start(self, *wrapper, **config):
        if config or not os.path.exists(self.conf):
            self.configure(**config)
        return self.spawn(*wrapper).wait_ready()

    def stop(self, sig=signal.SIGTERM):
        """Ends the daemon; returns its exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(sig)
        try:
            return self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Mismatch(f"the daemon does not end on {sig.name}:\n{self.log_text()}") from None

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()[-4000:]

    def ctl_run(self, *args, **options):
        """A finished sechawkctl, whatever its exit status."""
        return subprocess.run([SECHAWKCTL, "--socket", self.socket, "--no-pager", *args], capture_output=True,
                              text=True, errors="surrogateescape", timeout=DEADLINE, check=False, **options)

    def ctl(self, *args):
        done = self.ctl_run(*args)
        expect(done.returncode == 0, lambda: f"sechawkctl {' '.join(args)}: {done.returncode}: {done.stderr}")
        return done.stdout

    def ctl_json(self, *args):
        return json.loads(self.ctl(*args, "-o", "json"))

    def ctl_start(self, *args, stdout=subprocess.PIPE):
        """A sechawkctl that runs on; the lab ends it."""
        child = subprocess.Popen([SECHAWKCTL, "--socket", self.socket, "--no-pager", *args], text=True,
                                 stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                                 errors="surrogateescape")
        self.lab.children.append(child)
        return child

    def stream(self, *args):
        """A watch or trace that is ready: its subscriber is seen in the statistics."""
        before = self.subscribers()
        child = self.ctl_start(*args)
        until(lambda: self.subscribers() > before or child.poll() is not None, f"a subscriber for {args}")
        expect(child.poll() is None, lambda: f"{args}: ended: {child.stderr.read()}")
        return child

    def sinks(self):
        with Client(self.socket) as client:
            return client.call("Stats")["sinks"]

    def sink(self, name):
        return next(s for s in self.sinks() if s["name"] == name)

    def subscribers(self):
        return sum(s["type"] == "subscriber" for s in self.sinks())

    def counts(self, event):
        with Client(self.socket) as client:
            rows = client.call("Stats")["events"]
        zero = {"event": event, "seen": 0, "filtered": 0, "sent": 0, "lost": 0}
        return next((r for r in rows if r["event"] == event), zero)

    def read(self, path=None):
        """Events of the file from its start; a line that is being written is left out."""
        try:
            with open(path or self.file, "rb") as lines:
                data = lines.read()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in data.split(b"\n")[:-1]]

    def of_pid(self, pid, *names, path=None):
        """Events that PID did."""
        return [e for e in self.read(path) if get(e, "process.pid") == pid and
                (not names or e["event"] in names)]

    def marked(self, *arguments):
        """Runs true(1); returns its events when its exit is in the file."""
        pid = true(*arguments)
        until(lambda: self.of_pid(pid, "sched_process_exit"),
              lambda: f"the exit of {pid}:\n{self.log_text()}")
        return self.of_pid(pid)

    def fdinfo(self):
        """What the kernel says of each descriptor of the daemon."""
        for fd in os.listdir(f"/proc/{self.process.pid}/fdinfo"):
            try:
                with open(f"/proc/{self.process.pid}/fdinfo/{fd}", encoding="utf-8") as info:
                    yield dict(line.split(":", 1) for line in info.read().splitlines() if ":" in line)
            except OSError:
                continue

    def objects(self):
        """Ids of the programs, maps and links that the daemon holds: {"prog": {1, 2}, …}."""
        found = {"prog": set(), "map": set(), "link": set()}
        for facts in self.fdinfo():
            for kind, ids in found.items():
                if kind + "_id" in facts:
                    ids.add(int(facts[kind + "_id"]))
        return found

    def attached(self):
        """Names of the programs behind the daemon's links, as the kernel tells; without those for 32-bit callers,
        which go with others and are there where the kernel has such callers."""
        ids = {int(facts["prog_id"]) for facts in self.fdinfo() if "link_type" in facts}
        programs = json.loads(run("bpftool", "prog", "list", "-j"))
        return {p["name"] for p in programs if p["id"] in ids and not p["name"].startswith("sys_own32")}

    def memory(self, name="RssAnon"):
        """Bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return int(re.search(rf"^{name}:\s+(\d+) kB", status.read(), re.M)[1]) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class FakeJournal:
    """A journald that only remembers; entries are {name: bytes}."""

    def __init__(self, path):
        self.path, self.entries, self.socket = path, [], None
        self.open()

    def open(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(self.path)

    def close(self):
        if self.socket:
            self.socket.close()
            os.unlink(self.path)
        self.socket = None

    @staticmethod
    def parse(data):
        entry = {}
        while data:
            line, _, data = data.partition(b"\n")
            name, equals, value = line.partition(b"=")
            if not equals:
                size = int.from_bytes(data[:8], "little")
                value, data = data[8:8 + size], data[8 + size + 1:]
            entry.setdefault(name.decode(), value)
        return entry

    def read(self):
        """All entries so far."""
        while self.socket:
            try:
                data, ancillary, _, _ = self.socket.recvmsg(1 << 20, socket.CMSG_SPACE(4))
            except BlockingIOError:
                break
            for _, _, fds in ancillary:
                with os.fdopen(array.array("i", fds)[0], "rb") as memory:
                    memory.seek(0)
                    data = memory.read()
            self.entries.append(self.parse(data))
        return self.entries


class Lab:
    """The directory, instances and children of one case; all end with it."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="sechawk-e2e-")
        os.chmod(self.dir, 0o755)
        self.instances, self.children = [], []

    def instance(self, name="a"):
        self.instances.append(Instance(self, name))
        return self.instances[-1]

    def child(self, *args, **options):
        self.children.append(subprocess.Popen(args, **options))
        return self.children[-1]

    def logs(self):
        return "\n".join(f"-- log of {os.path.basename(i.dir)}:\n{i.log_text()}"
                         for i in self.instances if os.path.exists(i.log))

    def end(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
            for stream in (child.stdout, child.stderr):
                if stream:
                    stream.close()
        for instance in self.instances:
            if instance.process and instance.process.poll() is None:
                instance.process.kill()
                instance.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


CASES = []


def case(name):
    """Registers a case; NAME is what the report calls it."""
    def register(function):
        CASES.append((name, function))
        return function
    return register
