# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same work under auditd and bpftrace, as near to our events as they can be told."""
import os
import select
import shutil
import signal
import statistics
import subprocess
import time

from instance import Failed, end, prefer
from measure import figure, pairs, ratio_of, skipped

AUDITD_CONF = """local_events = yes
write_logs = yes
log_file = {dir}/audit.log
log_format = RAW
flush = INCREMENTAL_ASYNC
freq = 50
max_log_file = 8192
max_log_file_action = IGNORE
space_left = 2
space_left_action = IGNORE
admin_space_left = 1
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
plugin_dir = {dir}
"""
# Once audit was on, the kernel prepares for it in each system call of each process, until the next boot, unless
# a rule says that processes are of no interest. That rule is what we leave behind.
NO_AUDIT = ["-a", "never,task"]
# What the kernel must tell: every execution; every open that succeeds.
AUDIT_EXEC = [["-a", "always,exit", "-F", "arch=b64", "-S", "execve,execveat"]]
AUDIT_OPEN = [["-a", "always,exit", "-F", "arch=b64", "-S", "open,creat,openat,openat2", "-F", "success=1"]]

BPFTRACE_EXEC = r"""
tracepoint:sched:sched_process_fork { printf("fork %d %d %s\n", args->parent_pid, args->child_pid, comm); }
tracepoint:syscalls:sys_enter_execve { printf("exec %d %d %s ", pid, uid, comm); join(args->argv); }
tracepoint:sched:sched_process_exit { printf("exit %d %d %s\n", pid, uid, comm); }
"""
BPFTRACE_OPEN = r"""
tracepoint:syscalls:sys_enter_openat { @path[tid] = args->filename; @flags[tid] = args->flags; }
tracepoint:syscalls:sys_exit_openat /@path[tid]/ {
	if (args->ret >= 0) {
		printf("open %d %d %d %s %d %s\n", pid, tid, uid, comm, @flags[tid], str(@path[tid]));
	}
	delete(@path[tid]); delete(@flags[tid]);
}
"""


class Peer:
    """A tracer between start and stop; `with` ends it."""

    def __init__(self, bench):
        self.bench, self.process, self.dir = bench, None, bench.scratch()

    def __exit__(self, *what):
        if self.process:
            end(self.process)
        self.bench.remove(self.dir)

    def cpu_seconds(self):
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{thread}/schedstat", encoding="ascii") as text:
                total += int(text.read().split()[0])
        return total / 1e9

    def settle(self, path):
        """Waits until PATH grows no more."""
        size = -1
        while size != os.path.getsize(path):
            size = os.path.getsize(path)
            time.sleep(0.5)


def auditctl(*args):
    return subprocess.run(["auditctl", *args], capture_output=True, text=True, check=True).stdout


