# SPDX-License-Identifier: LGPL-2.1-or-later
"""Modules, BPF, probes, drivers, cgroups, keys, time and settings of the kernel."""
import ctypes
import fcntl
import gzip
import itertools
import json
import lzma
import os
import platform
import struct
import subprocess
import threading
import time

from cases import by_calls
from harness import DEADLINE_SECONDS, Daemon, Skip, expect, expect_equal, get
from registry import event_case

LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = {"x86_64": {"init_module": 175, "delete_module": 176, "kexec_load": 246, "add_key": 248, "keyctl": 250,
                      "perf_event_open": 298, "finit_module": 313, "bpf": 321},
           "aarch64": {"init_module": 105, "delete_module": 106, "kexec_load": 104, "add_key": 217, "keyctl": 219,
                       "perf_event_open": 241, "finit_module": 273, "bpf": 280}}.get(platform.machine(), {})
TRACEFS = "/sys/kernel/tracing"
BPF_MAP_CREATE, BPF_PROG_LOAD, BPF_RAW_TRACEPOINT_OPEN = 0, 5, 17
PROG_SOCKET_FILTER, PROG_TRACEPOINT, PROG_RAW_TRACEPOINT = 1, 5, 17
PERF_EVENT_IOC_SET_BPF = 0x40042408


def call(name, *args):
    """A system call that must succeed."""
    ret = LIBC.syscall(NUMBERS[name], *args)
    if ret < 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
    return ret


def module(daemon, name):
    """Path of a copy of the kernel module NAME that is not compressed."""
    found = subprocess.run(["modinfo", "-n", name], capture_output=True, text=True, check=False)
    path = found.stdout.strip()
    if found.returncode or not os.path.exists(path):
        raise Skip(f"no module {name}")
    opener = {".xz": lzma.open, ".gz": gzip.open}.get(os.path.splitext(path)[1], open)
    with opener(path, "rb") as packed:
        return daemon.file_with(packed.read(), name + ".ko")


def with_module(path, name, parameters=b""):
    """A function that loads the module and removes it."""
    def act():
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        call("finit_module", fd, parameters, 0)
        while True:
            try:
                call("delete_module", name.encode(), os.O_NONBLOCK)
                break
            except BlockingIOError:  # udev is looking at the new device
                time.sleep(0.01)
    return act


@event_case("module_load", "do_init_module", "module_free", "security_kernel_read_file",
            "security_kernel_post_read_file")
def modules(daemon):
    """A kernel module is loaded from a file and removed"""
    path = module(daemon, "dummy")
    run = daemon.act(with_module(path, "dummy", b"numdummies=1"))
    seen = run.of("module_load")
    expect_equal([get(e, "data.name") for e in seen], ["dummy"], "modules loaded")
    expect_equal([get(seen[0], "data.pathname"), get(seen[0], "data.inode")], [path, os.stat(path).st_ino], "file")
    expect_equal([get(e, "data.name") for e in run.of("module_free")], ["dummy"], "modules removed")
    for name, wanted in (("do_init_module", {"retval": 0, "name": "dummy"}),
                         ("security_kernel_read_file", {"type": "kernel-module", "pathname": path}),
                         ("security_kernel_post_read_file",
                          {"type": "kernel-module", "pathname": path, "size": os.stat(path).st_size})):
        if daemon.available(name):
            event = run.of(name)[-1]
            expect_equal({k: get(event, "data." + k) for k in wanted}, wanted, name)


@event_case("device_add")
def device_add(daemon):
    """A driver adds a network device"""
    run = daemon.act(with_module(module(daemon, "dummy"), "dummy", b"numdummies=1"))
    seen = [e for e in run.of("device_add") if get(e, "data.name") == "dummy0"]
    expect_equal([get(e, "data.retval") for e in seen], [0], "results of adding dummy0")


@event_case("security_kernel_load_data")
def kernel_load_data(daemon):
    """A module is loaded from memory; a kernel to kexec is thrown away"""
    path = module(daemon, "dummy")

    def load():
        with open(path, "rb") as f:
            code = f.read()
        call("init_module", code, len(code), b"")
        call("delete_module", b"dummy", os.O_NONBLOCK)
        LIBC.syscall(NUMBERS["kexec_load"], 0, 0, 0, 0)
    run = daemon.act(load)
    types = [get(e, "data.type") for e in run.of("security_kernel_load_data")]
    expect_equal(types[:1], ["kernel-module"], "data from memory")
    expect("kexec-image" in types[1:] or not os.path.exists("/sys/kernel/kexec_loaded"), f"kexec in {types}")


