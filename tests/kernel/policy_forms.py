# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cases of policy.py: policies in the forms of Tracee's manual, and what its examples are about."""
import json
import os
import shutil
import subprocess

from harness import Skip, expect, expect_equal, get, until
from policy_cases import LIBC, Loaded, PR_SET_NAME, case, of_policy, open_once, policy_of, target, write_policy

CONTAINER = "c0ffee" + "58" * 29
PTRACE_TRACEME = 0

CRD = """apiVersion: tracee.aquasec.com/v1beta1
kind: Policy
metadata:
  name: {name}
  annotations:
    description: an open
spec:
  scope:
    - comm=opener
  defaultActions:
    - log
  rules:
    - event: openat
      filters:
        - data.pathname={path}
      actions:
        - print
"""
PLAIN = """---
type: policy
name: {name}
description: an open
version: 1.0.0
scope: [ "comm=opener" ]
defaultActions: [ log ]
rules:
  - event: openat
    filters: [ "data.pathname={path}" ]
"""
OLD = """name: {name}
description: an open
scope:
  - comm=opener
defaultActions:
  - log
rules:
  - event: openat
    filters:
      - args.pathname={path}
"""
RULE = {"event": "openat", "filters": ["data.pathname={path}"]}
FORMS = {
    "crd.yaml": CRD, "plain.yml": PLAIN, "old.yaml": OLD,
    "crd.json": json.dumps({"apiVersion": "tracee.aquasec.com/v1beta1", "kind": "Policy", "metadata": {"name": "{name}"},
                            "spec": {"scope": ["comm=opener"], "rules": [RULE]}}),
    "plain.json": json.dumps({"type": "policy", "name": "{name}", "scope": ["comm=opener"], "rules": [RULE]}),
}


@case("every form of a file, as YAML and as JSON")
def forms(daemon):
    path, other, names = target(daemon), target(daemon, "other"), []
    files = []
    for file, text in FORMS.items():
        names.append(file.replace(".", "-"))
        files.append(os.path.join(daemon.dir, file))
        with open(files[-1], "w", encoding="utf-8") as out:
            out.write(text.replace("{name}", names[-1]).replace("{path}", path))
    daemon.ctl("policy", "load", *files)
    try:
        run = daemon.act(lambda: [named_opens(b"opener", path, other), named_opens(b"closer", path)] and None)
        opens = [e for e in run.all if e["event"] == "openat" and e.get("policies")]
        expect_equal([(get(e, "data.pathname"), sorted(e["policies"])) for e in opens], [(path, sorted(names))], "opens")
    finally:
        daemon.ctl("policy", "unload", *names)


def named_opens(name, *paths):
    LIBC.prctl(PR_SET_NAME, name, 0, 0, 0)
    for path in paths:
        open_once(path)


def cgroup_top():
    """The unified hierarchy, with v1 alone that of pids: there the daemon looks."""
    with open("/proc/mounts", encoding="utf-8") as mounts:
        rows = [line.split() for line in mounts]
    tops = [row[1] for row in rows if row[2] == "cgroup2"]
    tops += [row[1] for row in rows if row[2] == "cgroup" and "pids" in row[3].split(",")]
    if not tops:
        raise Skip("no cgroups")
    return tops[0]


class Box:
    """with Box() as act: act() makes a function that opens a file in the cgroup of a container."""

    def __enter__(self):
        self.path = f"{cgroup_top()}/docker-{CONTAINER}.scope"
        os.mkdir(self.path)
        return self.act

    def act(self, path):
        pid = os.fork()
        if pid == 0:
            with open(f"{self.path}/cgroup.procs", "w", encoding="utf-8") as procs:
                procs.write("0")
            os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
            # a container has programs of its own: what is inside is known of those
            os.execv("/bin/cat", ["cat", path])
        os.waitpid(pid, 0)

    def __exit__(self, *_):
        os.rmdir(self.path)


