# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cases of policy.py about the life of policies: loaded, switched, changed under load, decided in the kernel."""
import ctypes
import json
import mmap
import os
import signal
import socket
import subprocess
import time

from harness import Skip, expect, expect_equal, get, until
from policy_cases import LIBC, LIMIT, PR_SET_NAME, Loaded, case, named, of_policy, open_once, policy_of, target, write_policy


@case("disabled: silent, and comes again")
def switched(daemon):
    path = target(daemon)
    with Loaded(daemon, policy_of("comm=opener", ("openat", f"data.pathname={path}"))) as loaded:
        def act():
            return len(of_policy(daemon.act(lambda: named("opener")(path)), "tested"))
        expect_equal(act(), 1, "enabled")
        daemon.ctl("policy", "disable", "tested")
        expect_equal(act(), 0, "disabled")
        expect("disabled" in daemon.ctl("policy", "list"), "the list does not say so")
        daemon.ctl("policy", "enable", "tested")
        expect_equal(act(), 1, "enabled again")
        expect_equal(loaded.hits(), 2, "hits are kept")


@case("a directory: files come, change, are masked and go; a bad one is told and the others stay")
def directory(daemon):
    path = target(daemon)

    def names():
        return [p["name"] for p in json.loads(daemon.ctl("policy", "list", "-o", "json"))["policies"]]

    def problems():
        return [p["message"] for p in json.loads(daemon.ctl("policy", "list", "-o", "json"))["problems"]]
    write_policy(daemon, policy_of("comm=opener", ("openat", f"data.pathname={path}")), daemon.policy_dir)
    until(lambda: "tested" in names(), "the file is noticed")
    expect_equal(len(of_policy(daemon.act(lambda: named("opener")(path)), "tested")), 1, "opens")
    write_policy(daemon, policy_of("comm=other", ("openat", f"data.pathname={path}")), daemon.policy_dir,
                 name="tested")
    until(lambda: "comm=other" in daemon.ctl("policy", "show", "tested"), "the change is noticed")
    expect_equal(len(of_policy(daemon.act(lambda: named("opener")(path)), "tested")), 0,
                 "opens after the change")
    bad = os.path.join(daemon.policy_dir, "bad.yaml")
    with open(bad, "w", encoding="utf-8") as out:
        out.write("type: policy\nname: bad\nscope: [global]\nrules:\n  - event: no_such_event\n")
    until(problems, "the bad file is told")
    expect(f"{bad}:5:" in problems()[0], f"no line: {problems()}")
    expect("not loaded" in daemon.ctl("status"), "status does not tell")
    expect_equal(names(), ["sentinel", "tested"], "the others")
    os.unlink(bad)
    until(lambda: not problems(), "the bad file is gone")
    os.unlink(os.path.join(daemon.policy_dir, "tested.json"))
    os.symlink("/dev/null", os.path.join(daemon.policy_dir, "tested.json"))
    until(lambda: names() == ["sentinel"], "the masked file is gone")
    os.unlink(os.path.join(daemon.policy_dir, "tested.json"))


def load(daemon, *paths):
    """How loading ends, and what it says."""
    program = os.path.join(os.path.dirname(daemon.program), "sechawkctl")
    return subprocess.run([program if os.path.exists(program) else "sechawkctl", "--socket", daemon.socket,
                           "policy", "load",
                           *paths], capture_output=True, text=True, check=False)


@case("bad policies are refused with file, line and column")
def refused(daemon):
    for text, where in ((b"type: policy\nname: x\nscope: [nonsense=1]\nrules:\n  - event: openat\n", ":3:9:"),
                        (b"type: policy\nname: x\nscope: [global]\nrules:\n  - event: openat\n    filters:\n"
                         b"      - data.nothing=1\n", ":7:9:"),
                        (b"{", ":2:"), (b"\x00\xff", "")):
        path = daemon.file_with(text, "bad.yaml")
        done = load(daemon, path)
        expect(done.returncode != 0, f"loaded: {text}")
        expect(path + where in done.stderr, f"{text}: no {path}{where} in {done.stderr}")
    expect_equal(json.loads(daemon.ctl("policy", "list", "-o", "json"))["policies"][0]["name"], "sentinel",
                 "the first")