@event_case("proc_create")
def proc_create(daemon):
    """A module makes a file in /proc"""
    run = daemon.act(with_module(module(daemon, "pktgen"), "pktgen"))
    seen = [e for e in run.of("proc_create") if get(e, "data.name") == "pgctrl"]
    expect(seen and int(get(seen[0], "data.proc_ops_addr"), 16) >> 63, f"pgctrl in {run.of('proc_create')}")


@event_case("debugfs_create_dir", "debugfs_create_file")
def debugfs(daemon):
    """A block device gets its directory and files in debugfs"""
    run = daemon.act(with_module(module(daemon, "nbd"), "nbd", b"nbds_max=1"))
    made = [(get(e, "data.path"), get(e, "data.name"), get(e, "data.retval")) for e in run.of("debugfs_create_dir")]
    if daemon.available("debugfs_create_dir"):
        expect(("/", "nbd", 0) in made and ("/bdi", "43:0", 0) in made, f"directories: {made}")
    files = [(get(e, "data.path"), get(e, "data.file_name")) for e in run.of("debugfs_create_file")]
    if daemon.available("debugfs_create_file"):
        expect(("/bdi/43:0", "stats") in files, f"files: {files}")


@event_case("register_chrdev")
def register_chrdev(daemon):
    """A driver registers a character device"""
    run = daemon.act(with_module(module(daemon, "cpuid"), "cpuid"))
    seen = [e for e in run.of("register_chrdev") if get(e, "data.char_device_name") == "cpu/cpuid"]
    wanted = {"requested_major_number": 203, "granted_major_number": 203, "retval": 0}
    expect_equal([{k: get(e, "data." + k) for k in wanted} for e in seen], [wanted], "registrations")


def bpf(command, attr):
    buffer = ctypes.create_string_buffer(attr, 128)
    return call("bpf", command, buffer, len(buffer))


def bpf_load(kind, name):
    """Loads "return 0"."""
    code = ctypes.create_string_buffer(struct.pack("<QQ", 0xb7, 0x95))
    license_text = ctypes.create_string_buffer(b"GPL")
    return bpf(BPF_PROG_LOAD, struct.pack("=IIQQIIQII16s", kind, 2, ctypes.addressof(code),
                                          ctypes.addressof(license_text), 0, 0, 0, 0, 0, name))


@event_case("security_bpf", "security_bpf_map", "security_bpf_prog")
def bpf_objects(daemon):
    """A BPF map and a program are loaded"""
    def load():
        bpf(BPF_MAP_CREATE, struct.pack("=IIIIIII16s", 1, 4, 8, 10, 0, 0, 0, b"hawk_map"))
        bpf_load(PROG_SOCKET_FILTER, b"hawk_prog")
    run = daemon.act(load)
    if daemon.available("security_bpf"):
        expect_equal([get(e, "data.cmd") for e in run.of("security_bpf")], ["BPF_MAP_CREATE", "BPF_PROG_LOAD"], "commands")
    if daemon.available("security_bpf_map"):
        seen = run.one("security_bpf_map", map_name="hawk_map")
        expect_equal(get(seen, "data.map_type"), "BPF_MAP_TYPE_HASH", "type of the map")
        expect(get(seen, "data.map_id") > 0, "number of the map")
    if daemon.available("security_bpf_prog"):
        seen = run.one("security_bpf_prog", type="BPF_PROG_TYPE_SOCKET_FILTER")
        expect_equal((get(seen, "data.name"), get(seen, "data.load")), ("hawk_prog", True), "program")
        if by_calls(daemon, "security_bpf_prog"):
            return
        # hash of "return 0", as bpftool prog shows it: SHA-1, SHA-256 since 6.18
        expect(get(seen, "data.tag") in ("0xa04f5eef06a7f555", "0x59f4a931744dcdc6"), f"tag: {seen}")


