# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cases of policy.py. What a policy is asked about is done twice: by somebody it describes and by somebody it does not."""
import ctypes
import json
import os
import shutil
import socket
import subprocess
import threading

from harness import Skip, expect, expect_equal, get, until

CASES = []
SENTINEL = {"name": "sentinel", "scope": ["comm=sentinel"], "rules": [{"event": "openat"}]}
LIMIT = 256
PR_SET_NAME = 15
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWPID = 0x20000, 0x4000000, 0x20000000
LIBC = ctypes.CDLL(None, use_errno=True)


def case(name):
    def add(function):
        CASES.append((name, function))
        return function
    return add


def write_policy(daemon, policy, directory=None, name=None):
    """Path of a file with the policy, in the form that has no envelope."""
    path = os.path.join(directory or daemon.dir, (name or policy["name"]) + ".json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"type": "policy", "version": "1.0.0", "description": "of a test", **policy}, out)
    return path


class Loaded:
    """with Loaded(daemon, policy, …): they are loaded, and gone at the end."""

    def __init__(self, daemon, *policies):
        self.daemon, self.policies = daemon, policies

    def __enter__(self):
        self.daemon.ctl("policy", "load", *(write_policy(self.daemon, policy) for policy in self.policies))
        return self

    def __exit__(self, kind, *_):
        listed = json.loads(self.daemon.ctl("policy", "list", "-o", "json"))["policies"]
        self.daemon.ctl("policy", "unload", *(p["name"] for p in self.policies), check=False)
        if kind is None:
            expect_equal([p["name"] for p in listed if p["disagreements"]], [], "policies that kernel and daemon disagree on")

    def pending(self):
        shown = json.loads(self.daemon.ctl("policy", "show", self.policies[0]["name"], "-o", "json"))
        return shown["policy"]["pending"]

    def hits(self, name=None):
        shown = json.loads(self.daemon.ctl("policy", "show", name or self.policies[0]["name"], "-o", "json"))
        return shown["policy"]["hits"]


def of_policy(run, name):
    return [e for e in run.all if name in e.get("policies", [])]


def policy_of(scope, *rules, name="tested"):
    """RULES: events, or (event, filter, …)."""
    return {"name": name, "scope": scope if isinstance(scope, list) else [scope],
            "rules": [{"event": r} if isinstance(r, str) else {"event": r[0], "filters": list(r[1:])} for r in rules]}


def target(daemon, name="target"):
    """A file whose opens tell who did it."""
    return daemon.file_with(b"x", name)


def open_once(path):
    os.close(os.open(path, os.O_RDONLY))


def check_scope(daemon, scope, inside, outside, meanwhile=None):
    """The policy sees what INSIDE does, once, and nothing of what OUTSIDE does. They are called in a child with the file
    to open, and MEANWHILE here."""
    path = target(daemon)
    with Loaded(daemon, policy_of(scope, ("openat", f"data.pathname={path}"))) as loaded:
        if loaded.pending():
            raise Skip(f"pending: {loaded.pending()[0]}")
        run = daemon.act(lambda: inside(path), meanwhile)
        found = of_policy(run, "tested")
        expect_equal([(e["event"], get(e, "data.pathname"), get(e, "process.pid") in run.pids) for e in found],
                     [("openat", path, True)], f"what {scope} sees of who is inside: {run.report}")
        run = daemon.act(lambda: outside(path), meanwhile)
        expect_equal(len(of_policy(run, "tested")), 0, f"what {scope} sees of who is not: {run.report}")
        expect_equal(loaded.hits(), 1, "hits")


def as_uid(uid):
    def act(path):
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        open_once(path)
    return act


def named(name):
    def act(path):
        LIBC.prctl(PR_SET_NAME, name.encode(), 0, 0, 0)
        open_once(path)
    return act


def unshared(flags, then=None):
    def act(path):
        if LIBC.unshare(flags):
            raise OSError(ctypes.get_errno(), "unshare")
        if then:
            then()
        open_once(path)
    return act


def child_opens(path):
    """A child of a child, by fork only."""
    pid = os.fork()
    if pid == 0:
        open_once(path)
        os._exit(0)
    os.waitpid(pid, 0)


@case("scope global: everybody")
def scope_global(daemon):
    path = target(daemon)
    with Loaded(daemon, policy_of("global", ("openat", f"data.pathname={path}"))):
        run = daemon.act(lambda: (open_once(path), child_opens(path)) and None)
        expect_equal(len(of_policy(run, "tested")), 2, "opens")


UID_CASES = [("uid=4711", 4711, 4712), ("uid!=4711", 4712, 4711), ("uid>4711", 4712, 4711), ("uid<4711", 4710, 4711),
             ("uid>=4711", 4711, 4710), ("uid<=4711", 4711, 4712), ("uid=4700,4711", 4711, 4712),
             ("uid!=4700,4711", 4712, 4711)]
for _scope, _in, _out in UID_CASES:
    CASES.append((f"scope {_scope}", lambda daemon, s=_scope, i=_in, o=_out: check_scope(daemon, s, as_uid(i), as_uid(o))))

COMM_CASES = [("comm=cucumber", "cucumber", "tomato"), ("comm!=cucumber", "tomato", "cucumber"),
              ("comm=a,cucumber", "cucumber", "cucumbe"), ("comm=cuc*", "cucumber", "cocumber"),
              ("comm=*ber", "cucumber", "cucumbers"), ("comm=*cum*", "cucumber", "cuucmber"),
              ("comm=a-very-long-name-of-a-program", "a-very-long-nam", "a-very-long-na")]
for _scope, _in, _out in COMM_CASES:
    CASES.append((f"scope {_scope}", lambda daemon, s=_scope, i=_in, o=_out: check_scope(daemon, s, named(i), named(o))))


@case("scope pid: a process, and not another")
def scope_pid(daemon):
    path = target(daemon)
    mine = policy_of(f"pid={os.getpid()}", ("openat", f"data.pathname={path}"))
    others = policy_of(f"pid!={os.getpid()}", ("openat", f"data.pathname={path}"), name="others")
    with Loaded(daemon, mine, others):
        run = daemon.act(lambda: open_once(path), meanwhile=lambda: open_once(path))
        expect_equal([get(e, "process.pid") for e in of_policy(run, "tested")], [os.getpid()], "with pid=")
        expect_equal([get(e, "process.pid") for e in of_policy(run, "others")], [run.pid], "with pid!=")


@case("scope mntns and pidns: by inode")
def scope_namespaces(daemon):
    for name, kind, flag in (("mntns", "mnt", CLONE_NEWNS), ("pidns", "pid", CLONE_NEWPID)):
        inode = os.stat(f"/proc/self/ns/{kind}").st_ino
        inside, outside = (lambda path: child_opens(path)), (lambda path, f=flag: unshared(f, lambda: child_opens(path))("/"))
        check_scope(daemon, f"{name}={inode}", inside, outside)
        check_scope(daemon, f"{name}!={inode}", outside, inside)


@case("scope uts: by the name of the host as the process has it")
def scope_uts(daemon):
    there, go = os.pipe(), os.pipe()

    def host(name):
        def act(path):
            def rename():
                LIBC.sethostname(name.encode(), len(name))
                # the daemon asks a process there that lives for its name, at the latest when one executes
                cat = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE)
                os.write(there[1], b"x")
                os.read(go[0], 1)
                cat.communicate()
            unshared(CLONE_NEWUTS, rename)(path)
        return act

    def when_named():
        os.read(there[0], 1)
        daemon.collect()
        os.write(go[1], b"x")
    check_scope(daemon, "uts=pickle", host("pickle"), host("pickles"), when_named)
    check_scope(daemon, "uts!=pickle", host("pickles"), host("pickle"), when_named)
    for fd in there + go:
        os.close(fd)