@case("scope container: in one, in this one, in another, in none")
def containers(daemon):
    with Box() as boxed:
        for scope, inside in (("container", True), ("not-container", False), (f"container={CONTAINER[:12]}", True),
                              (f"container={CONTAINER}", True), ("container=abc123", False),
                              ("container!=abc123", True), (f"container!={CONTAINER[:12]}", False)):
            path = target(daemon)
            with Loaded(daemon, policy_of(scope, ("openat", f"data.pathname={path}"))):
                seen = len(of_policy(daemon.act(lambda p=path: boxed(p)), "tested"))
                expect_equal(seen, int(inside), f"{scope}: opens in the container")
                seen = len(of_policy(daemon.act(lambda p=path: open_once(p)), "tested"))
                expect_equal(seen, int(scope == "not-container"), f"{scope}: opens of the host")


@case("filters on the container of an event: container, host, containerId")
def container_filters(daemon):
    with Box() as boxed:
        for text, inside, outside in (("container", 1, 0), ("container=true", 1, 0), ("host", 0, 1), ("host=true", 0, 1),
                                      (f"containerId={CONTAINER[:12]}*", 1, 0), (f"containerId!={CONTAINER}", 0, 1)):
            path = target(daemon)
            with Loaded(daemon, policy_of("global", ("openat", f"data.pathname={path}", text))):
                seen = len(of_policy(daemon.act(lambda p=path: boxed(p)), "tested"))
                expect_equal(seen, inside, f"{text}: opens in the container")
                seen = len(of_policy(daemon.act(lambda p=path: open_once(p)), "tested"))
                expect_equal(seen, outside, f"{text}: opens of the host")


@case("scope pid=new: who started after the daemon")
def new_processes(daemon):
    # this one was there before
    path = target(daemon)
    with Loaded(daemon, policy_of("pid=new", ("openat", f"data.pathname={path}"), name="new"),
                policy_of("pid!=new", ("openat", f"data.pathname={path}"), name="before")):
        run = daemon.act(lambda: open_once(path), meanwhile=lambda: open_once(path))
        expect_equal([get(e, "process.pid") for e in of_policy(run, "new")], [run.pid], "with pid=new")
        expect_equal([get(e, "process.pid") for e in of_policy(run, "before")], [os.getpid()], "with pid!=new")


@case("scope exec: in the host's mount namespace, in another one, and by wildcard")
def exec_prefixes(daemon):
    copy = os.path.join(daemon.dir, "prefixed")
    shutil.copy("/bin/cat", copy)
    here = os.stat("/proc/self/ns/mnt").st_ino
    host = get(daemon.trigger("sentinel", "x").of("sched_process_exec")[0], "process.ns.mnt.is_host")

    def own(path):
        subprocess.run([copy, path], stdout=subprocess.DEVNULL, check=True)

    def of_another(path):
        subprocess.run(["/bin/cat", path], stdout=subprocess.DEVNULL, check=True)
    scopes = [f"exec={here}:{copy}", f"exec={copy[:-2]}*"] + ([f"exec=host:{copy}"] if host else [])
    for scope in scopes:
        path = target(daemon)
        with Loaded(daemon, policy_of(scope, ("openat", f"data.pathname={path}"))):
            expect_equal(len(of_policy(daemon.act(lambda p=path: own(p)), "tested")), 1, f"{scope}: opens of it")
            expect_equal(len(of_policy(daemon.act(lambda p=path: of_another(p)), "tested")), 0, f"{scope}: of another")
    path = target(daemon)
    with Loaded(daemon, policy_of(f"exec=4026500000:{copy}", ("openat", f"data.pathname={path}"))):
        expect_equal(len(of_policy(daemon.act(lambda: own(path)), "tested")), 0, "opens in another namespace")