def perf_open(kind, config, pid, cpu):
    """attr: type, size, config, sample_period, sample_type, read_format, flags; the rest 0 (PERF_ATTR_SIZE_VER0)."""
    attr = ctypes.create_string_buffer(struct.pack("=IIQQQQQ", kind, 64, config, 1, 0, 0, 0), 64)
    return call("perf_event_open", attr, pid, cpu, -1, 0)


def trace_id(event):
    try:
        with open(f"{TRACEFS}/events/{event}/id", encoding="ascii") as f:
            return int(f.read())
    except OSError:
        raise Skip("no tracefs") from None


@event_case("bpf_attach")
def bpf_attach(daemon):
    """BPF programs are attached to a raw tracepoint and to a perf event"""
    number = trace_id("sched/sched_process_free")

    def attach():
        raw = bpf_load(PROG_RAW_TRACEPOINT, b"hawk_raw")
        name = ctypes.create_string_buffer(b"sched_process_hang")
        bpf(BPF_RAW_TRACEPOINT_OPEN, struct.pack("=QI", ctypes.addressof(name), raw))
        perf = perf_open(2, number, -1, 0)
        fcntl.ioctl(perf, PERF_EVENT_IOC_SET_BPF, bpf_load(PROG_TRACEPOINT, b"hawk_tp"))
    run = daemon.act(attach)
    seen = {get(e, "data.prog_name"): e for e in run.of("bpf_attach")}
    expect_equal({k: [get(e, f"data.{m}") for m in ("prog_type", "link_type", "symbol_name")] for k, e in seen.items()},
                 {"hawk_raw": ["BPF_PROG_TYPE_RAW_TRACEPOINT", "BPF_LINK_TYPE_RAW_TRACEPOINT", "sched_process_hang"],
                  "hawk_tp": ["BPF_PROG_TYPE_TRACEPOINT", "none", "sched_process_free"]}, "what was attached")


@event_case("security_perf_event_alloc")
def perf_event(daemon):
    """A process counts its own page faults"""
    run = daemon.act(lambda: perf_open(1, 2, 0, -1))
    seen = run.one("security_perf_event_alloc", type="PERF_TYPE_SOFTWARE")
    expect_equal([get(seen, f"data.{k}") for k in ("config", "cpu", "target_pid", "target_tid")],
                 ["0x2", -1, run.pid, run.pid], "event")


def write_to(path, text):
    """Without O_TRUNC, which removes everybody's probes."""
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


@event_case("kprobe_attach", "kallsyms_lookup_name")
def kprobe(daemon):
    """A kprobe is set through tracefs"""
    if not os.path.exists(f"{TRACEFS}/kprobe_events"):
        raise Skip("no kprobe events")

    def probe():
        write_to(f"{TRACEFS}/kprobe_events", "p:hawk/probe vfs_fsync_range+0")
        write_to(f"{TRACEFS}/events/hawk/probe/enable", "1")
        write_to(f"{TRACEFS}/events/hawk/probe/enable", "0")
        write_to(f"{TRACEFS}/kprobe_events", "-:hawk/probe")
    run = daemon.act(probe)
    if daemon.available("kprobe_attach"):
        seen = run.of("kprobe_attach", symbol_name="vfs_fsync_range")
        expect(seen and int(get(seen[0], "data.addr"), 16) and int(get(seen[0], "data.pre_handler_addr"), 16),
               f"probe: {seen}")
    if daemon.available("kallsyms_lookup_name"):
        seen = run.of("kallsyms_lookup_name", symbol_name="vfs_fsync_range")
        expect(seen and int(get(seen[0], "data.symbol_address"), 16), f"look-ups: {seen}")


@event_case("uprobe_register")
def uprobe(daemon):
    """A uprobe is set on a program"""
    program = os.path.realpath("/bin/true")
    if not os.path.exists(f"{TRACEFS}/uprobe_events"):
        raise Skip("no uprobe events")

    def probe():
        write_to(f"{TRACEFS}/uprobe_events", f"p:hawk/uprobe {program}:0x1000")
        write_to(f"{TRACEFS}/events/hawk/uprobe/enable", "1")
        write_to(f"{TRACEFS}/events/hawk/uprobe/enable", "0")
        write_to(f"{TRACEFS}/uprobe_events", "-:hawk/uprobe")
    run = daemon.act(probe)
    seen = run.one("uprobe_register", inode=os.stat(program).st_ino)
    expect_equal(get(seen, "data.offset"), 0x1000, "offset")
    expect(program.endswith(get(seen, "data.pathname")), f"path: {seen}")