@case("scope exec: by the program, whoever started it")
def scope_exec(daemon):
    path, copy = target(daemon), os.path.join(daemon.dir, "opener")
    shutil.copy(os.path.join(daemon.bin, "sentinel"), copy)
    for word in ("exec", "executable", "bin", "binary"):
        with Loaded(daemon, policy_of(f"{word}={copy}", "openat"),
                    policy_of([f"{word}!={copy}", "comm=opener"], "openat", name="others")):
            run = daemon.trigger("sentinel", path)
            expect_equal(len(of_policy(run, "tested")), 0, f"opens of another program with {word}")
            run = daemon.act(lambda: subprocess.run([copy, path], check=False) and None)
            expect(len(of_policy(run, "tested")) > 0, f"no open of the program itself with {word}")
            expect_equal({get(e, "process.exe") for e in of_policy(run, "tested")}, {copy}, "programs")
            expect_equal(len(of_policy(run, "others")), 0, f"opens of the program with {word}!=")


@case("scope tree: a process and its descendants, not its parent")
def scope_tree(daemon):
    path, parts = target(daemon), os.pipe()

    def root():
        os.read(parts[0], 1)
        open_once(path)
        child_opens(path)
        child_opens(path)

    pid = os.fork()
    if pid == 0:
        root()
        os._exit(0)
    with Loaded(daemon, policy_of(f"tree={pid}", ("openat", f"data.pathname={path}"))):
        daemon.collect()
        os.write(parts[1], b"x")
        open_once(path)
        os.waitpid(pid, 0)
        found = [e for e in daemon.collect() if "tested" in e.get("policies", [])]
        expect_equal(len(found), 3, "opens")
        expect(os.getpid() not in {get(e, "process.pid") for e in found}, "the parent is in the tree")
    for fd in parts:
        os.close(fd)


