# SPDX-License-Identifier: LGPL-2.1-or-later
"""The process table against /proc, from the first moment on."""
import json
import os
import re
import subprocess
import time
from datetime import datetime

from lab import DEADLINE, Client, LIFE, case, expect, expect_equal, get, until

TICK = 1 / os.sysconf("SC_CLK_TCK")
BOOTED = time.clock_gettime(time.CLOCK_REALTIME) - time.clock_gettime(time.CLOCK_BOOTTIME)
NAMESPACES = ("uts", "ipc", "mnt", "pid", "pid_for_children", "net", "time", "time_for_children", "cgroup",
              "user")


def host_namespace(name):
    """Link of the host's namespace: that of PID 1, or of kthreadd where a sandbox hides PID 1 from everybody."""
    try:
        return os.readlink(f"/proc/1/ns/{name}")
    except PermissionError:
        return os.readlink(f"/proc/2/ns/{name}")


def hidden():
    """PID 1 where a sandbox's kernel hides it, from iterators as well."""
    try:
        os.readlink("/proc/1/ns/mnt")
        return set()
    except PermissionError:
        return {1}


def seconds(stamp):
    """Seconds since 1970 of an RFC 3339 time with nanoseconds."""
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    return datetime.fromisoformat(whole + "+00:00").timestamp() + float("0." + (fraction or "0"))


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def real(pid):
    """What /proc says of a process, None when it is gone or a zombie."""
    stat = read(f"/proc/{pid}/stat")
    if not stat:
        return None
    fields = stat.rsplit(b")", 1)[1].split()
    if fields[0] in (b"Z", b"X"):
        return None
    return {"pid": pid, "ppid": int(fields[1]), "start": BOOTED + int(fields[19]) * TICK,
            "argv": (read(f"/proc/{pid}/cmdline") or b"").split(b"\0")[:-1],
            "comm": (read(f"/proc/{pid}/comm") or b"").rstrip(b"\n")}


def all_real():
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return {p["pid"]: p for p in map(real, pids) if p and p["pid"] not in hidden()}


def compare(instance):
    """Every process that lives all the time while the table is asked is in it once, and as it is."""
    before = all_real()
    listed = instance.ctl_json("process", "list")["processes"]
    after = all_real()
    pids = [p["pid"] for p in listed]
    expect_equal(sorted(pids), sorted(set(pids)), "pids in the table")
    rows = {p["pid"]: p for p in listed}
    steady = {pid for pid, p in before.items() if pid in after and after[pid] == p}
    expect(len(steady) > 3, "processes in /proc")
    expect_equal([p for p in sorted(steady) if p not in rows], [], "missing in the table")
    for pid in steady:
        row, proc = rows[pid], before[pid]
        expect_equal(row["ppid"], proc["ppid"], f"parent of {pid}")
        expect(abs(seconds(row["start_time"]) - proc["start"]) <= 2 * TICK + 0.005,
               f"start of {pid}: {row['start_time']}, really {proc['start']}")
        argv = [a.encode("utf-8", "surrogateescape") for a in row.get("argv") or []]
        if proc["argv"] and b"" not in proc["argv"][-1:]:
            expect_equal(argv, proc["argv"], f"argv of {pid} ({row['source']})")
        if proc["argv"]: # /proc has longer names for kernel threads
            expect_equal(row["comm"].encode("utf-8", "surrogateescape"), proc["comm"], f"comm of {pid}")
    # What the table says lives did so when it was asked, or a moment before.
    gone = [p for p in rows if p not in before and p not in after and os.path.exists(f"/proc/{p}")]
    expect_equal(gone, [], "in the table and in /proc only in between")
    return rows


@case("process list is /proc: each live process once, with its parent, start, argv and comm")
def process_list(lab):
    sleepers = [lab.child("/bin/sleep", "1000", str(i)) for i in range(5)]
    a = lab.instance().start()
    rows = compare(a)
    for child in sleepers:
        expect_equal(rows[child.pid]["source"], "seed", f"source of {child.pid}")
    later = [lab.child("/bin/sleep", "1001", str(i)) for i in range(5)]
    until(lambda: all(a.of_pid(child.pid, "sched_process_exec") for child in later), "their execs")
    rows = compare(a)
    expect_equal({rows[child.pid]["source"] for child in later}, {"event"}, "sources of processes born later")
    for child in sleepers + later:
        child.kill()
        child.wait()
    until(lambda: all(a.of_pid(child.pid, "sched_process_exit") for child in later), "their exits")
    rows = compare(a)
    expect(not {child.pid for child in sleepers + later} & set(rows), "the dead are not listed")
    kept = {p["pid"] for p in a.ctl_json("process", "list", "--all")["processes"]}
    expect({child.pid for child in sleepers + later} <= kept, "the dead are remembered")


