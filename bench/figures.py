# SPDX-License-Identifier: LGPL-2.1-or-later
"""The figures that have limits. Each function yields one or more of them."""
import json
import os
import shutil
import socket
import statistics
import subprocess
import time

from instance import Failed, Instance, lost, prefer
from measure import MB, empty, figure, interval, pairs, ratio_of, skipped

LIFE = ["sched_process_fork", "sched_process_exec", "sched_process_exit"]
DEFAULT = LIFE + ["net_tcp_connect", "net_tcp_accept", "ptrace"]


# Opens a second that a CPU makes about, bytes of one as JSON, and a file sink with room for seconds of them.
PACE, LINE_BYTES = 300000, 1550
ROTATE_BYTES, ROTATE_KEEP = 256 * MB, 24
ROTATED = f'rotate_bytes = "{ROTATE_BYTES // MB}M"; rotate_keep = {ROTATE_KEEP}; queue_bytes = "64M";'


def rotated(path):
    """The files that a rotated one consists of, the newest first."""
    return [name for name in [path] + [f"{path}.{i}" for i in range(1, ROTATE_KEEP + 2)] if os.path.exists(name)]


def marked(bench):
    """What stands in the line of each open of a workload, and of no other."""
    return b'"pathname":' + json.dumps(bench.target).encode()


def count_lines(path, *marks):
    """Lines of a file that hold all the marks."""
    with open(path, "rb") as lines:
        return sum(all(mark in line for mark in marks) for line in lines)


def fork_exec(bench):
    """fork, exec and exit of each process in full, as JSON to a file."""
    count, slices = bench.size((5000, 100), (200, 10))
    args = (bench.built("bench/workloads/child"), count, slices)
    mark = b'"argv":[' + json.dumps(args[0]).encode() + b"]"
    missing, losses, cpu = [], [], []

    def traced():
        with Instance(bench, LIFE) as daemon:
            before = daemon.cpu_seconds()
            report = bench.workload("fork_exec", *args)
            stats = daemon.settle()
            cpu.append((daemon.cpu_seconds() - before) * 1e6 / 3 / report["done"])
            losses.append(lost(stats))
            missing.append(report["done"] - count_lines(daemon.file, b'"event":"sched_process_exec"', mark))
        return report

    both = pairs(bench.size(21, 2), lambda: bench.workload("fork_exec", *args), traced)
    yield figure("fork_exec", 1.05, **ratio_of(both, by="mean"), lost=sum(losses) + sum(map(abs, missing)),
                 daemon_us_per_event=round(statistics.median(cpu), 3))


def open_json(bench):
    """Every open as JSON with its resolved path to a file."""
    count, slices = bench.size((1000000, 100), (20000, 20))
    cpu, missing, losses, size, written = [], [], [], [], set()

    def traced():
        with bench.room(int(1.2 * count * LINE_BYTES), ROTATE_BYTES) as (within, reserve), \
                Instance(bench, ["file_open"], sink=ROTATED, within=within) as daemon:
            written.add(os.path.dirname(within))
            before, first = daemon.cpu_seconds(), daemon.ctl("stats")["pipeline"]["events"]
            report = bench.workload("opens", bench.target, count, slices, meanwhile=lambda: reserve.follow(daemon.file))
            stats = daemon.settle()
            cpu.append((daemon.cpu_seconds() - before) * 1e6 / (stats["pipeline"]["events"] - first))
            losses.append(lost(stats))
            missing.append(report["done"] - sum(count_lines(path, marked(bench)) for path in rotated(daemon.file)))
            size.append(stats["sinks"][0]["bytes"] / max(1, stats["sinks"][0]["events"]))
        return report

    both = pairs(bench.size(7, 2), lambda: bench.workload("opens", bench.target, count, slices), traced)
    yield figure("open_json", 2.2, **ratio_of(both), opens=count, lost=sum(losses) + sum(map(abs, missing)),
                 line_bytes=round(statistics.median(size)), written_to=" ".join(written))
    yield figure("open_json_daemon_us", 0.9, value=round(statistics.median(cpu), 3), unit="us/event")


def links(daemon):
    return [f"{p['name']} ({p['kind']} {p['target']})" for p in daemon.ctl("probe", "list")["programs"]]


def getppid(bench, name, limit, events):
    args = bench.size((300000, 60), (50000, 10))
    attached = []

    def traced():
        with Instance(bench, events) as daemon:
            attached[:] = links(daemon)
            return bench.workload("getppid", *args)

    both = pairs(bench.size(31, 3), lambda: bench.workload("getppid", *args), traced)
    return figure(name, limit, **ratio_of(both), links=attached)


def getppid_life(bench):
    """A call that is not watched, while the life cycle of processes is."""
    yield getppid(bench, "getppid_life", 1.05, LIFE)