@case("scope follow: children are in scope whatever they become")
def scope_follow(daemon):
    path = target(daemon)

    def family():
        LIBC.prctl(PR_SET_NAME, b"patriarch", 0, 0, 0)
        open_once(path)
        if os.fork() == 0:
            LIBC.prctl(PR_SET_NAME, b"son", 0, 0, 0)
            child_opens(path)
            subprocess.run(["/bin/cat", path], stdout=subprocess.DEVNULL, check=False)
            os._exit(0)
        os.wait()

    with Loaded(daemon, policy_of(["comm=patriarch", "follow"], ("openat", f"data.pathname={path}")),
                policy_of("comm=patriarch", ("openat", f"data.pathname={path}"), name="plain")):
        run = daemon.act(family)
        expect_equal(len(of_policy(run, "tested")), 3, "opens of the family")
        expect_equal(len(of_policy(run, "plain")), 1, "opens of its head")
        expect_equal(of_policy(daemon.act(lambda: open_once(path)), "tested"), [], "opens of others")


@case("scope follow: who is followed stays so over other policies' coming and going")
def follow_survives(daemon):
    path, parts = target(daemon), os.pipe()

    def family():
        LIBC.prctl(PR_SET_NAME, b"patriarch", 0, 0, 0)
        pid = os.fork()
        if pid == 0:
            LIBC.prctl(PR_SET_NAME, b"son", 0, 0, 0)
            os.read(parts[0], 1)
            open_once(path)
            os._exit(0)
        os._exit(0)

    with Loaded(daemon, policy_of(["comm=patriarch", "follow"], ("openat", f"data.pathname={path}"))):
        pid = os.fork()
        if pid == 0:
            family()
        os.waitpid(pid, 0)
        daemon.collect()
        with Loaded(daemon, policy_of(["comm=other", "follow"], "openat", name="another")):
            pass
        os.write(parts[1], b"x")
        until(lambda: any("tested" in e.get("policies", []) for e in daemon.read()), "the open of the child")
    for fd in parts:
        os.close(fd)


@case("scopes are joined by and")
def scopes_joined(daemon):
    def both(uid, name):
        def act(path):
            as_uid(uid)("/")
            named(name)(path)
        return act
    check_scope(daemon, ["uid=4711", "comm=cucumber"], both(4711, "cucumber"), both(4711, "tomato"))
    check_scope(daemon, ["uid=4711", "comm=cucumber"], both(4711, "cucumber"), both(4712, "cucumber"))


@case("what the kernel remembers of a task ends when it becomes another")
def remembered(daemon):
    path, copy = target(daemon), os.path.join(daemon.dir, "opener")
    shutil.copy(os.path.join(daemon.bin, "sentinel"), copy)

    def in_turns(step, *values):
        def act():
            for value in values:
                step(value)
                for _ in range(3):
                    open_once(path)
        return act

    def become(uid):
        os.setresuid(uid, 0, 0)

    def rename(name):
        LIBC.prctl(PR_SET_NAME, name, 0, 0, 0)

    def replaced():
        for _ in range(3):
            open_once(path)
        os.execv(copy, [copy, path])
    for scope, act, opens in (("uid=4711", in_turns(become, 4712, 4711, 4712, 4711), 6),
                              ("comm=cucumber", in_turns(rename, b"tomato", b"cucumber", b"tomato", b"cucumber"), 6),
                              (f"exec={copy}", replaced, 1)):
        with Loaded(daemon, policy_of(scope, ("openat", f"data.pathname=*{path}"))):
            run = daemon.act(act)
            expect_equal(len(of_policy(run, "tested")), opens, f"opens with {scope}: {run.report}")


