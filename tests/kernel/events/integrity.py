# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks of the kernel itself: a sound one has no findings, and what a rootkit does to it is found. Its stand-in is a
module (tests/kernel/rootkit) for one kernel of the virtual machines; elsewhere what it does is made-up memory only
(tests/unit/integrity)."""
import contextlib
import json
import os
import platform
import struct
import subprocess

from harness import Daemon, Skip, expect, expect_equal, get, until
from registry import event_case

INSTANCE = "/sys/kernel/tracing/instances/sechawk-test"
FUNCTION = "do_sys_openat2"


def symbols(*names):
    """{name: address} of those that /proc/kallsyms shows."""
    found = {}
    with open("/proc/kallsyms", encoding="ascii") as lines:
        for line in lines:
            words = line.split()
            if words[2] in names and len(words) == 3:
                found.setdefault(words[2], int(words[0], 16))
    return found


def check(daemon, *names):
    reply = json.loads(daemon.ctl("integrity", "check", *names, "-o", "json"))
    return reply["findings"], {c["name"]: c for c in reply["checks"]}


@event_case("hidden_kernel_module", "hooked_syscall", "hooked_interrupt", "hooked_proc_fops",
            "hooked_seq_ops",
            triggers=False)
def sound_kernel(daemon):
    """A sound kernel has no findings, and all of it was looked at"""
    findings, checks = check(daemon, "modules", "syscalls", "interrupts", "proc", "seq")
    expect_equal(findings, [], "findings")
    if platform.machine() == "x86_64":
        expect_equal(checks["interrupts"]["state"], "done", "interrupts")
        expect(checks["interrupts"]["looked"] > 200, f"interrupts: {checks['interrupts']}")
    if "sys_call_table" not in symbols("sys_call_table"):
        for name in ("syscalls", "proc", "seq"):
            expect_equal(checks[name]["state"], "skipped", name)
            expect("CONFIG_KALLSYMS_ALL" in checks[name]["note"], f"{name}: {checks[name]['note']}")
        raise Skip("the kernel shows no addresses of data (CONFIG_KALLSYMS_ALL): most checks cannot look")
    for name in ("modules", "syscalls", "proc", "seq"):
        expect_equal((name, checks[name]["state"]), (name, "done"), f"state: {checks[name]['note']}")
    with open("/proc/modules", encoding="ascii") as lines:
        modules = len(lines.readlines())
    # each module in the list, in module_kset and in mod_tree
    expect(checks["modules"]["looked"] >= 3 * modules, f"{modules} modules: {checks['modules']}")
    expect(checks["syscalls"]["looked"] > 400, f"calls: {checks['syscalls']}")
    expect(checks["proc"]["looked"] > 200, f"operations: {checks['proc']}")
    expect_equal(checks["seq"]["looked"], 24, "functions of six tables")


@contextlib.contextmanager
def rootkit(daemon):
    """The stand-in; what is written to the file that is returned is done."""
    path = f"{daemon.bin}/standin-{os.uname().release}.ko"
    if not os.path.exists(path):
        raise Skip("no stand-in for a rootkit for this kernel")
    subprocess.run(["insmod", path], check=True)
    parameter = "/sys/module/standin/parameters/deed"
    try:
        yield parameter
    finally:
        with open(parameter, "w", encoding="ascii") as out:
            out.write("none")
        subprocess.run(["rmmod", "standin"], check=True)


MODULE = {"module": "standin"}
HIDDEN = ("hidden_kernel_module", {"name": "standin", "missing_from": "modules"})
HOOK = ("ftrace_hook", {"symbol": "tcp4_seq_show", "count": 1, "callback": "own_callback", "callback_owner": "standin"})
DEEDS = {
    "call": [("hooked_syscall", {"call": "getpgid", "function": "own_call", "table": "sys_call_table", **MODULE})],
    "interrupt": [("hooked_interrupt", {"vector": 4, "function": "own_handler", **MODULE})],
    "proc": [("hooked_proc_fops", {"path": "/proc", "member": "iterate_shared", "function": "own_iterate", **MODULE})],
    "seq": [("hooked_seq_ops", {"table": "tcp4_seq_ops", "member": "show", "function": "own_show", **MODULE})],
    "function": [HOOK],
    "function-hidden": [HIDDEN, HOOK],
    "hidden": [(HIDDEN[0], {**HIDDEN[1], "found_in": "module_kset"})],
    "hidden-well": [(HIDDEN[0], {**HIDDEN[1], "found_in": "mod_tree"})],
}


@event_case("hidden_kernel_module", "hooked_syscall", "hooked_interrupt", "hooked_proc_fops", "hooked_seq_ops",
            "ftrace_hook")
def what_rootkits_do(daemon):
    """A module hides, and changes tables, one after the other: each is all that is found, until it is undone"""
    with rootkit(daemon) as parameter:
        for deed, wanted in DEEDS.items():
            with open(parameter, "w", encoding="ascii") as out:
                out.write(deed)
            found, _ = check(daemon)
            expect_equal([(e["event"], {k: get(e, f"data.{k}") for k in w}) for e, (_, w) in zip(found, wanted)],
                         wanted, deed)
            expect_equal(len(found), len(wanted), f"findings of {deed}: {found}")
        with open(parameter, "w", encoding="ascii") as out:
            out.write("none")
        expect_equal(check(daemon)[0], [], "findings when all is undone")


@contextlib.contextmanager
def traced(function):
    """The function tracer on one function, in an instance of its own."""
    try:
        os.mkdir(INSTANCE)
    except OSError as problem:
        raise Skip(f"{INSTANCE}: {problem.strerror}") from None
    try:
        for name, value in (("set_ftrace_filter", function), ("current_tracer", "function")):
            try:
                with open(f"{INSTANCE}/{name}", "w", encoding="ascii") as out:
                    out.write(value)
            except OSError as problem:
                raise Skip(f"{INSTANCE}/{name}: {problem.strerror}") from None
        yield
    finally:
        with contextlib.suppress(OSError), open(f"{INSTANCE}/current_tracer", "w", encoding="ascii") as out:
            out.write("nop")
        os.rmdir(INSTANCE)


@event_case("ftrace_hook")
def hooked_function(daemon):
    """A function is traced: told when asked, and to whoever begins to want the event; later it is not any more"""
    with traced(FUNCTION):
        findings, checks = check(daemon, "ftrace")
        expect_equal(checks["ftrace"]["state"], "done", "state")
        found = [e["data"] for e in findings if get(e, "data.symbol") == FUNCTION]
        expect_equal(len(found), 1, f"hooks of {FUNCTION}: {findings}")
        expect_equal({k: found[0][k] for k in ("callback", "callback_offset", "callback_owner", "count")},
                     {"callback": "function_trace_call", "callback_offset": 0, "callback_owner": "kernel",
                      "count": 1},
                     "hook")
        other = Daemon(daemon.program, daemon.bin, ["ftrace_hook"])
        told = []

        def seen():
            told.extend(e for e in other.read() if get(e, "data.symbol") == FUNCTION)
            return told
        try:
            other.start()
            until(seen, "the timer tells")
            expect_equal((told[0]["event"], get(told[0], "process.pid")), ("ftrace_hook", other.process.pid),
                         "event")
        finally:
            other.stop()
            other.remove()
    findings, _ = check(daemon, "ftrace")
    expect_equal([e for e in findings if get(e, "data.symbol") == FUNCTION], [], "when it is gone")


def own_hooks(daemon):
    return [e for e in check(daemon, "ftrace")[0]
            if get(e, "data.callback", "").startswith("bpf_trampoline_")]


@event_case("ftrace_hook")
def own_programs(daemon):
    """The daemon's own programs are no findings"""
    if not os.path.exists("/sys/kernel/tracing/enabled_functions"):
        raise Skip("no tracefs")
    before = len(own_hooks(daemon))
    daemon.ctl("event", "enable", "security_file_open", "do_init_module", "proc_create")
    try:
        expect_equal(len(own_hooks(daemon)), before, "hooks")
    finally:
        daemon.ctl("event", "disable", "security_file_open", "do_init_module", "proc_create")