@event_case("call_usermodehelper")
def usermodehelper(daemon):
    """The kernel starts modprobe for a file system that it does not know"""
    run = daemon.act(lambda: LIBC.mount(b"none", b"/", b"hawk_nofs", 0, 0))
    seen = run.of("call_usermodehelper")
    expect(seen, "no helper")
    with open("/proc/sys/kernel/modprobe", encoding="ascii") as f:
        expect_equal(get(seen[0], "data.pathname"), f.read().strip(), "program")
    expect("fs-hawk_nofs" in get(seen[0], "data.argv"), f"arguments: {get(seen[0], 'data.argv')}")
    expect("HOME=/" in get(seen[0], "data.envp"), f"environment: {get(seen[0], 'data.envp')}")


@event_case("sched_process_exec")
def started_by_kernel(daemon):
    """The kernel starts modprobe, which is told with who started it"""
    try:
        with open("/proc/sys/kernel/modprobe", encoding="ascii") as f:
            helper = f.read().strip()
    except OSError as problem:
        raise Skip(f"a kernel without modules: {problem}") from None
    if not os.access(helper, os.X_OK):
        raise Skip(f"{helper} is not here")
    over = threading.Event()

    def ask():
        for i in itertools.count():
            if over.is_set():
                return
            LIBC.mount(b"none", b"/", f"hawk_nofs{i}".encode(), 0, 0)
    asking = threading.Thread(target=ask)
    asking.start()
    try:
        seen = daemon.ctl("watch", "sched_process_exec", "--where", "data.argv=*hawk_nofs*", "--count", "1",
                          "--timeout", "30", "-o", "json")
    finally:
        over.set()
        asking.join()
    expect_equal(get(json.loads(seen), "data.invoked_from_kernel"), True, "the kernel started it")


def cgroup2():
    with open("/proc/mounts", encoding="ascii") as f:
        for line in f:
            if line.split()[2] == "cgroup2":
                return line.split()[1]
    raise Skip("no cgroup v2 mounted")


@event_case("cgroup_mkdir", "cgroup_attach_task", "cgroup_rmdir")
def cgroups(daemon):
    """A cgroup is made, entered, left and removed"""
    top = cgroup2()
    name = f"hawk-{os.getpid()}"

    def visit():
        os.mkdir(f"{top}/{name}")
        number = os.stat(f"{top}/{name}").st_ino
        child = os.fork()
        if child == 0:
            write_to(f"{top}/{name}/cgroup.procs", "0")
            os._exit(0)
        os.waitpid(child, 0)
        # the kernel may not have let go of the child yet
        while True:
            try:
                os.rmdir(f"{top}/{name}")
                return {"cgroup": number, "child": child}
            except BlockingIOError:
                pass
            except OSError as problem:
                if problem.errno != 16:
                    raise
    run = daemon.act(visit)
    number, child = run.report[0]["cgroup"], run.report[0]["child"]
    for event in ("cgroup_mkdir", "cgroup_attach_task", "cgroup_rmdir"):
        seen = run.one(event, cgroup_id=number)
        expect_equal((get(seen, "data.cgroup_path"), get(seen, "data.hierarchy_id")), (f"/{name}", 0), event)
    expect_equal(get(run.one("cgroup_attach_task", cgroup_id=number), "data.pid"), child, "process")


@event_case("cgroup_release_agent")
def release_agent(daemon):
    """The release agent of a hierarchy is set"""
    top = os.path.dirname(daemon.file_with(b""))

    def set_agent():
        if LIBC.mount(b"none", top.encode(), b"cgroup", 0, b"none,name=hawk") < 0:
            raise OSError(ctypes.get_errno(), "mount of a v1 hierarchy")
        try:
            write_to(f"{top}/release_agent", "/bin/hawk-agent")
            write_to(f"{top}/release_agent", "")
        finally:
            LIBC.umount2(top.encode(), 0)
    run = daemon.act(set_agent)
    seen = run.of("cgroup_release_agent")
    expect_equal([get(seen[0], f"data.{k}") for k in ("pathname", "agent", "retval")],
                 [f"{top}/release_agent", "/bin/hawk-agent", 15], "agent")


