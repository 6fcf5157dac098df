# SPDX-License-Identifier: LGPL-2.1-or-later
"""The control socket: every command, bad clients, slow ones, many of them."""
import errno
import fcntl
import json
import os
import pty
import random
import re
import resource
import socket
import struct
import subprocess
import termios
import time

from cases_signatures import MARKED
from lab import DEADLINE, SECHAWKCTL, Client, case, expect, expect_equal, run, true, until

# Every command with a one-shot answer, and arguments that make it succeed.
COMMANDS = (("status",), ("version",), ("reload",), ("log-level",), ("event", "list"),
            ("event", "show", "exec"),
            ("event", "enable", "exec"), ("event", "disable", "net_tcp_accept"), ("process", "list"),
            ("process", "list", "--all"), ("process", "show", str(os.getpid())), ("process", "tree"),
            ("process", "tree", str(os.getpid())), ("probe", "list"), ("probe", "list", "--all"), ("stats",),
            ("stats", "--window", "50"))


def alive(instance):
    """The daemon answers and events go on."""
    with Client(instance.socket) as client:
        expect(client.call("Version")["version"], "a version")
    instance.marked("still here")


@case("every command gives text, and JSON that parses")
def commands(lab):
    a = lab.instance().start()
    for command in COMMANDS:
        expect(a.ctl(*command) or command in (("reload",),), f"{command} prints something")
        expect("\x1b" not in a.ctl(*command), f"{command}: no colour without a terminal")
        text = a.ctl(*command, "-o", "json")
        expect(text.strip() or command == ("reload",), f"{command} -o json prints something")
        if text.strip():
            json.loads(text)
    for command in (("help",), ("help", "watch"), ("--version",), ("completion", "bash"),
                    ("completion", "zsh")):
        expect(run(SECHAWKCTL, *command), f"{command} prints something")