def getppid_syscalls(bench):
    """A call that is not watched, while others are; and what any program at the same place costs that does nothing."""
    yield getppid(bench, "getppid_syscalls", 1.25, ["execve", "openat", "ptrace"])
    args = bench.size((300000, 60), (50000, 10))
    yield empty(bench, "getppid_empty", ["sys_exit"], bench.size(31, 3), lambda: bench.workload("getppid", *args))


def bpf_ns(bench):
    """Time in our programs for one exec and one open, from the kernel's own counters, in a window of its own."""
    def window(events, name, *args):
        with Instance(bench, events) as daemon:
            child = subprocess.Popen(
                [bench.built("sechawkctl"), "--socket", daemon.socket, "-o", "json", "stats", "--window",
                 str(bench.size(4000, 1500))], stdout=subprocess.PIPE)
            time.sleep(0.3)
            report = bench.workload(name, *args)
            stats = json.loads(child.communicate()[0])
        ran = [p for p in stats["programs"] if p["runs"]]
        per = {p["name"]: round(p["ns"] / p["runs"]) for p in ran}
        return report["done"], per

    child = bench.built("bench/workloads/child")
    _, per = window(LIFE, "fork_exec", child, bench.size(5000, 500), 10)
    life = {k: v for k, v in per.items() if k.startswith("proc_")}
    yield figure("bpf_ns_per_exec", None, value=life.get("proc_exec_rtp"), unit="ns", programs=life)
    count = bench.size(1000000, 100000)
    _, per = window(["file_open"], "opens", bench.target, count, 10)
    opens = {k: v for k, v in per.items() if k.startswith(("file_", "sys_"))}
    # sys_exit also runs for each close, so the mean of its runs is half of that of an open
    yield figure("bpf_ns_per_open", None, value=sum(2 * v if k == "sys_exit_rtp" else v for k, v in opens.items()),
                 unit="ns", programs=opens)


class Follower:
    """Counts the lines of a file that is rotated, by following each file to its end."""

    def __init__(self, bench, path):
        self.mark, self.path, self.lines, self.rest = marked(bench), path, 0, b""
        self.files = 1
        self.file = open(path, "rb", buffering=0)

    def read(self):
        """Reads what is there; returns whether that was anything."""
        block = self.file.read(8 * MB)
        if not block:
            return self.next_file()
        block = self.rest + block
        whole = block.rfind(b"\n") + 1
        self.lines += block.count(self.mark, 0, whole)
        self.rest = block[whole:]
        return True

    def next_file(self):
        """Goes on to the file that was begun after this one, if there is one."""
        inode = os.fstat(self.file.fileno()).st_ino
        names = rotated(self.path)
        for newer, name in zip([None] + names, names):
            try:
                if os.stat(name).st_ino != inode:
                    continue
            except FileNotFoundError:
                continue
            if newer is None:
                return False
            # It was moved on before we came here: what was written until then is read first.
            if last := self.file.read(8 * MB):
                block = self.rest + last
                self.lines += block.count(self.mark)
                self.rest = block[block.rfind(b"\n") + 1:]
                self.lines -= self.rest.count(self.mark)
                return True
            try:
                fresh = open(newer, "rb", buffering=0)
                if os.stat(name).st_ino != inode:  # all were moved on in between: it is not the next one
                    fresh.close()
                    return False
            except FileNotFoundError:
                return False
            self.file.close()
            self.file, self.rest = fresh, b""
            self.files += 1
            return True
        raise Failed("the files are rotated faster than they can be counted")


def sustained(bench):
    """A steady stream of opens, each as a JSON line with its path to a file that is rotated."""
    rate, seconds = bench.size((PACE, 60 if bench.long else 10), (50000, 2))
    size = min(1.2 * rate * LINE_BYTES * seconds, (ROTATE_KEEP + 1) * ROTATE_BYTES)
    with bench.room(int(size), ROTATE_BYTES) as room:
        yield stream(bench, rate, seconds, room)


def stream(bench, rate, seconds, room):
    """RATE opens a second, written to a room of the bench."""
    directory, reserve = room
    # Counting needs a CPU: it waits until the end, unless the first files are gone by then.
    kept = 1.2 * rate * seconds * LINE_BYTES < ROTATE_KEEP * ROTATE_BYTES
    with Instance(bench, ["file_open"], sink=ROTATED, within=directory) as daemon:
        while not os.path.exists(daemon.file):
            time.sleep(0.01)
        follower = Follower(bench, daemon.file)
        reserve.follow(daemon.file)
        before = daemon.cpu_seconds()
        child = bench.start("opens", bench.target, rate * seconds, "rate", rate, stdout=subprocess.PIPE)
        while child.poll() is None:
            reserve.follow(daemon.file)
            if kept or not follower.read():
                time.sleep(0.01)
        report = json.loads(child.stdout.read())
        child.stdout.close()
        stats = daemon.settle()
        cpu = daemon.cpu_seconds() - before
        while follower.read():
            pass
    rate_done = report["done"] * 1e9 / report["ns"]
    return figure("sustained", round(0.99 * rate), better="more", value=round(rate_done), unit="opens/s",
                  seconds=seconds, opens=report["done"], lines=follower.lines, files=follower.files,
                  lost=abs(report["done"] - follower.lines) + lost(stats),
                  line_bytes=round(stats["sinks"][0]["bytes"] / max(1, stats["sinks"][0]["events"])),
                  daemon_core_percent=round(cpu * 1e11 / report["ns"], 1), written_to=os.path.dirname(directory))