@case("what matches has the ids and the path of its moment, and comes in the order in which it was done")
def of_its_moment(daemon):
    path, other = target(daemon), target(daemon, "other")
    uids = [4711, 4712, 4713, 4711]

    def act():
        for uid in uids:
            os.setresuid(uid, 0, 0)
            open_once(other)
            open_once(path)
    for event, filters in (("openat", [f"data.pathname={path}"]), ("file_open", [f"data.pathname={path}"]), ("file_open", [])):
        with Loaded(daemon, policy_of("global", (event, *filters))):
            run = daemon.act(act)
            found = [e for e in of_policy(run, "tested") if get(e, "process.pid") in run.pids]
            expect_equal([get(e, "process.uid") for e in found if get(e, "data.pathname") == path], uids,
                         f"ids at each {event} with {filters}")
            times = [e["time"] for e in found]
            expect_equal(times, sorted(times), f"times of each {event} with {filters}")


FILTERS = [
    # filter with {dir}, names of files that match, of files that do not
    ("data.pathname={dir}/a", ["a"], ["ab", "b"]), ("data.pathname!={dir}/a", ["ab", "b"], ["a"]),
    ("data.pathname={dir}/a*", ["a", "ab"], ["b", "ba"]), ("data.pathname=*.key", ["x.key", ".key"], ["key", "x.keys"]),
    ("data.pathname=*/secret-*", ["secret-", "secret-1"], ["asecret-", "secret"]),
    ("data.pathname={dir}/a,{dir}/b", ["a", "b"], ["c", "ab"]), ("data.pathname!={dir}/a,{dir}/b", ["c"], ["a", "b"]),
    ("args.pathname={dir}/a", ["a"], ["b"]),
]


def make_files(daemon, names):
    directory = os.path.dirname(daemon.file_with(b"", "0"))
    for name in names:
        with open(os.path.join(directory, name), "wb"):
            pass
    return directory


def opens_of(daemon, filters, names, event="openat", scope=None):
    """The names, of NAMES, whose opens the policy sees; each file is opened once by a process of its own name."""
    directory = make_files(daemon, names)
    filters = [f.replace("{dir}", directory) for f in filters]

    def all_files():
        LIBC.prctl(PR_SET_NAME, b"opener", 0, 0, 0)
        for name in names:
            try:
                open_once(os.path.join(directory, name))
            except OSError:
                pass
    with Loaded(daemon, policy_of(scope or "comm=opener", (event, *filters))):
        run = daemon.act(all_files)
    paths = [get(e, "data.pathname") for e in of_policy(run, "tested")]
    return sorted(os.path.basename(p) for p in paths if os.path.dirname(p) == directory)


for _filter, _yes, _no in FILTERS:
    CASES.append((f"filter {_filter}", lambda daemon, f=_filter, y=_yes, n=_no: expect_equal(
        opens_of(daemon, [f], y + n), sorted(y), "files")))


@case("filters of several fields are joined by and, of one field by or")
def filters_joined(daemon):
    names = ["a", "b", "c"]
    expect_equal(opens_of(daemon, ["data.pathname={dir}/a", "data.pathname={dir}/b"], names), ["a", "b"], "files")
    expect_equal(opens_of(daemon, ["data.pathname={dir}/*", "data.pathname!={dir}/b"], names), ["a", "b", "c"],
                 "a value that is wanted wins over one that is not")


@case("filter retval: numbers and their order")
def filter_retval(daemon):
    path = target(daemon)
    missing = path + "-missing"

    def both():
        open_once(path)
        try:
            open_once(missing)
        except OSError:
            pass
    wanted = {"retval=-2": [missing], "retval!=-2": [path], "retval<0": [missing], "retval>=0": [path]}
    for text, paths in wanted.items():
        with Loaded(daemon, policy_of("comm=opener", ("openat", text, f"data.pathname={path}*"))):
            run = daemon.act(lambda: (LIBC.prctl(PR_SET_NAME, b"opener", 0, 0, 0), both()) and None)
        expect_equal([get(e, "data.pathname") for e in of_policy(run, "tested")], paths, text)