def link_calls(directory):
    """One call of each kind, by a process that nobody else is named like."""
    LIBC.prctl(PR_SET_NAME, b"linker", 0, 0, 0)
    a, b, c = (os.path.join(directory, name).encode() for name in ("a", "b", "c"))
    LIBC.link(a, b)
    LIBC.symlink(a, c)
    LIBC.unlink(b)
    LIBC.unlinkat(-100, c, 0)
    LIBC.mlock(None, 0)
    LIBC.munlock(None, 0)


@case("events of a rule: sets, tags, patterns, and what is taken away")
def event_forms(daemon):
    directory = os.path.dirname(target(daemon, "a"))
    for event, wanted in (("fs_link_ops", {"link", "symlink", "unlink", "unlinkat"}),
                          ("tag=fs_link_ops", {"link", "symlink", "unlink", "unlinkat"}),
                          ("fs_link_ops,-unlink*", {"link", "symlink"}), ("unlink*", {"unlink", "unlinkat"}),
                          ("*link", {"link", "symlink", "unlink"}), ("mlock*,munlock", {"mlock", "munlock"}),
                          ("link, unlink", {"link", "unlink"})):
        rule = {"name": "tested", "scope": ["comm=linker"], "rules": [{"event": event}]}
        with Loaded(daemon, rule):
            run = daemon.act(lambda: link_calls(directory))
        known = {"link", "symlink", "unlink", "unlinkat", "mlock", "munlock"}
        expect_equal({e["event"] for e in of_policy(run, "tested")} & known, wanted, f"events of {event}")


@case("events of a rule: what is taken away from nothing is taken away from the default")
def default_without(daemon):
    with Loaded(daemon, policy_of("comm=tracer", "-ptrace")):
        def act():
            LIBC.prctl(PR_SET_NAME, b"tracer", 0, 0, 0)
            LIBC.ptrace(PTRACE_TRACEME, 0, None, None)
            os.setpgid(0, 0)
        run = daemon.act(act)
    expect_equal([e["event"] for e in of_policy(run, "tested") if e["event"] in ("ptrace", "setpgid")], ["setpgid"],
                 "events")


def filtered(daemon, event, act, cases):
    """The policy with each filter of CASES sees as many EVENTs of ACT as it says."""
    for text, wanted in cases:
        filters = text if isinstance(text, list) else [text]
        with Loaded(daemon, policy_of("comm=actor", (event, *filters))):
            def named():
                LIBC.prctl(PR_SET_NAME, b"actor", 0, 0, 0)
                act()
            run = daemon.act(named)
            expect_equal(len([e for e in of_policy(run, "tested") if e["event"] == event.split(",")[0]]), wanted,
                         f"{event} with {text}: {run.report}")


@case("filters on data: numbers, names, their texts, the result under its other name")
def data_values(daemon):
    def trace():
        LIBC.ptrace(PTRACE_TRACEME, 0, None, None)
    filtered(daemon, "ptrace", trace, (("data.request=PTRACE_TRACEME", 1), ("data.request=0", 1), ("data.request!=0", 0),
                                       ("data.request=PTRACE_ATTACH,PTRACE_TRACEME", 1), ("args.request=16", 0),
                                       ("data.returnValue=0", 1), ("retval!=0", 0), ("retval>=0", 1), ("retval<=-1", 0),
                                       ("syscall=ptrace", 1), ("syscall=101,execve", 1), ("syscall!=ptrace", 0)))


@case("filters on data: descriptors, modes, flags by number")
def data_files(daemon):
    path = target(daemon)

    def make():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o640))
    number = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    filtered(daemon, "openat", make,
             [([f"data.pathname={path}", text], wanted) for text, wanted in (
                 ("data.dirfd=-100", 1), ("data.dirfd=AT_FDCWD", 1), ("data.dirfd!=-100", 0), (f"data.flags={number}", 1),
                 ("data.flags=O_RDONLY", 0), ("data.flags=O_CREAT|O_RDWR", 1), ("data.flags=*O_CREAT*", 1),
                 (f"data.mode={0o640}", 1), ("data.mode=0640", 1), ("data.mode=640", 0), ("data.mode!=0", 1),
                 ("data.mode>415", 1), ("syscall=open", 0), ("syscall=open,openat", 1))])