@case("of several files those that are right are loaded, in one change, and the others are told of")
def several(daemon):
    good = [write_policy(daemon, policy_of("global", "openat", name=f"good-{i}")) for i in range(3)]
    bad = daemon.file_with(b"type: policy\nname: x\nscope: [nonsense=1]\nrules:\n  - event: openat\n",
                           "bad.yaml")
    done = load(daemon, good[0], bad, good[1], good[0], good[2])
    listed = [p["name"] for p in json.loads(daemon.ctl("policy", "list", "-o", "json"))["policies"]]
    daemon.ctl("policy", "unload", "good-0", "good-1", "good-2")
    expect_equal([name for name in listed if name.startswith("good-")], ["good-0", "good-1", "good-2"],
                 "loaded")
    expect(done.returncode != 0, "no failure is told")
    expect(bad + ":3:9:" in done.stderr and good[0] + ": " in done.stderr, f"told: {done.stderr}")


@case("256 policies at once, and the next is refused with the limit")
def limit(daemon):
    path = target(daemon)
    many = [policy_of("comm=opener", ("openat", f"data.pathname={path}"),
                      name=f"many-{i}") for i in range(LIMIT - 1)]
    for policy in many:
        write_policy(daemon, policy, daemon.policy_dir)
    until(lambda: len(json.loads(daemon.ctl("policy", "list", "-o", "json"))["policies"]) == LIMIT,
          "all are loaded")
    one_more = write_policy(daemon, policy_of("global", "openat", name="one-more"))
    done = load(daemon, one_more)
    expect(done.returncode != 0 and str(LIMIT) in done.stderr, f"not refused: {done}")
    run = daemon.act(lambda: named("opener")(path))
    found = [e for e in run.events if get(e, "data.pathname") == path]
    expect_equal([len(e["policies"]) for e in found], [LIMIT - 1], "policies of the event")
    for policy in many:
        os.unlink(os.path.join(daemon.policy_dir, policy["name"] + ".json"))
    until(lambda: len(json.loads(daemon.ctl("policy", "list", "-o", "json"))["policies"]) == 1,
          "all are gone")


@case("sets change under load: every event is told, with its policy")
def reload_under_load(daemon):
    path = target(daemon)
    opens, rounds = 40000, 40

    def load():
        LIBC.prctl(PR_SET_NAME, b"opener", 0, 0, 0)
        for _ in range(opens):
            open_once(path)

    def change():
        for i in range(rounds):
            with Loaded(daemon, policy_of("comm=other", "openat", name=f"other-{i}")):
                pass
    with Loaded(daemon, policy_of("comm=opener", ("openat", f"data.pathname={path}"))):
        run = daemon.act(load, meanwhile=change)
        expect_equal(len(of_policy(run, "tested")), opens, "opens with the policy")
    stats = json.loads(daemon.ctl("policy", "list", "-o", "json"))["policies"]
    expect_equal([p["name"] for p in stats if p["disagreements"]], [],
                 "policies that kernel and daemon disagree on")


def counted(daemon, event):
    """Kernel counters of an event."""
    return json.loads(daemon.ctl("event", "show", event, "-o", "json"))["counts"]


def explained(daemon, event, name="tested"):
    return [e for e in json.loads(daemon.ctl("policy", "explain", name,
                                             "-o", "json"))["events"] if e["event"] == event][0]


@case("the kernel leaves out what no policy wants, by the task and by the path")
def left_out(daemon):
    path, opens, parts, opened = target(daemon), 500, os.pipe(), os.pipe()

    def loop():
        LIBC.prctl(PR_SET_NAME, b"opener", 0, 0, 0)
        open_once(path)  # brings the kernel what it does not know of the process
        os.write(opened[1], b"x")
        os.read(parts[0], 1)
        for _ in range(opens):
            open_once(path)

    def when_it_knows():
        os.read(opened[0], 1)
        daemon.collect()
        os.write(parts[1], b"x")
    for scope, filters in (("comm=nobody", []), ("uid=4711", []), ("global", ["data.pathname=/nowhere/*"]),
                           ("exec=/nowhere/at/all", []), ("container", [])):
        with Loaded(daemon, policy_of(scope, ("openat", *filters))) as loaded:
            expect(explained(daemon, "openat")["decided"] in ("kernel", "partly"),
                   f"{scope} {filters} is not decided there")
            before = counted(daemon, "openat")["filtered"]
            run = daemon.act(loop, meanwhile=when_it_knows)
            out = counted(daemon, "openat")["filtered"] - before
            expect(out >= opens, f"{scope} {filters}: of {opens} opens {out} were left out")
            expect_equal((len(of_policy(run, "tested")), loaded.hits()), (0, 0), f"{scope} {filters}: events")
    for fd in parts + opened:
        os.close(fd)