class Auditd(Peer):
    def __init__(self, bench, rules):
        super().__init__(bench)
        self.rules, self.log = rules, os.path.join(self.dir, "audit.log")

    def __enter__(self):
        with open(os.path.join(self.dir, "auditd.conf"), "w", encoding="utf-8") as conf:
            conf.write(AUDITD_CONF.format(dir=self.dir))
        os.chmod(os.path.join(self.dir, "auditd.conf"), 0o640)
        os.chmod(self.dir, 0o750)
        self.process = subprocess.Popen(["auditd", "-n", "-c", self.dir], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=prefer)
        deadline = time.monotonic() + 10
        while f"pid {self.process.pid}\n" not in auditctl("-s"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise Failed("auditd does not start here")
            time.sleep(0.05)
        auditctl("-D")
        auditctl("-b", "8192")
        auditctl("-e", "1")
        for rule in self.rules:
            auditctl(*rule)
        return self

    def __exit__(self, *what):
        try:
            auditctl("-D")
            auditctl("-e", "0")
            auditctl(*NO_AUDIT)
        except subprocess.CalledProcessError:
            pass
        super().__exit__(*what)

    def events(self, mark):
        self.settle(self.log)
        with open(self.log, "rb") as log:
            return sum(line.startswith(b"type=SYSCALL") and mark in line for line in log)


class Bpftrace(Peer):
    def __init__(self, bench, script):
        super().__init__(bench)
        self.script, self.log = script, os.path.join(self.dir, "out")

    def __enter__(self):
        # Tracepoints need tracefs; a mount namespace of its own leaves none behind.
        shell = ("mountpoint -q /sys/kernel/tracing || mount -t tracefs none /sys/kernel/tracing; "
                 "mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug; "
                 'exec bpftrace -B full -o "$0" -e "$1"')
        self.process = subprocess.Popen(
            ["unshare", "-m", "--propagation", "private", "sh", "-c", shell, self.log, self.script],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=prefer)
        deadline = time.monotonic() + 20
        # It says nothing when it is ready: what it writes about others tells.
        while not (os.path.exists(self.log) and b"Attaching" in open(self.log, "rb").read(4096)):
            if self.process.poll() is not None or time.monotonic() > deadline:
                why = self.process.stdout.read(500).decode(errors="replace") if self.process.poll() else ""
                self.__exit__()
                raise Failed(f"bpftrace does not start here: {why}")
            select.select([], [], [], 0.1)
        time.sleep(1.5)
        return self

    def __exit__(self, *what):
        super().__exit__(*what)
        self.process.stdout.close()

    def events(self, mark):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        with open(self.log, "rb") as log:
            return sum(mark in line for line in log)


def audit_in_use():
    """Why auditd cannot be measured without disturbing somebody, or None."""
    if not shutil.which("auditctl") or not shutil.which("auditd"):
        return "auditd is not installed: scripts/install-deps bench"
    try:
        status, rules = auditctl("-s"), auditctl("-l")
    except subprocess.CalledProcessError as why:
        return f"no access to the kernel's audit: {why.stderr.strip()}"
    if "pid 0\n" not in status or rules.strip() not in ("No rules", "-a never,task"):
        return "audit is in use on this machine"
    return None


def compare(bench, name, peer, run, expect):
    """Pairs with PEER, a function that makes one. EXPECT: (mark, events per operation)."""
    cpu, seen, done = [], [], []

    def traced():
        with peer() as tracer:
            before = tracer.cpu_seconds()
            report = run()
            time.sleep(0.5)
            cpu.append((tracer.cpu_seconds() - before) * 1e6 / report["done"])
            seen.append(tracer.events(expect[0]))
            done.append(report["done"] * expect[1])
        return report

    both = pairs(bench.size(5, 1), run, traced)
    return figure(name, None, **ratio_of(both), peer_us_per_event=round(statistics.median(cpu), 3),
                  lost_percent=round(100 * max(0, 1 - sum(seen) / sum(done)), 1))


def workloads(bench, opens):
    child, count = bench.built("bench/workloads/child"), bench.size((1000, 20), (100, 5))
    some = bench.size((opens, 20), (2000, 5))
    return (lambda: bench.workload("fork_exec", child, *count),
            lambda: bench.workload("opens", bench.target, *some))


def auditd(bench):
    """auditd with rules for executions and for opens."""
    why = audit_in_use()
    if why:
        yield skipped("auditd", why)
        return
    execs, opens = workloads(bench, 30000)
    yield compare(bench, "auditd_fork_exec", lambda: Auditd(bench, AUDIT_EXEC), execs, (b'comm="child"', 1))
    yield compare(bench, "auditd_open", lambda: Auditd(bench, AUDIT_OPEN), opens, (b'comm="opens"', 1))


def bpftrace(bench):
    """bpftrace with fork, exec and exit, and with every successful openat."""
    if not shutil.which("bpftrace"):
        yield skipped("bpftrace", "bpftrace is not installed: scripts/install-deps bench")
        return
    execs, opens = workloads(bench, 300000)
    yield compare(bench, "bpftrace_fork_exec", lambda: Bpftrace(bench, BPFTRACE_EXEC), execs, (b"fork_exec", 2))
    yield compare(bench, "bpftrace_open", lambda: Bpftrace(bench, BPFTRACE_OPEN), opens,
                  (bench.target.encode()[:60], 1))


PEERS = {"auditd": auditd, "bpftrace": bpftrace}
