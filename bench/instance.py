# SPDX-License-Identifier: LGPL-2.1-or-later
"""A private daemon to be measured: own configuration, socket and event file in a directory of its own."""
import json
import os
import select
import socket
import subprocess
import time

START_SECONDS = 30


class Failed(Exception):
    """Something could not be measured; says why."""


def end(process):
    """Stops a process that was asked kindly, or else is killed."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def prefer():
    """In a child: before what else the machine does. Workloads and tracers alike."""
    os.setpriority(os.PRIO_PROCESS, 0, -19)


class Instance:
    """
    `with Instance(bench, events) as daemon:` starts it and, however that ends,
    stops it. OPTIONS are lines for sechawk.conf, SINK the options of the file
    sink, or None for no sink but standard output, which goes to STDOUT. WITHIN:
    where its directory is made.
    """

    def __init__(self, bench, events, sink="rotate_bytes = 0;", options="", stdout=None, within=None):
        self.bench, self.events, self.sink, self.options, self.stdout = bench, events, sink, options, stdout
        self.dir = bench.scratch(within)
        self.file = os.path.join(self.dir, "events.json")
        self.socket = os.path.join(self.dir, "s")
        self.wrapper = []  # before the command
        self.process = None
        self.armed_seconds = None
        self.fences = 0

    def sink_config(self):
        if self.stdout is not None:
            return '{ type = "stdout"; format = "json"; queue_bytes = "64M"; }'
        return "" if self.sink is None else f'{{ type = "file"; path = "{self.file}"; {self.sink} }}'

    def config(self):
        events = ", ".join(f'"{name}"' for name in self.events)
        own = "".join(f"{section} = {{ enabled = false; }};\n" for section in ("policies", "signatures")
                      if section not in self.options)  # not those of the host
        return f"events = {{ enabled = [ {events} ]; }};\nsinks = ( {self.sink_config()} );\n{own}{self.options}\n"

    def __enter__(self):
        path = os.path.join(self.dir, "sechawk.conf")
        with open(path, "w", encoding="utf-8") as out:
            out.write(self.config())
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ready.bind(os.path.join(self.dir, "notify"))
        log = os.path.join(self.dir, "log")
        began = time.monotonic()
        with open(log, "wb") as err:
            self.process = subprocess.Popen(
                [*self.wrapper, self.bench.built("sechawkd"), "--foreground", "--config", path, "--socket", self.socket],
                stdin=subprocess.DEVNULL, stdout=self.stdout or err, stderr=err, preexec_fn=prefer,
                env=dict(os.environ, NOTIFY_SOCKET=os.path.join(self.dir, "notify")))
        while True:
            readable, _, _ = select.select([ready], [], [], 0.2)
            if readable and b"READY=1" in ready.recv(4096):
                break
            if self.process.poll() is not None or time.monotonic() - began > START_SECONDS:
                with open(log, encoding="utf-8", errors="replace") as text:
                    why = text.read()[-1000:]
                self.stop()
                raise Failed(f"the daemon does not start: {why}")
        self.armed_seconds = time.monotonic() - began
        ready.close()
        return self

    def __exit__(self, *what):
        self.stop()

    def stop(self):
        end(self.process)
        self.bench.remove(self.dir)

    def ctl(self, *args):
        """The JSON that sechawkctl prints."""
        done = subprocess.run([self.bench.built("sechawkctl"), "--socket", self.socket, "-o", "json", *args],
                              capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise Failed(f"sechawkctl {' '.join(args)}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def cpu_seconds(self):
        """CPU time of the daemon, user and system."""
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{thread}/schedstat", encoding="ascii") as text:
                total += int(text.read().split()[0])
        return total / 1e9

    def anonymous_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as text:
            for line in text:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
        raise Failed("the kernel does not tell RssAnon")

    def settle(self):
        """
        Waits until all that happened before is written; returns the statistics.
        Other programs go on, so a sign of our own is made, an exec or an open,
        until it is seen in the file.
        """
        self.fences += 1
        token = f"fence-{self.fences}-{os.getpid()}"
        path = os.path.join(self.bench.top, token)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if "file_open" in self.events:
                with open(path, "wb"):
                    pass
            else:
                subprocess.run([token], executable=self.bench.built("bench/workloads/child"), check=True)
            for _ in range(20):
                if token.encode() in self.tail():
                    return self.ctl("stats")
                time.sleep(0.01)
        raise Failed("what happened last is not in the file after a minute")

    def tail(self):
        """The end of the event file, and of the one before it."""
        data = b""
        for name in (self.file, self.file + ".1"):
            try:
                with open(name, "rb") as file:
                    file.seek(max(0, os.fstat(file.fileno()).st_size - (1 << 20)))
                    data += file.read()
            except FileNotFoundError:
                pass
        return data


def lost(stats):
    """Events lost in the kernel and in the sinks."""
    return sum(e["lost"] for e in stats["events"]) + sum(s["lost"] for s in stats["sinks"])