@case("who wants the event as such gets all of it while he wants it")
def whole(daemon):
    path = target(daemon)
    program = os.path.join(os.path.dirname(daemon.program), "sechawkctl")
    program = program if os.path.exists(program) else "sechawkctl"
    with Loaded(daemon, policy_of("comm=nobody", "openat")):
        with subprocess.Popen([program, "--socket", daemon.socket, "trace",
                               f"event=openat data.pathname={path}", "-o", "json",
                               "-n", "3", "-t", "30"], stdout=subprocess.PIPE, text=True) as client:
            until(lambda: client.poll() is not None or daemon.act(lambda: open_once(path)) is None,
                  "three opens")
            lines = client.stdout.read().splitlines()
        expect_equal([json.loads(line).get("policies") for line in lines], [None] * 3,
                     "policies of what is traced")
        before = counted(daemon, "openat")["filtered"]
        daemon.act(lambda: open_once(path))
        expect(counted(daemon, "openat")["filtered"] > before,
               "nothing is left out any more after the client has gone")


@case("a system call that a policy names is looked at, whatever the configuration says")
def checked_calls(daemon):
    if os.uname().machine != "x86_64":
        raise Skip("the code is that of x86_64")

    def calls():
        # getppid, made by code in anonymous memory; it is not in events.checked_syscalls
        memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC,
                           flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        memory.write(b"\xb8\x6e\x00\x00\x00\x0f\x05\xc3")
        address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        ctypes.CFUNCTYPE(ctypes.c_long)(address)()
    with Loaded(daemon, policy_of("global", ("suspicious_syscall_source", "data.syscall=getppid"))):
        run = daemon.act(calls)
        expect_equal([get(e, "data.syscall") for e in of_policy(run, "tested")], ["getppid"],
                     f"calls: {run.report}")


@case("addresses of connections")
def connections(daemon):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    port = listener.getsockname()[1]

    def connect():
        for address in ("127.0.0.1", "127.0.0.2"):
            with socket.socket() as s:
                try:
                    s.connect((address, port))
                except OSError:
                    pass
    with Loaded(daemon, policy_of("global", ("security_socket_connect", "data.remote_addr=127.0.0.1"))):
        explained = json.loads(daemon.ctl("policy", "explain", "tested", "-o", "json"))["events"]
        if "probe" not in explained[0]:
            raise Skip(explained[0].get("problem", "the event cannot be observed here"))
        run = daemon.act(connect)
        expect_equal(len(of_policy(run, "tested")), 1, "connections to 127.0.0.1")
    listener.close()


@case("a killed process and its policies leave nothing behind")
def killed(daemon):
    path = target(daemon)
    with Loaded(daemon, policy_of(["comm=opener", "follow"], ("openat", f"data.pathname={path}"))):
        run = daemon.act(lambda: (named("opener")(path), os.kill(os.getpid(), signal.SIGKILL)) and None)
        expect_equal(run.status, -signal.SIGKILL, "status")
        expect_equal(len(of_policy(run, "tested")), 1, "opens")


@case("a hundred policies are loaded in a second; what one costs")
def hundred(daemon):
    def resident():
        with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def kernel():
        return json.loads(daemon.ctl("stats", "-o", "json"))["memory"]["kernel"]
    many = [policy_of(f"uid={1000 + i}", ("openat", f"data.pathname=/srv/{i}/*", f"data.pathname=/opt/{i}"),
                      name=f"many-{i}")
            for i in range(100)]
    before = resident() + kernel()
    aside = os.path.join(daemon.dir, "aside")
    os.mkdir(aside)
    for policy in many:
        write_policy(daemon, policy, aside)
    began = time.monotonic()
    for policy in many:
        os.rename(os.path.join(aside, policy["name"] + ".json"),
                  os.path.join(daemon.policy_dir, policy["name"] + ".json"))
    daemon.ctl("reload")
    took = time.monotonic() - began
    until(lambda: len(json.loads(daemon.ctl("policy", "list", "-o", "json"))["policies"]) == 101,
          "all are loaded")
    print(f"# 100 policies in {took:.2f} s with their files and a client, {(resident() + kernel() - before) / 102400:.1f} KiB each")
    for policy in many:
        os.unlink(os.path.join(daemon.policy_dir, policy["name"] + ".json"))
    until(lambda: len(json.loads(daemon.ctl("policy", "list", "-o", "json"))["policies"]) == 1,
          "all are gone")