@case("filters on data: a list of events, of which some have the field")
def data_of_list(daemon):
    directory = os.path.dirname(target(daemon, "a"))
    policy = policy_of("comm=linker", ("unlink,unlinkat,mlock", f"data.pathname={directory}/*"))
    with Loaded(daemon, policy):
        run = daemon.act(lambda: link_calls(directory))
    expect_equal([e["event"] for e in of_policy(run, "tested")], ["unlink", "unlinkat"], "events")


@case("filters on the arguments of a program, and on where and what it is")
def exec_data(daemon):
    def run_it():
        subprocess.run(["/bin/cat", "/dev/null", "word-of-mine"], stderr=subprocess.DEVNULL, check=False, cwd="/usr")
    inode = os.stat("/bin/cat")
    octal = f"0{inode.st_mode:o}"
    exe = os.path.realpath("/bin/cat")
    for text, wanted in (("data.argv=*word-of-mine*", 1), ("data.argv=*word-of-yours*", 0), (f"data.pathname={exe}", 1),
                         ("data.pwd=/usr", 1), ("data.pwd=/usr/*", 0), (f"data.inode={inode.st_ino}", 1),
                         (f"data.inode_mode={inode.st_mode}", 1), (f"data.inode_mode={octal}", 1),
                         ("data.inode_mode!=0", 1), (f"data.inode_mode>{inode.st_mode}", 0), ("comm=cat", 1),
                         (f"executable={exe}", 1), ("p!=1", 1), (f"hostPpid={os.getpid()}", 0)):
        with Loaded(daemon, policy_of("global", ("sched_process_exec", text))):
            run = daemon.act(run_it)
        seen = [e for e in of_policy(run, "tested") if "word-of-mine" in get(e, "data.argv")]
        expect_equal(len(seen), wanted, f"execs with {text}: {run.report}")


@case("filters on the process and the event: each key, and each excluded")
def context_keys(daemon):
    path = target(daemon)
    spaces = {kind: os.stat(f"/proc/self/ns/{kind}").st_ino for kind in ("mnt", "pid")}
    for key, value, other in (("hostPid", "{pid}", 1), ("hostTid", "{pid}", 1), ("hostParentProcessId", os.getpid(), 1),
                              ("hostThreadId", "{pid}", 1), ("uid", 0, 4711), ("userId", 0, 4711),
                              ("mntns", spaces["mnt"], 5), ("mountNamespace", spaces["mnt"], 5),
                              ("pidns", spaces["pid"], 5), ("pidNamespace", spaces["pid"], 5),
                              ("timestamp>", 1700000000000000000, None), ("timestamp<", 1700000000000000000, None)):
        there, here = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.read(there, 1)
            open_once(path)
            os._exit(0)
        value = str(value).replace("{pid}", str(pid))
        if other is None:
            policies = {f"{key}={value}": int(key == "timestamp>")}
        else:
            policies = {f"{key}={value}": 1, f"{key}!={value}": 0, f"{key}={other}": 0, f"{key}={other},{value}": 1}
        with Loaded(daemon, *(policy_of("global", ("openat", f"data.pathname={path}", text), name=f"t{i}")
                              for i, text in enumerate(policies))):
            os.write(here, b"x")
            os.waitpid(pid, 0)
            events = daemon.collect()
        for fd in (there, here):
            os.close(fd)
        seen = {text: sum(f"t{i}" in e.get("policies", []) for e in events) for i, text in enumerate(policies)}
        expect_equal(seen, policies, f"opens with {key}")