@case("filter of flags: by name and by number")
def filter_flags(daemon):
    path = target(daemon)

    def both():
        LIBC.prctl(PR_SET_NAME, b"opener", 0, 0, 0)
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
        os.close(os.open(path, os.O_RDONLY))
    for text, append in (("data.flags=O_APPEND", True), (f"data.flags={os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC}", True)):
        with Loaded(daemon, policy_of("comm=opener", ("openat", f"data.pathname={path}", text))):
            run = daemon.act(both)
        found = of_policy(run, "tested")
        expect_equal(len(found), 1, f"opens with {text}")
        expect_equal("O_APPEND" in get(found[0], "data.flags"), append, text)


@case("filter of the process: by uid and comm, under all their names")
def filter_process(daemon):
    path = target(daemon)
    for text, inside, outside in (("uid=4711", as_uid(4711), as_uid(4712)), ("comm=cucumber", named("cucumber"), named("x")),
                                  ("processName=cuc*", named("cucumber"), named("tomato")),
                                  ("userId!=0", as_uid(4711), open_once)):
        with Loaded(daemon, policy_of("global", ("openat", f"data.pathname={path}", text))):
            expect_equal(len(of_policy(daemon.act(lambda i=inside: i(path)), "tested")), 1, f"{text}: inside")
            expect_equal(len(of_policy(daemon.act(lambda o=outside: o(path)), "tested")), 0, f"{text}: outside")


@case("several events and policies: an event names all that match")
def several(daemon):
    path = target(daemon)

    def act():
        LIBC.prctl(PR_SET_NAME, b"opener", 0, 0, 0)
        open_once(path)
        os.dup2(0, 9)
    with Loaded(daemon, policy_of("comm=opener", ("openat", f"data.pathname={path}"), "dup2,dup3", name="first"),
                policy_of("comm=opener", ("openat", "data.pathname=*/target"), name="second"),
                policy_of("comm=nobody", "openat", name="third")):
        run = daemon.act(act)
    opens = [e for e in run.events if e["event"] == "openat" and get(e, "data.pathname") == path]
    expect_equal([sorted(e["policies"]) for e in opens], [["first", "second"]], "policies of the open")
    dups = [e["policies"] for e in run.events if e["event"] in ("dup2", "dup3")]
    expect_equal(dups, [["first"]], "policies of the dup")


@case("an enabled event comes whether or not a policy matches, with its policies")
def enabled_too(daemon):
    with Loaded(daemon, policy_of("comm=cat", "sched_process_exec")):
        run = daemon.act(lambda: [subprocess.run([p, "/dev/null"], check=False) for p in ("/bin/cat", "/bin/true")] and None)
    execs = {os.path.basename(get(e, "process.exe")): e.get("policies") for e in run.of("sched_process_exec")}
    expect_equal((execs.get("cat"), execs.get("true", "none seen")), (["tested"], None), "execs")


@case("rates: what is too much stays in the kernel, and the same is told where the daemon decides")
def rated(daemon):
    path, opens = target(daemon), 3000

    def limited(name, where):
        policy = policy_of("comm=opener", ("openat", f"data.pathname={path}"), name=name)
        policy["rules"][0] |= {"rate": {"per_second": 5}} | ({"where": where} if where else {})
        return policy

    def act():
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        LIBC.prctl(PR_SET_NAME, b"opener", 0, 0, 0)
        for _ in range(opens):
            open_once(path)

    def rule_of(name):
        return json.loads(daemon.ctl("policy", "show", name, "-o", "json"))["rules"][0]
    before = counters(daemon, "openat")
    with Loaded(daemon, limited("kernel", None)):
        told = len(of_policy(daemon.act(act), "kernel"))
        after = counters(daemon, "openat")
        rule = rule_of("kernel")
        # what one set of programs has counted is kept when the next one takes over
        with Loaded(daemon, policy_of("comm=nobody", "openat", name="another")):
            again = rule_of("kernel")
    expect(5 <= told <= 200 and told % 5 == 0, f"told: {told}")
    expect_equal((rule["hits"], rule["seen"], rule["left_out_in_kernel"]), (told, opens, opens - told), "counted")
    expect_equal(again["left_out_in_kernel"], rule["left_out_in_kernel"], "after another policy was loaded")
    expect(after["sent"] - before["sent"] <= told + 10, f"sent: {before}, {after}")
    with Loaded(daemon, limited("kernel", None), limited("daemon", "data.pathname~=target$")):
        run = daemon.act(act)
        expect_equal({tuple(sorted(e["policies"])) for e in of_policy(run, "daemon") + of_policy(run, "kernel")},
                     {("daemon", "kernel")}, "who told")
        expect_equal((rule_of("daemon")["seen"], rule_of("daemon")["left_out_in_kernel"]), (opens, 0), "decided here")