def json_events(bench):
    """Events formatted as JSON on one core, in each format that is."""
    output = subprocess.run([bench.built("bench/micro/json_bench")], capture_output=True, check=True).stdout
    for told in map(json.loads, output.splitlines()):
        yield figure(told["name"], told.get("limit"), better="more", value=told["value"], unit="events/s")


def conditions(bench):
    """A condition of a policy in a generated program, and in one that interprets a table."""
    output = subprocess.run([bench.built("bench/micro/judge_bench"), bench.built("bench/micro/interpreter.bpf.o")],
                            capture_output=True, check=True).stdout
    for told in map(json.loads, output.splitlines()):
        yield figure(told["name"], told.get("limit"), better="less" if told["unit"] == "ns" else "more",
                     value=told["value"], unit=told["unit"])


def shipped_directory(kind):
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "etc", kind)


def predicates(bench):
    """Predicates evaluated on one core."""
    output = subprocess.run([bench.built("bench/micro/ir_bench")], capture_output=True, check=True).stdout
    for told in map(json.loads, output.splitlines()):
        yield figure(told["name"], None, value=told["value"], unit="ns")


def signatures(bench):
    """Signatures on one core: those that are shipped, and ten thousand."""
    command = [bench.built("bench/micro/sig_bench"), shipped_directory("signatures")]
    output = subprocess.run(command, capture_output=True, check=True).stdout
    for told in map(json.loads, output.splitlines()):
        yield figure(told.pop("name"), told.pop("limit"), better="more" if told["unit"] == "events/s" else "less", **told)


def memory(bench):
    """Anonymous and kernel memory, idle and with many processes."""
    with Instance(bench, DEFAULT) as daemon:
        time.sleep(bench.size(2, 0.5))
        stats = daemon.ctl("stats")
        yield figure("memory_idle", 20, value=round(daemon.anonymous_bytes() / MB, 2), unit="MB RssAnon",
                     processes=stats["processes"]["entries"])
        yield figure("kernel_memory", 32, value=round(stats["memory"]["kernel"] / MB, 2), unit="MB")
    count = bench.size(10000, 500)
    child = bench.start("processes", bench.built("bench/workloads/child"), count, stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE)
    try:
        report = json.loads(child.stdout.readline())
        if report["done"] != count:
            raise Failed(f"only {report['done']} of {count} processes could be started")
        with Instance(bench, DEFAULT) as daemon:
            deadline = time.monotonic() + 20
            while (stats := daemon.ctl("stats"))["processes"]["entries"] < count:
                if time.monotonic() > deadline:
                    raise Failed(f"only {stats['processes']['entries']} of {count} processes are known")
                time.sleep(0.2)
            yield figure("memory_10k", 40, value=round(daemon.anonymous_bytes() / MB, 2), unit="MB RssAnon",
                         processes=stats["processes"]["entries"])
    finally:
        child.stdin.close()
        child.wait()
        child.stdout.close()


def start(bench):
    """From exec of the daemon to READY, all probes attached and all processes known."""
    times = []
    for _ in range(bench.size(11, 2)):
        with Instance(bench, DEFAULT) as daemon:
            times.append(daemon.armed_seconds * 1000)
    median, low, high = interval(times)
    yield figure("start_to_armed", 300, value=round(median, 1), unit="ms", interval=[round(low, 1), round(high, 1)])


def as_installed(bench):
    """Start and memory with the signatures and policies that come with the daemon."""
    options = "".join(f'{kind} = {{ directories = [ "{shipped_directory(kind)}" ]; }};\n' for kind in ("signatures", "policies"))
    times, sizes = [], []
    for _ in range(bench.size(7, 2)):
        with Instance(bench, DEFAULT, options=options) as daemon:
            times.append(daemon.armed_seconds * 1000)
            time.sleep(bench.size(2, 0.5))
            sizes.append(daemon.anonymous_bytes() / MB)
            status = daemon.ctl("status")
            if not status["signatures"]:
                raise Failed("the daemon has no signatures")
    median, low, high = interval(times)
    yield figure("start_shipped", None, value=round(median, 1), unit="ms", interval=[round(low, 1), round(high, 1)],
                 signatures=status["signatures"])
    yield figure("memory_shipped", None, value=round(max(sizes), 2), unit="MB RssAnon")