@case("names that are looked up: the questions, by the program that asks")
def dns(daemon):
    if not os.path.exists("/bin/bash"):
        raise Skip("there is no bash to ask with")
    digger = os.path.join(daemon.dir, "digger")
    shutil.copy("/bin/bash", digger)
    query = r"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x04test\0\0\x01\0\x01"
    policies = {"asked": (f"executable={digger}", True), "named": ("comm=digger", True),
                "other": ("executable=/usr/bin/dig", False), "boxed": ("container", False)}
    with Loaded(daemon, *(policy_of(scope, "net_packet_dns_request", "net_packet_dns_response", name=name)
                          for name, (scope, _) in policies.items())):
        explained = json.loads(daemon.ctl("policy", "explain", "asked", "-o", "json"))["events"]
        if "probe" not in explained[0]:
            raise Skip(explained[0].get("problem", "the event cannot be observed here"))
        run = daemon.act(lambda: subprocess.run([digger, "-c", f"printf '{query}' >/dev/udp/127.0.0.1/53"], check=False,
                                                stderr=subprocess.DEVNULL) and None)
        found = [e for e in run.all if e["event"] == "net_packet_dns_request" and get(e, "process.pid") in run.pids]
        expect(found, f"no question: {run.report}")
        expect_equal(sorted(found[0].get("policies", [])), sorted(n for n, (_, yes) in policies.items() if yes),
                     "policies of the question")


@case("what is not there yet loads, is told as pending, and never matches")
def waiting(daemon):
    path = target(daemon)
    for scope, rule in ((["container=new"], "openat"), (["container=started"], "openat"), (["container!=new"], "openat"),
                        (["global"], ("openat", "podName!=x")), (["global"], ("openat", "containerImage!=x")),
                        (["global"], "container_create"), (["global"], ("security_file_open", "data.syscall_pathname!=x"))):
        with Loaded(daemon, policy_of(scope, rule)) as loaded:
            expect(loaded.pending(), f"{scope} {rule}: not pending")
            expect_equal(of_policy(daemon.act(lambda: open_once(path)), "tested"), [], f"{scope} {rule}: events")


def aggregated(name, path, window):
    policy = policy_of("comm=opener", ("openat", f"data.pathname={path}"), name=name)
    policy["rules"][0]["aggregate"] = {"window": window, "by": ["data.pathname", "process.uid"]}
    return policy


def rests_of(events, name):
    return [(get(e, "data.count"), get(e, "data.name"), get(e, "data.by")) for e in events
            if e["event"] == "policy.alike" and e.get("policies") == [name] and get(e, "data.policy") == name]


@case("aggregations tell what they left out when the window ends, and when the policy goes")
def aggregation_ends(daemon):
    path, events = target(daemon), []

    def opened(name):
        run = daemon.act(lambda: named_opens(b"opener", *[path] * 5))
        expect_equal(len([e for e in of_policy(run, name) if e["event"] == "openat"]), 1, "opens that are told")
        events.extend(run.all)

    def told():
        events.extend(daemon.read())
        return rests_of(events, name)
    rest = [(4, "openat", [f"data.pathname={path}", "process.uid=0"])]
    name = "short"
    with Loaded(daemon, aggregated(name, path, "1500ms")):
        opened(name)
        until(told, "the end of the window")
        expect_equal(told(), rest, "rest of a window")
    name = "long"
    with Loaded(daemon, aggregated(name, path, "1h")):
        opened(name)
        with Loaded(daemon, policy_of("comm=nobody", "openat", name="another")):
            pass
        opened_before = told()
    expect_equal(opened_before, [], "rest of a policy that goes on")
    until(told, "the rest of a policy that is gone")
    expect_equal(told(), rest, "rest of a policy that is gone")


@case("aggregations tell what they left out when the daemon stops")
def aggregation_stops(daemon):
    path = target(daemon)
    daemon.ctl("policy", "load", write_policy(daemon, aggregated("stopped", path, "1h")))
    events = daemon.act(lambda: named_opens(b"opener", *[path] * 5)).all
    daemon.process.terminate()
    daemon.process.wait()
    events += daemon.read()
    expect_equal(rests_of(events, "stopped"), [(4, "openat", [f"data.pathname={path}", "process.uid=0"])], "rest at the stop")