def on_terminal(instance, *args, **variables):
    """What a terminal shows of a sechawkctl that runs on it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    shown = b""
    with subprocess.Popen([SECHAWKCTL, "--socket", instance.socket, *args], stdin=theirs, stdout=theirs,
                          stderr=subprocess.PIPE, env={**os.environ, "TERM": "xterm", **variables}) as child:
        os.close(theirs)
        try:
            while True:
                shown += os.read(ours, 65536)
        except OSError as e:
            expect_equal(e.errno, errno.EIO, "the end of a terminal")
        finally:
            os.close(ours)
        expect_equal(child.wait(DEADLINE), 0, f"exit status of {args}: {child.stderr.read()}")
    return shown.decode("utf-8", "surrogateescape").replace("\r\n", "\n")


@case("colour and a pager on a terminal, and only where they are wanted")
def terminal(lab):
    a = lab.instance().start()
    colour = re.compile("\x1b\\[[0-9;]*m")
    plain = a.ctl("event", "list")
    pager = {"SECHAWK_PAGER": "sed 's/^/page: /'"}
    shown = on_terminal(a, "event", "list", **pager)
    expect(colour.search(shown), f"colour: {shown[:200]}")
    names = {line.split()[0] for line in plain.splitlines()}
    paged = [colour.sub("", line) for line in shown.splitlines()]
    expect(all(line.startswith("page: ") for line in paged), f"lines of the pager: {paged[:3]}")
    expect_equal({line.split()[1] for line in paged}, names, "the same events as without a terminal")
    # By the options, by what is usual for all programs, and of a terminal that knows no colours.
    for args, variables in (((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"}), (("--no-color",), {})):
        shown = on_terminal(a, *args, "event", "list", **pager, **variables)
        expect("\x1b" not in shown and "page: " in shown, f"colour with {args} {variables}")
    for args, variables in ((("--no-pager",), pager), ((), {"SECHAWK_PAGER": "cat"}), ((), {"PAGER": ""})):
        shown = on_terminal(a, *args, "event", "list", **variables)
        expect(colour.search(shown) and "page: " not in shown, f"a pager with {args} {variables}")
    # What goes on without an end is for no pager.
    lab.child("/bin/sh", "-c", "while /bin/true; do :; done")
    shown = on_terminal(a, "watch", "exec", "--count", "1", **pager)
    expect("sched_process_exec" in shown and "page: " not in shown, f"a stream: {shown}")


@case("wrong command lines end with 2, a daemon that is not there with 3")
def usage(lab):
    a = lab.instance().start()
    for command in ((), ("nonsense",), ("event",), ("event", "show"), ("watch", "--count", "x"),
                    ("stats", "--no-such"),
                    ("process", "show", "abc"), ("status", "superfluous")):
        expect_equal(a.ctl_run(*command).returncode, 2, f"exit status of {command}")
    a.stop()
    expect_equal(a.ctl_run("status").returncode, 3, "exit status without a daemon")


METRIC = re.compile(r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_]\w*="(\\.|[^"\\])*"(,[a-zA-Z_]\w*="(\\.|[^"\\])*")*\})? '
                    r'[-+]?(\d+(\.\d*)?([eE][-+]?\d+)?|Inf|NaN)$')


@case("metrics are Prometheus text: typed, explained, no sample twice, the numbers of stats")
def metrics(lab):
    a = lab.instance().start()
    a.marked("measured")
    typed, helped, samples = {}, set(), {}
    for line in a.ctl("metrics").splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            expect(name not in typed and kind in ("counter", "gauge"), f"type: {line}")
            expect(kind != "counter" or name.endswith("_total"), f"a counter ends in _total: {line}")
            typed[name] = kind
        elif line.startswith("# HELP "):
            helped.add(line.split(" ")[2])
        else:
            expect(METRIC.match(line), f"no sample: {line}")
            key, value = line.rsplit(" ", 1)
            expect(key not in samples, f"twice: {key}")
            expect(key.split("{")[0] in typed, f"without a type: {line}")
            samples[key] = float(value)
    expect_equal(set(typed), helped, "explained and typed")
    sent = next(v for k, v in samples.items() if "sched_process_exec" in k and "sent" in k)
    expect(0 < sent <= a.counts("sched_process_exec")["sent"], f"sent: {sent}")


@case("stats tell what each stage takes, signatures apart from sinks")
def stages(lab):
    signature = os.path.join(lab.dir, "any.yaml")
    with open(signature, "w", encoding="utf-8") as out:
        out.write(MARKED)
    names = ("ns_decode", "ns_enrich", "ns_policies", "ns_signatures", "ns_sink")

    def stage_times(instance):
        return {name: instance.ctl_json("stats")["pipeline"][name] for name in names}
    a = lab.instance().start()
    a.ctl("signature", "load", signature)
    until(lambda: [true(str(i)) for i in range(50)] and all(stage_times(a).values()), "times of all stages")


@case("a subscriber that never reads loses its own events, is told, and stalls nobody")
def slow(lab):
    a = lab.instance().start(extra="control = { client_queue_bytes = 65536; };")
    with Client(a.socket) as client:
        client.send("Watch", {"format": "json"}, more=True)
        first = client.receive()["parameters"]
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as boot:
            expect_equal((first["ready"], first["boot_id"]), (True, boot.read().strip().replace("-", "")), "first reply")
        expect("machine_id" in first and 0 < first["since"] <= time.clock_gettime_ns(time.CLOCK_BOOTTIME), f"{first}")
        until(lambda: [true(str(i)) for i in range(20)] and
              any(s["type"] == "subscriber" and s["lost"] for s in a.sinks()), "loss of the subscriber")
        a.marked("the file goes on")
        expect_equal(a.sink("file")["lost"], 0, "lost by the file")
        expect(a.ctl_json("status")["responsive"], "the pipeline turns")
        client.socket.settimeout(DEADLINE)
        until(lambda: client.receive()["parameters"].get("lost"), "it is told how many")
    until(lambda: a.subscribers() == 0, "the subscriber is gone")
    expect(not [e for e in a.read() if e["event"] == "events.lost"], "it is nobody else's loss")


@case("a subscriber that is killed leaves nothing behind")
def dead(lab):
    a = lab.instance().start()
    children = [a.stream("watch") for _ in range(3)]
    before = a.descriptors()
    for child in children:
        child.kill()
    until(lambda: a.subscribers() == 0, "no subscriber")
    until(lambda: a.descriptors() <= before - 3, lambda: f"descriptors: {before}, now {a.descriptors()}")
    alive(a)


@case("1,000 clients at once, each is served")
def thousand(lab):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    a = lab.instance().start()
    clients = []
    try:
        for _ in range(1000):
            clients.append(Client(a.socket))
        for client in clients:
            client.send("Version")
        for client in clients:
            expect("version" in client.receive()["parameters"], "an answer")
        expect(clients[0].call("Status")["clients"] >= 1000, "all are connected")
        pid = true("among a thousand")
        until(lambda: a.of_pid(pid, "sched_process_exit"), "events go on")
        # More than the limit are refused in words.
        for _ in range(30):
            clients.append(Client(a.socket))
        last = clients[-1]
        try:
            last.send("Version")
            reply = last.receive()
        except (BrokenPipeError, ConnectionResetError):
            reply = None  # refused before it said anything
        expect(reply is None or "TooManyClients" in reply["error"], f"refused: {reply}")
    finally:
        for client in clients:
            client.close()
    with Client(a.socket) as client:
        until(lambda: client.call("Status")["clients"] == 1, "they are gone")
    alive(a)


@case("1,000 streams at once: as many as there is memory for, the others are refused in words")
def thousand_streams(lab):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    limit = 64 << 20
    a = lab.instance().start(extra=f"control = {{ clients_bytes = {limit}; client_queue_bytes = 262144; }};")
    # Queues are memory that is mapped twice.
    held = lambda: a.memory() + a.memory("RssShmem") // 2
    before = held()
    clients, served = [], []
    try:
        for _ in range(1000):
            clients.append(Client(a.socket))
        for client in clients:
            client.send("Watch", {"format": "json"}, more=True)
        for client in clients:
            reply = client.receive()
            if "error" not in reply:
                served.append(client)
                continue
            expect("ClientsTooLarge" in reply["error"] and reply["parameters"]["limit"] == limit,
                   f"refused: {reply}")
        expect(100 < len(served) < 1000, f"{len(served)} are served")
        # None of them reads; all see the same flood.
        for _ in range(400):
            pid = true("among a thousand")
        until(lambda: a.of_pid(pid, "sched_process_exit"), "events go on")
        grown = held() - before
        expect(limit // 4 < grown < limit, f"the daemon has grown by {grown} bytes")
        with Client(a.socket) as client:
            charged = client.call("Stats")["memory"]["clients"]
        expect(limit // 2 < charged <= limit, f"{charged} bytes are charged")
    finally:
        for client in clients:
            client.close()
    alive(a)


@case("descriptors and memory are stable over 200 connections of every kind")
def stable(lab):
    a = lab.instance().start()

    def visit(n):
        for i in range(n):
            with Client(a.socket) as client:
                if i % 4 == 0:
                    client.send("Watch", {"format": "json"}, more=True)
                elif i % 4 == 1:
                    client.call("Stats")
                elif i % 4 == 2:
                    client.send("Trace", {"expressions": ["event=memfd_create"], "format": "csv"}, more=True)
                    client.receive()
                else:
                    client.socket.send(b"{")
        until(lambda: a.subscribers() == 0, "no subscriber")
        with Client(a.socket) as client:
            until(lambda: client.call("Status")["clients"] == 1, "no other client")
        return a.descriptors(), a.memory()
    visit(40)
    (fds, memory), (_, memory_after) = visit(40), visit(200)
    until(lambda: a.descriptors() <= fds, lambda: f"descriptors: {fds}, then {a.descriptors()}")
    # What else happens on the host goes into the ring of findings, 4 MiB.
    expect(memory_after < memory + (6 << 20), f"memory: {memory >> 10} KiB, then {memory_after >> 10} KiB")


@case("garbage on the socket ends that connection only")
def garbage(lab):
    a = lab.instance().start()
    for data in (b"\0", b"\0\0\0", b"GET / HTTP/1.1\r\n\r\n\0", b"{}\0", b"[]\0", b"null\0",
                 b"{\"method\":1}\0",
                 b"{\"method\":\"\"}\0", b"\xff\xfe\0", b"{" * 100000 + b"\0", b"[" * 5000 + b"\0",
                 b"{\"method\":\"org.sechawk.Control.Version\",\"method\":\"x\"}\0"):
        with Client(a.socket) as client:
            client.socket.sendall(data)
            client.socket.shutdown(socket.SHUT_WR)
            while True:
                try:
                    reply = client.receive()
                except ConnectionError: # it was closed before all of this was read
                    break
                if reply is None:
                    break
                expect("error" in reply, lambda d=data, r=reply: f"{d[:60]}: {r}")
    with Client(a.socket) as client:
        try:
            for _ in range(1000):
                client.socket.sendall(b"x" * 65536)
        except (ConnectionError, socket.timeout):
            pass
    alive(a)
    expect(a.memory() < 64 << 20, f"memory: {a.memory()}")


def mutate(rng, message):
    data = bytearray(message)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(len(data))
        kind = rng.randrange(5)
        if kind == 0:
            data[at] = rng.randrange(256)
        elif kind == 1:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del data[at:at + rng.randrange(1, 8)]
        elif kind == 3:
            data[at:at] = rng.choice((b"\0", b"\"", b"{", b"}", b"[[", b"-1", b"9" * 30, b"null", b"\\u0000",
                                      b","))
        else:
            data[at:at] = data[rng.randrange(len(data)):][:rng.randrange(1, 40)]
        if not data:
            break
    return bytes(data)


@case("10,000 mutated messages leave it answering")
def mutations(lab):
    a = lab.instance().start()
    verbs = (("Version", {}), ("Status", {}), ("EventList", {"set": "fs", "enabled": True}),
             ("EventShow", {"event": "exec"}), ("ProcessShow", {"pid": 1}),
             ("ProcessTree", {"pid": os.getpid()}),
             ("Watch", {"events": ["exec"], "where": "data.argv=x AND uid!=0", "format": "csv"}),
             ("Trace", {"expressions": ["event=exec", "tree=1"], "format": "template=%{pid}"}),
             ("EventEnable", {"events": ["exec"]}), ("LogLevel", {"level": "info"}),
             ("ProbeList", {"all": True}))
    messages = [json.dumps({"method": "org.sechawk.Control." + name, "parameters": parameters,
                            "more": name in ("Watch",
                                             "Trace")}).encode() + b"\0" for name, parameters in verbs]
    seed = int(os.environ.get("SECHAWK_TEST_SEED", "7"))
    rng = random.Random(seed)
    sent = 0
    while sent < 10000:
        with Client(a.socket) as client:
            client.socket.setblocking(False)
            for _ in range(50):
                try:
                    client.socket.send(mutate(rng, rng.choice(messages)) + b"\0")
                except (BlockingIOError, ConnectionError):
                    break
                sent += 1
            try:
                client.socket.recv(1 << 20)
            except (BlockingIOError, ConnectionError):
                pass
        expect(a.process.poll() is None, f"it ended with {a.process.returncode}, seed {seed}")
    until(lambda: a.subscribers() == 0, "no subscriber is left")
    alive(a)


@case("the interface describes itself")
def introspection(lab):
    a = lab.instance().start()
    with Client(a.socket) as client:
        info = client.call("org.varlink.service.GetInfo")
        expect("org.sechawk.Control" in info["interfaces"], f"info: {info}")
        idl = client.call("org.varlink.service.GetInterfaceDescription",
                          {"interface": "org.sechawk.Control"})["description"]
        expect("method Status(" in idl and "error NoSuchEvent" in idl, "the description")
        client.send("NoSuchMethod")
        expect("MethodNotFound" in client.receive()["error"], "an unknown method")
        client.send("EventShow", {"event": 7})
        expect("InvalidParameter" in client.receive()["error"], "a wrong parameter")


@case("another user may not connect to a private instance")
def other_user(lab):
    a = lab.instance().start()
    done = a.ctl_run("status", user=65534, group=65534, extra_groups=[])
    expect_equal(done.returncode, 4, f"exit status ({done.stderr})")