def latency(bench):
    """From the kernel to the JSON line in a pipe, at a steady pace."""
    rate, seconds = 10000, bench.size(10, 1)
    read_end, write_end = os.pipe()
    counter = None
    try:
        with Instance(bench, ["file_open"], sink=None, stdout=write_end):
            os.close(write_end)
            write_end = -1
            counter = subprocess.Popen(bench.command("latency", bench.target, rate * seconds), stdin=read_end,
                                       stdout=subprocess.PIPE)
            bench.workload("opens", bench.target, rate * seconds, "rate", rate)
            report = json.loads(counter.communicate(timeout=60)[0])
    finally:
        if counter and counter.poll() is None:
            counter.kill()
            counter.wait()
        for fd in (read_end, write_end):
            if fd >= 0:
                os.close(fd)
    yield figure("latency_p99", 15, value=round(report["p99"] / 1e6, 2), unit="ms", p50=round(report["p50"] / 1e6, 2),
                 max=round(report["max"] / 1e6, 2), lines=report["done"], lost=rate * seconds - report["done"])


def idle(bench):
    """CPU time of a daemon with the default events when next to nothing happens."""
    seconds = bench.size(20, 2)
    with Instance(bench, DEFAULT) as daemon:
        time.sleep(1)
        before, events = daemon.cpu_seconds(), daemon.ctl("stats")["pipeline"]["events"]
        time.sleep(seconds)
        used = daemon.cpu_seconds() - before
        events = daemon.ctl("stats")["pipeline"]["events"] - events
    yield figure("idle_cpu", 0.5, value=round(100 * used / seconds, 3), unit="% of a core",
                 events_meanwhile=events)


def dns(bench):
    """Datagrams that nobody asks about, while DNS messages are watched."""
    args = bench.size((100000, 50), (20000, 10))
    attached = []

    def traced():
        with Instance(bench, ["net_packet_dns_request", "net_packet_dns_response"]) as daemon:
            attached[:] = [link for link in links(daemon) if "cgroup" in link]
            return bench.workload("udp_echo", *args)

    both = pairs(bench.size(31, 2), lambda: bench.workload("udp_echo", *args), traced)
    yield figure("dns", 1.05, **ratio_of(both), links=attached)
    yield empty(bench, "dns_empty", ["packets"], bench.size(31, 3), lambda: bench.workload("udp_echo", *args))


def redis_gets(bench, port):
    """Nanoseconds of one GET, by redis-benchmark with one client."""
    count = bench.size(100000, 5000)
    done = subprocess.run(["redis-benchmark", "-p", str(port), "-t", "get", "-n", str(count), "-c", "1", "--csv"],
                          capture_output=True, text=True, check=True, preexec_fn=prefer)
    rate = float(done.stdout.strip().splitlines()[-1].split(",")[1].strip('"'))
    return {"typical": 1e9 / rate}


def redis(bench):
    """redis-benchmark over the loopback with the default events."""
    if not shutil.which("redis-server") or not shutil.which("redis-benchmark"):
        yield skipped("redis", "redis-server is not installed")
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
                               "--appendonly", "no"], stdout=subprocess.DEVNULL, cwd=bench.top, preexec_fn=prefer)
    try:
        deadline = time.monotonic() + 20
        while subprocess.run(["redis-cli", "-p", str(port), "ping"], capture_output=True, check=False).returncode:
            if server.poll() is not None or time.monotonic() > deadline:
                raise Failed("redis-server does not start")
            time.sleep(0.05)

        def traced():
            with Instance(bench, ["default"]):
                return redis_gets(bench, port)

        both = pairs(bench.size(11, 2), lambda: redis_gets(bench, port), traced)
        median, low, high = interval([b["typical"] / a["typical"] for a, b in both])
        yield figure("redis", 1.05, ratio=round(median, 4), interval=[round(low, 4), round(high, 4)], pairs=len(both),
                     untraced_ns=round(statistics.median(a["typical"] for a, _ in both)))
    finally:
        server.terminate()
        server.wait()


FIGURES = {
    "fork_exec": fork_exec, "open_json": open_json, "getppid_life": getppid_life,
    "getppid_syscalls": getppid_syscalls, "bpf_ns": bpf_ns, "sustained": sustained,
    "json_events_per_s": json_events, "judge_ns_per_condition": conditions, "predicates": predicates,
    "signatures_events_per_s": signatures,
    "memory": memory, "start_to_armed": start, "shipped": as_installed, "latency_p99": latency,
    "idle_cpu": idle, "dns": dns, "redis": redis,
}