@event_case("sysctl_write")
def sysctl_write(daemon):
    """The core pattern is written"""
    path = "/proc/sys/kernel/core_pattern"
    with open(path, "rb") as f:
        now = f.read()
    run = daemon.act(lambda: write_to(path, now.decode()))
    seen = run.one("sysctl_write")
    expect_equal([get(seen, f"data.{k}") for k in ("pathname", "value", "count")], [path, now.decode(), len(now)], "setting")


@event_case("sysctl_write")
def sysctl_writev(daemon):
    """The core pattern is written in two pieces"""
    path = "/proc/sys/kernel/core_pattern"
    with open(path, "rb") as f:
        now = f.read()

    def write():
        fd = os.open(path, os.O_WRONLY)
        os.writev(fd, [now, b""])
    run = daemon.act(write)
    expect_equal(get(run.of("sysctl_write")[0], "data.value"), now.decode(), "setting")


@event_case("security_key_permission")
def key_permission(daemon):
    """A key is made and read"""
    def use():
        key = call("add_key", b"user", b"hawk-key", b"secret", 6, -2)
        call("keyctl", 11, key, ctypes.create_string_buffer(16), 16)
        return key
    run = daemon.act(use)
    seen = run.of("security_key_permission", serial=run.report[0])
    expect("read" in [get(e, "data.need") for e in seen], f"uses: {seen}")
    expect_equal((get(seen[0], "data.type"), get(seen[0], "data.description")), ("user", "hawk-key"), "key")


@event_case("security_settime64", "do_adjtimex")
def set_time(daemon):
    """A process that may not tries to set the clock, and to slow it down"""
    def attempt():
        os.setresuid(12345, 12345, 12345)
        try:
            time.clock_settime(time.CLOCK_REALTIME, 12345.25)
        except PermissionError:
            pass
        # struct timex: modes (ADJ_FREQUENCY), offset, freq; adjtimex(2)
        LIBC.adjtimex(ctypes.create_string_buffer(struct.pack("=IIqq", 2, 0, 0, 65536), 208))
    run = daemon.act(attempt)
    if daemon.available("security_settime64"):
        seen = run.one("security_settime64")
        expect_equal([get(seen, f"data.{k}") for k in ("tv_sec", "tv_nsec", "set_time", "set_timezone")],
                     [12345, 250000000, True, False], "time")
    if daemon.available("do_adjtimex"):
        seen = run.one("do_adjtimex")
        expect_equal([get(seen, f"data.{k}") for k in ("modes", "freq", "retval")], [["ADJ_FREQUENCY"], 65536, -1], "adjustment")


@event_case("finding", triggers=False)
def findings(daemon):
    """Without signatures nothing is found"""
    expect("finding" not in {e["event"] for e in daemon.trigger("exits").all}, "findings")


@event_case("init_namespaces", "sechawk_info")
def announcements(daemon):
    """A daemon that starts tells of the host and of itself"""
    wanted = {"init_namespaces", "sechawk_info"}
    other = Daemon(daemon.program, daemon.bin, sorted(wanted))
    try:
        other.start()
        seen, deadline = {}, time.monotonic() + DEADLINE_SECONDS
        while wanted - set(seen) and time.monotonic() < deadline:
            seen.update({e["event"]: e["data"] for e in other.read()})
            time.sleep(0.01)
    finally:
        other.stop()
        other.remove()
    expect_equal(set(seen) & wanted, wanted, "events")
    for name in ("cgroup", "ipc", "mnt", "net", "pid", "uts", "user"):
        try:
            expect_equal(seen["init_namespaces"][name], os.stat(f"/proc/1/ns/{name}").st_ino, f"namespace {name}")
        except PermissionError:  # a sandbox; the daemon learnt it from the first records
            expect(seen["init_namespaces"][name] != 0, f"namespace {name}")
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as boot:
        expect_equal(seen["sechawk_info"]["boot_id"], boot.read().strip().replace("-", ""), "boot id")
    expect(seen["sechawk_info"]["version"] and seen["sechawk_info"]["boot_time"] < seen["sechawk_info"]["start_time"],
           f"facts: {seen['sechawk_info']}")