@case("process show: namespaces, cgroup, ancestors and children as in /proc")
def process_show(lab):
    a = lab.instance().start()
    child = lab.child("/bin/sleep", "1000")
    until(lambda: a.of_pid(child.pid, "sched_process_exec"), "its exec")
    shown = a.ctl_json("process", "show", str(child.pid))
    process = shown["process"]
    for name in NAMESPACES:
        link = f"/proc/{child.pid}/ns/{name}"
        if not os.path.lexists(link):
            continue
        inode = int(re.search(r"\[(\d+)\]", os.readlink(link))[1])
        expect_equal(get(process, f"ns.{name}.inode"), inode, f"namespace {name}")
        same = host_namespace(name) == os.readlink(link)
        expect_equal(get(process, f"ns.{name}.is_host"), same, f"is_host of {name}")
    cgroup = [line.split(":", 2)[2] for line in read(f"/proc/{child.pid}/cgroup").decode().splitlines()
              if line.startswith("0::")]
    if cgroup:
        expect_equal(get(process, "cgroup.path"), cgroup[0], "cgroup")
    expect_equal(process["exe"], os.path.realpath("/bin/sleep"), "exe")
    expect_equal(process["cwd"], os.getcwd(), "cwd")
    expect_equal((process["uid"], process["gid"]), (0, 0), "uid and gid")
    chain, pid = [], child.pid
    while (pid := real(pid)["ppid"]) and pid not in hidden():
        chain.append(pid)
    expect_equal([p["pid"] for p in shown["ancestors"]][:len(chain)], chain, "ancestors")
    parent = a.ctl_json("process", "show", str(os.getpid()))
    expect(child.pid in parent["children"], f"children of the parent: {parent['children']}")


@case("a process in namespaces of its own: is_host is false for them, and its pid inside is known")
def namespaces(lab):
    a = lab.instance().start()
    child = lab.child("unshare", "--fork", "--pid", "--mount", "--uts", "--ipc", "--kill-child", "/bin/sleep",
                      "1000")

    def inner():
        found = [e for e in a.read() if e["event"] == "sched_process_exec" and
                 e["data"]["argv"] == ["/bin/sleep", "1000"] and e["process"]["ppid"] == child.pid]
        return found[0]["process"] if found else None
    process = until(inner, "the exec of sleep")
    expect_equal(process["ns_pid"], 1, "pid in its namespace")
    for name in NAMESPACES:
        own = name in ("pid", "pid_for_children", "mnt", "uts", "ipc")
        expect_equal(get(process, f"ns.{name}.is_host"),
                     not own and host_namespace(name) == os.readlink(f"/proc/self/ns/{name}"),
                     f"is_host of {name}")


@case("process tree: every process below its parent, whole and of one branch")
def process_tree(lab):
    a = lab.instance().start()
    outer = lab.child("/bin/sh", "-c", "/bin/sleep 1000 & /bin/sleep 1000; :")
    until(lambda: len(a.ctl_json("process", "show", str(outer.pid))["children"]) == 2
          if a.of_pid(outer.pid) else None, "its children")
    nodes = a.ctl_json("process", "tree", str(outer.pid))["nodes"]
    expect_equal([n["depth"] for n in nodes], [0, 1, 1], "depths")
    path, seen = [], set()
    for node in a.ctl_json("process", "tree")["nodes"]:
        process, depth = node["process"], node["depth"]
        expect(process["pid"] not in seen, f"{process['pid']} is there twice")
        seen.add(process["pid"])
        path = path[:depth]
        expect_equal(len(path), depth, f"depth of {process['pid']}")
        if depth:
            expect_equal(process["ppid"], path[-1], f"parent of {process['pid']}")
        path.append(process["pid"])
    expect({1, outer.pid, os.getpid()} - hidden() <= seen, "all are in the whole tree")
    for pid in [n["process"]["pid"] for n in nodes[1:]]:
        os.kill(pid, 9)


@case("processes born while the daemon starts are there once each")
def born_at_start(lab):
    a = lab.instance()
    a.configure()
    # A storm that begins before the daemon and ends after it is ready; some of its children stay.
    enough = os.path.join(a.dir, "enough")
    storm = lab.child("/bin/sh", "-c", "n=0; while [ ! -e \"$0\" ] || [ $n -lt 300 ]; do "
                      "[ $n -ge 300 ] || { /bin/sleep 1000 & n=$((n+1)); }; /bin/true; done; exec sleep 1000",
                      enough, start_new_session=True)
    until(lambda: len(all_real()) > 20, "the storm")
    a.start()
    with open(enough, "w", encoding="ascii"):
        pass
    ids = subprocess.run(["pgrep", "-g", str(storm.pid)], capture_output=True, text=True, timeout=DEADLINE,
                         check=False).stdout.split()
    expect(len(ids) > 5, f"processes of the storm: {ids}")
    try:
        until(lambda: real(storm.pid)["comm"] == b"sleep", "the end of the storm")
        until(lambda: a.of_pid(storm.pid, "sched_process_exec"), "its last exec")
        rows = compare(a)
        sources = {}
        for row in rows.values():
            if row["ppid"] == storm.pid:
                sources[row["source"]] = sources.get(row["source"], 0) + 1
        expect_equal(sum(sources.values()), 300, f"children of the storm ({sources})")
    finally:
        os.killpg(storm.pid, 9)
    # Not by their parent: when that ends first they get another one.
    until(lambda: not {int(pid) for pid in ids} & set(all_real()), "their end")
    last = a.marked("afterwards")[0]["seq"]
    exits = [e["process"]["pid"] for e in a.read() if e["event"] == "sched_process_exit" and e["seq"] < last]
    expect_equal([pid for pid in map(int, ids) if exits.count(pid) != 1], [],
                 "processes without just one exit")
    stats = a.ctl_json("stats")["processes"]
    expect_equal(stats["evicted_alive"], 0, "living processes forgotten")