def told_of(daemon, n):
    """The next N dumps that the daemon tells its sinks of."""
    events = []

    def enough():
        events.extend(e for e in daemon.read() if e["event"] == "print_mem_dump")
        return len(events) >= n
    until(enough, f"{n} events")
    return events


def kcore(address, length):
    """Memory of the kernel as /proc/kcore has it."""
    try:
        with open("/proc/kcore", "rb") as core:
            header = core.read(64)
            offset, size, n = struct.unpack_from("=Q", header, 32)[0], *struct.unpack_from("=HH", header, 54)
            for i in range(n):
                core.seek(offset + i * size)
                kind, _, at, start, _, length_of = struct.unpack("=IIQQQQ", core.read(40))
                if kind == 1 and start <= address < start + length_of:
                    core.seek(at + address - start)
                    return core.read(length)
    except OSError as problem:
        raise Skip(f"/proc/kcore: {problem.strerror}") from None
    raise Skip("/proc/kcore does not have it")


@event_case("print_mem_dump")
def dump(daemon):
    """Memory of the kernel is dumped, by name and by address"""
    shown = symbols("linux_banner", "_stext")
    wanted = None
    if "linux_banner" in shown:
        name = "linux_banner"
        with open("/proc/version", "rb") as version:
            wanted = version.read()
    else:
        name = "_stext"
        with contextlib.suppress(Skip):
            wanted = kcore(shown[name], 64)
    daemon.read()
    dumps = [json.loads(daemon.ctl("integrity", "dump", what, "--length", str(len(wanted or bytes(64))),
                                   "-o", "json"))
             for what in (name, hex(shown[name]))]
    for reply in dumps:
        got = bytes.fromhex(get(reply, "dump.data.bytes"))
        # without anything to compare with: code is not the same byte all over
        expect(got == wanted if wanted else len(set(got)) > 4, f"memory at {name}: {got}, {wanted}")
        expect_equal(get(reply, "dump.data.address"), hex(shown[name]), "address")
    # of the second one another name may be known
    expect_equal(get(told_of(daemon, 2)[0], "data.symbol_name"), name, "symbol")