def counters(daemon, event):
    return next(e for e in json.loads(daemon.ctl("stats", "-o", "json"))["events"] if e["event"] == event)


def traced(daemon, again, *words):
    """The events that a client is told while AGAIN is called, over and over until it has enough."""
    with subprocess.Popen(daemon.ctl_command("trace", *words, "-o", "json", "-t", "30"), stdout=subprocess.PIPE,
                          text=True) as client:
        until(lambda: again() or client.poll() is not None, f"the end of trace {' '.join(words)}")
        return [json.loads(line) for line in client.stdout.read().splitlines()]


@case("filters of a trace: what they leave out stays in the kernel")
def trace_filtered(daemon):
    path, turns = target(daemon), []

    def both():
        turns.append(1)
        for name, opens in ((b"tomato", 25), (b"cucumber", 1)):
            pid = os.fork()
            if pid == 0:
                LIBC.prctl(PR_SET_NAME, name, 0, 0, 0)
                for _ in range(opens):
                    open_once(path)
                os._exit(0)
            os.waitpid(pid, 0)
    before = counters(daemon, "openat")
    events = traced(daemon, both, "comm=cucumber event=openat", "-n", "3")
    after = counters(daemon, "openat")
    expect_equal({get(e, "process.comm") for e in events}, {"cucumber"}, "who is told of")
    expect(after["filtered"] - before["filtered"] >= 50, f"filtered in the kernel: {before}, {after}")
    expect(after["sent"] - before["sent"] <= len(turns) + 10, f"sent in {len(turns)} turns: {before}, {after}")
    # somebody who wants all gets all, whatever others leave out
    with subprocess.Popen(daemon.ctl_command("trace", "comm=nobody event=openat", "-t", "60"),
                          stdout=subprocess.DEVNULL) as other:
        events = traced(daemon, both, "event=openat", f"data.pathname={path}", "-n", "30")
        other.terminate()
    expect_equal({get(e, "process.comm") for e in events}, {"cucumber", "tomato"}, "who is told of to somebody else")


@case("trace and watch select by policy")
def selected(daemon):
    path = target(daemon)
    with Loaded(daemon, policy_of("comm=opener", ("openat", f"data.pathname={path}"))):
        program = os.path.join(os.path.dirname(daemon.program), "sechawkctl")
        program = program if os.path.exists(program) else "sechawkctl"
        for words in (["trace", "policy=tested"], ["watch", "--where", "policy=tested"], ["watch", "openat"]):
            client = subprocess.Popen([program, "--socket", daemon.socket, *words, "-o", "json", "-n", "1", "-t", "20"],
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            stop = threading.Event()

            def again(stop=stop):
                while not stop.is_set():
                    child = subprocess.Popen(["/bin/sh", "-c", "true"])
                    child.wait()
                    pid = os.fork()
                    if pid == 0:
                        LIBC.prctl(PR_SET_NAME, b"opener", 0, 0, 0)
                        open_once(path)
                        os._exit(0)
                    os.waitpid(pid, 0)
                    stop.wait(0.05)
            worker = threading.Thread(target=again)
            worker.start()
            out, err = client.communicate(timeout=60)
            stop.set()
            worker.join()
            expect_equal(client.returncode, 0, f"{words}: {err}")
            event = json.loads(out.splitlines()[0])
            if words != ["watch", "openat"]:
                expect_equal(event.get("policies"), ["tested"], " ".join(words))
            expect_equal(event["event"], "openat", " ".join(words))