@case("ready means that the processes are in the table, with their arguments")
def ready_is_seeded(lab):
    sleepers = {child.pid: child for child in (lab.child("/bin/sleep", "1000", str(i)) for i in range(300))}
    try:
        a = lab.instance()
        a.configure()
        a.spawn()
        until(lambda: os.path.exists(a.socket), "the socket")
        # Asked before it is ready: the first thing that it answers.
        with Client(a.socket) as client:
            client.send("ProcessList")
            a.wait_ready()
            listed = {p["pid"]: p for p in client.receive()["parameters"]["processes"]}
        expect_equal([pid for pid in sleepers if pid not in listed], [], "missing")
        expect_equal([pid for pid in sleepers if not listed[pid].get("argv")], [], "without arguments")
    finally:
        for child in sleepers.values():
            child.kill()
            child.wait()


@case("a pid that does not exist is an error with a reason")
def no_process(lab):
    a = lab.instance().start()
    done = a.ctl_run("process", "show", "4194304")
    expect(done.returncode == 1 and "4194304" in done.stderr, f"{done.returncode}: {done.stderr}")


@case("memory does not grow over 20,000 processes")
def memory(lab):
    a = lab.instance().start(extra='process = { max_entries = 4096; max_bytes = "4M"; };',
                             sinks=f'{{ type = "file"; path = "{lab.dir}/f"; format = "template=%{{event}}";'
                                   ' filter = [ "event=sched_process_exit" ]; }')

    def storm(n):
        code = f"i=0; while [ $i -lt {n} ]; do /bin/true $i; i=$((i+1)); done"
        before = a.counts("sched_process_exit")["sent"]
        expect_equal(subprocess.run(["/bin/sh", "-c", code], check=False, timeout=100).returncode, 0,
                     "the storm")
        until(lambda: a.counts("sched_process_exit")["sent"] >= before + n, "its exits")
        until(lambda: a.sink("file")["queued_bytes"] == 0, "an empty queue")
        return a.memory()
    first = storm(6000)
    last = storm(14000)
    expect(last < first + (2 << 20),
           f"{first >> 10} KiB after 6,000 processes, {last >> 10} KiB after 20,000")
    expect_equal(a.ctl_json("status")["lost"], 0, "lost events")


@case("a change of credentials is told before the event that shows it")
def credentials(lab):
    a = lab.instance().start(events=(*LIFE, "process.context"))
    child = lab.child("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "/bin/sleep",
                      "1000")
    events = until(lambda: [e for e in a.of_pid(child.pid) if e["event"] == "sched_process_exec" and
                            e["data"]["argv"] == ["/bin/sleep", "1000"]], "the exec of sleep")
    expect_equal((get(events[0], "process.uid"), get(events[0], "process.euid")), (65534, 65534), "uids")
    child.kill()
    child.wait()


@case("Tetragon's exec_id: one for each program, that of the parent as the parent's own, and the same after a restart")
def exec_ids(lab):
    def executed(a, command):
        stream = a.stream("watch", "exec", "-o", "tetragon", "--where", "data.argv=identified")
        expect_equal(a.subscribers(), 1, "subscribers")
        command()
        events = [json.loads(stream.stdout.readline())["process_exec"] for _ in range(2)]
        stream.terminate()
        stream.wait()
        for event in events:
            expect_equal(event["process"]["parent_exec_id"], event["parent"]["exec_id"], "the parent's")
        return events

    a = lab.instance().start()
    shell = lab.child("/bin/sh", "-c", "while read line; do eval \"$line\"; done", stdin=subprocess.PIPE, text=True)

    def type_in(line):
        shell.stdin.write(line + "\n")
        shell.stdin.flush()

    # One process that executes two programs, then two processes of one parent.
    first, second = executed(a, lambda: type_in("/bin/sh -c 'exec /bin/true identified' identified"))
    expect_equal(first["process"]["pid"], second["process"]["pid"], "one process")
    expect(first["process"]["exec_id"] != second["process"]["exec_id"], f"two programs: {second}")
    expect_equal(first["parent"]["exec_id"], second["parent"]["exec_id"], "one parent")
    nested, child = executed(a, lambda: type_in("/bin/sh -c '/bin/true identified; :' identified"))
    expect_equal(child["process"]["parent_exec_id"], nested["process"]["exec_id"], "the child of a program")
    expect_equal(nested["parent"]["exec_id"], first["parent"]["exec_id"], "the same shell")
    a.stop()
    again, _ = executed(a.start(), lambda: type_in("/bin/sh -c 'exec /bin/true identified' identified"))
    expect_equal(again["parent"]["exec_id"], first["parent"]["exec_id"], "the same shell after a restart")
    shell.kill()
