#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What strace(1) sees of real programs against what the daemon tells of them.

    tests/kernel/oracle.py --daemon ./sechawkd --bin tests/kernel/bin [-k PATTERN] [--label TEXT]

Each program runs under strace -ff. For every thread the traced calls must be the same, in the same order, with the same
arguments, descriptors and results. Prints "ok NAME", "not ok NAME" with the first differences, or "skip NAME reason".
Needs root and strace.
"""
import errno
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import json

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Skip, expect, get, raw, shorten  # noqa: E402
from runner import Session, options  # noqa: E402
from strace import descriptor, numeral, parse_trace, parse_value, split_arguments, unquote  # noqa: E402

CALLS = """open openat openat2 creat close read write pread64 pwrite64 lseek access faccessat faccessat2 readlink readlinkat
    unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir link linkat symlink symlinkat chmod fchmod fchmodat
    fchown fchownat chdir fchdir getcwd dup dup2 dup3 pipe pipe2 ftruncate fsync
    socket connect bind listen accept accept4 getsockname getpeername sendto recvfrom shutdown socketpair
    clone clone3 fork vfork execve wait4 kill setpgid getppid exit_group umask newfstatat fstat getdents64
    memfd_create eventfd2 epoll_create1 epoll_ctl statfs utimensat
    readv writev sendmsg recvmsg rt_sigaction rt_sigprocmask prlimit64 clock_nanosleep""".split()

NUMBERS = ("U8", "U16", "U32", "U64", "S32", "S64", "HEX", "PID", "UID", "MODE")
DESCRIPTORS = ("FD", "DIRFD")
# The programs of the distribution, no scripts in front of them: of a script the kernel changes the arguments.
os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
STRINGS = ("STR", "UPATH", "TEXT_OUT")
PART = 256  # bytes of data that are collected, bpf/abi/argtypes.def
# What lies behind a pointer and both show. A run of all programs must have compared each of these.
INSIDE = ("SOCKADDR", "SOCKADDR_OUT", "IOVEC", "IOVEC_OUT", "MSGHDR", "MSGHDR_OUT", "FDPAIR", "SIGSET", "SIGSET_OUT",
          "SIGACTION", "SIGACTION_OUT", "RLIMIT64", "RLIMIT64_OUT", "TIMESPEC64", "CLONE_ARGS")
CONSTANTS = {"SIG_DFL": 0, "SIG_IGN": 1, "RLIM64_INFINITY": 2 ** 64 - 1, "UTIME_NOW": 2 ** 30 - 1,
             "UTIME_OMIT": 2 ** 30 - 2}


COMPARED = {}  # how many of each type

# --- what the daemon told ------------------------------------------------------------------------------------------

class Fields:
    """Arguments of system calls and their types, as the daemon tells."""

    def __init__(self, daemon):
        self.daemon, self.known = daemon, {}

    def of(self, name):
        if name not in self.known:
            shown = json.loads(self.daemon.ctl("event", "show", name, "-o", "json"))
            added = ("_path", "_socket", "_abs")
            rows = [(f["name"], f["type"]) for f in shown["fields"]]
            self.known[name] = [r for r in rows if r[0] not in ("retval", "errno") and not r[0].endswith(added)]
        return self.known[name]


def same_place(event, name, kind, place):
    """Whether the daemon's path or socket of descriptor NAME is what strace says."""
    path, sock = get(event, f"data.{name}_path"), get(event, f"data.{name}_socket")
    if sock is not None:
        return place == f"socket:[{sock['inode']}]".encode()
    if path is None:
        # A directory's descriptor has no socket beside it; with AT_EMPTY_PATH it may be one.
        return kind == "DIRFD" and place.startswith(b"socket:")
    if get(event, f"data.{name}_path_unreachable"):
        return True
    return place in (raw(path), b"/" + raw(path)) or place == raw(path) + b" (deleted)" or \
        place == b"/" + raw(path) + b" (deleted)"


def compare_flags(text, value):
    """Flags of strace, "A|B|0x10", against a list of names."""
    if not re.match(r"^[A-Z_0-9x|]+$", text):
        return True  # numbers in other forms
    theirs = {f for f in text.split("|") if not re.match(r"^0x?[0-9a-f]*$", f)}
    ours = {f for f in value if not f.startswith("0x")} if isinstance(value, list) else {str(value)}
    return theirs <= ours | {"O_RDONLY"} or not theirs


def number_of(text):
    """Of a number in one of the forms of strace: "8192*1024", "SIG_IGN". None: it is none."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if not re.match(r"^-?\w+(\*\d+)?$", text):
        return None
    try:
        return numeral(text) if "*" not in text else int(text.split("*")[0]) * int(text.split("*")[1])
    except ValueError:
        return None


def signal_name(text):
    """Of "INT" and "RT_2": the kernel has real-time signals from 32 (RTMIN) on, the C library from 34."""
    late = re.match(r"^RT(?:MIN|_(\d+))$", text)
    if not late:
        return "SIG" + text
    number = 32 + int(late.group(1) or 0)
    if number < 34:
        return f"SIG{number}"
    steps = (f"SIGRTMIN+{number - 34}" if number < 50 else f"SIGRTMAX-{64 - number}")
    return steps.removesuffix("+0").removesuffix("-0")


def gathered(vectors):
    """A list of struct iovec as the daemon tells it; without the data where strace shows what they mean."""
    parts = [v["iov_base"] for v in vectors]
    told = {"count": str(len(vectors)), "total": str(sum(int(v["iov_len"]) for v in vectors))}
    return {**told, "data": b"".join(parts)} if all(isinstance(part, bytes) for part in parts) else told


def as_told(kind, theirs):
    """What strace says in the daemon's form, where that is another one; None: nothing that could be compared."""
    if kind.startswith("IOVEC") and isinstance(theirs, list):
        return gathered(theirs) if all(isinstance(v, dict) for v in theirs) else None
    if kind == "TIMESPEC64" and isinstance(theirs, list):
        theirs = theirs[0]  # utimensat has two, of which the first is told
    if "MSGHDR" in kind and isinstance(theirs, dict):
        message = {k[len("msg_"):]: v for k, v in theirs.items() if k.startswith("msg_") and not isinstance(v, list)}
        if isinstance(theirs.get("msg_iov"), list):
            message.update(gathered(theirs["msg_iov"]))
        rights = [c["cmsg_data"] for c in theirs.get("msg_control") or [] if isinstance(c, dict)
                  and c.get("cmsg_type") == "SCM_RIGHTS"]
        if rights:
            message["fds"] = sum(rights, [])
        return message
    if isinstance(theirs, str) and theirs in CONSTANTS:
        theirs = {"tv_nsec": theirs}
    return theirs if isinstance(theirs, (dict, list, bytes)) else None


def same_word(ours, number):
    """Whether OURS, a number or one in a text, is NUMBER in 64 bits."""
    if isinstance(ours, str) and re.match(r"^-?(0x[0-9a-f]+|\d+)$", ours):
        ours = int(ours, 0)
    return isinstance(ours, int) and (ours - number) % 2 ** 64 == 0


def same_value(ours, theirs):
    """Whether OURS, of JSON, is what strace says. What only one of them tells of a structure does not count."""
    if isinstance(theirs, dict):
        common = [k for k in theirs if isinstance(ours, dict) and k in ours]
        return bool(common) and all(same_value(ours[k], theirs[k]) for k in common)
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same_value, ours, theirs))
    if isinstance(theirs, bytes):
        data = raw(ours)
        return data == theirs or (len(data) >= PART and theirs.startswith(data))
    if theirs.startswith("~") or theirs == "NULL":
        return True  # the rest of a set, what is not there
    named = descriptor(theirs)[0] if "<" in theirs else None
    number = number_of(named or theirs)
    if number is not None and same_word(ours, number):
        return True
    if isinstance(ours, str):
        return ours in (theirs, theirs.replace("RLIM64", "RLIM"), signal_name(theirs))
    return isinstance(ours, list) and compare_flags(theirs, ours)


def compare_argument(event, name, kind, text):
    """None, or what differs."""
    value = get(event, "data." + name)
    if kind in DESCRIPTORS:
        number, place = descriptor(text)
        if number is None:
            return None
        if str(value) != number:
            return f"{name}: {value}, strace: {number}"
        if place is not None and number != "AT_FDCWD" and not same_place(event, name, kind, place):
            return f"{name} is {event['data']}, strace: {place}"
    elif kind in STRINGS:
        wanted = unquote(text)
        if wanted is None:
            return None
        if value is None or not (raw(value) == wanted[0].rstrip(b"\0") or (wanted[1] and raw(value).startswith(wanted[0]))):
            return f"{name}: {shorten(value)}, strace: {wanted[0]!r}"
    elif kind in NUMBERS and re.match(r"^-?(0x[0-9a-f]+|\d+)$", text):
        ours = int(value, 8) if kind == "MODE" else int(value, 0) if isinstance(value, str) else value
        if ours is None or ours & 0xffffffff != numeral(text) & 0xffffffff:
            return f"{name}: {value}, strace: {text}"
    elif kind == "STRV" and text.startswith("["):
        wanted = [unquote(t)[0] for t in split_arguments(text[1:-1]) if unquote(t)]
        if [raw(a) for a in value or []] != wanted:
            return f"{name}: {shorten(value)}, strace: {shorten(wanted)}"
    elif kind.endswith("_FLAGS"):
        return None if compare_flags(text, value) else f"{name}: {value}, strace: {text}"
    elif kind in INSIDE and not (kind.endswith("_OUT") and "errno" in event["data"]):
        # of a call that failed nothing is read that it would have written
        theirs = as_told(kind, parse_value(text))
        COMPARED[kind] = COMPARED.get(kind, 0) + (theirs is not None)
        if theirs is not None and not same_value(value, theirs):
            return f"{name} ({kind}): {shorten(value)}, strace: {shorten(theirs)}"
    return None


def compare_call(fields, event, call):
    """None, or what differs between an event and a call of strace."""
    name, arguments, result, error = call
    if event["event"] != name:
        return f"{event['event']}, strace: {name}({', '.join(arguments)})"
    retval = get(event, "data.retval")
    if error:
        if get(event, "data.errno") != error:
            return f"{name}: {get(event, 'data.errno')}, strace: {error}"
    elif retval not in ((None, -errno.ENOSYS) if result is None else (result,)):
        # None: the call does not return, or the thread was ended before it, whose return the kernel tells with ENOSYS.
        return f"{name}: result {retval}, strace: {result}"
    for (field, kind), text in zip(fields.of(name), arguments):
        difference = compare_argument(event, field, kind, text)
        if difference:
            return f"{name}: {difference}"
    return None


def compare_thread(fields, tid, events, calls):
    """What differs in one thread, as lines."""
    for i, (event, call) in enumerate(zip(events, calls)):
        difference = compare_call(fields, event, call)
        if difference:
            return [f"thread {tid}, call {i}: {difference}"]
    if len(events) != len(calls):
        rest = [e["event"] for e in events[len(calls):]] or [c[0] for c in calls[len(events):]]
        return [f"thread {tid}: {len(events)} calls, strace: {len(calls)}; the rest: {rest[:5]}"]
    return []


# --- programs ------------------------------------------------------------------------------------------------------

TLS = """openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=test -keyout key.pem -out cert.pem -days 1
timeout 60 openssl s_server -accept 127.0.0.1:0 -key key.pem -cert cert.pem -www >log 2>&1 &
port=
while [ -z "$port" ] && kill -0 $!; do read -r _ where <<<"$(grep ACCEPT log)"; port=${where##*:}; done
echo | timeout 60 openssl s_client -connect 127.0.0.1:$port
kill $!; wait"""

PROGRAMS = [
    ("coreutils", "cp /etc/passwd a; ln -s a b; ln a c; cat b >d; mv d e; chmod 600 e; rm c; ls -l; readlink b; stat e; "
                  "touch f; truncate -s 5 f; mkdir -p x/y/z; rmdir x/y/z; head -c 3 a; wc a; sort a | uniq -c | tail -1"),
    ("bash script", "for i in 1 2 3; do echo $i >>out; done; cd /tmp; read line <\"$OLDPWD/out\"; (exit 3); "
                    "x=$(echo sub); cat <<<\"$x\" | while read l; do echo $l; done; kill -0 $$; /missing; true"),
    ("python", "python3 -c 'import os, socket, subprocess, tempfile; d = tempfile.mkdtemp(); "
               "open(d + \"/\\u00e4\\n\", \"w\").write(\"x\"); print(os.listdir(d)); a, b = socket.socketpair(); a.send(b\"x\"); "
               "b.recv(1); subprocess.run([\"true\"]); s = socket.socket(); s.bind((\"127.0.0.1\", 0)); s.listen(); "
               "c = socket.create_connection(s.getsockname()); s.accept()'"),
    ("sockets", "python3 -c 'import os, resource, socket, time\n"
                "a, b = socket.socketpair(); socket.send_fds(a, [b\"he\", b\"llo\"], [0, 1]); socket.recv_fds(b, 10, 4)\n"
                "a.send(b\"x\" * 300); b.recv(1000); r, w = os.pipe(); os.writev(w, [b\"first\", b\"second\"])\n"
                "os.readv(r, [bytearray(3), bytearray(30)])\n"
                "for name in \"here\", \"\\0hidden\":\n"
                "    u = socket.socket(socket.AF_UNIX); u.bind(name); u.listen()\n"
                "    c = socket.socket(socket.AF_UNIX); c.connect(name); u.accept()[0].getpeername()\n"
                "n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW); n.bind((0, 1)); n.getsockname()\n"
                "s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.bind((\"::1\", 0))\n"
                "s.sendto(b\"six\", s.getsockname()); s.recvfrom(10); s.sendmsg([b\"s\", b\"even\"], [], 0, s.getsockname())\n"
                "s.recvmsg(20, 100); time.sleep(0.01)\n"
                "resource.setrlimit(resource.RLIMIT_CORE, resource.getrlimit(resource.RLIMIT_CORE))'"),
    ("tar", "mkdir t; cp /etc/*.conf t 2>/dev/null; tar czf t.tgz t && rm -r t && tar xzf t.tgz && tar tf t.tgz >/dev/null"),
    ("git", "git init -q r; cd r; echo x >f; git add f; git -c user.name=a -c user.email=b commit -qm m; git log --oneline; "
            "git status --short; git gc -q"),
    ("openssl", TLS),
    ("systemd-run", "systemd-run --quiet --wait --pipe --collect -p PrivateTmp=yes sh -c 'cat /etc/hostname; id' && "
                    "systemd-run --quiet --scope --user true; systemd-run --quiet --scope cat /etc/hostname"),
    ("threads", "python3 -c 'import threading, os\n"
                "def work(n):\n"
                "    for i in range(20): os.close(os.open(\"/etc/hostname\", os.O_RDONLY))\n"
                "all = [threading.Thread(target=work, args=(n,)) for n in range(4)]\n"
                "[t.start() for t in all]; [t.join() for t in all]'"),
]


def check(daemon, fields, script):
    """Runs SCRIPT under strace and compares."""
    directory = tempfile.mkdtemp(dir=daemon.dir)
    work = os.path.join(directory, "work")
    os.mkdir(work)
    prefix = os.path.join(directory, "trace")
    daemon.collect()
    subprocess.run(["strace", "-ff", "-y", "-xx", "-s", "65535", "-v", "-e", "signal=none", "-e", "trace=" +
                    ",".join("?" + c for c in CALLS), "-o", prefix, "bash", "-c", script], cwd=work, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300, check=False)
    threads = {int(path.rsplit(".", 1)[1]): parse_trace(path) for path in glob.glob(prefix + ".*")}
    told = {tid: [] for tid in threads}
    for event in daemon.collect():
        tid = get(event, "process.tid")
        if tid in told and event["event"] in CALLS:
            told[tid].append(event)
    total = sum(len(calls) for calls in threads.values())
    expect(total > 20, f"strace saw only {total} calls")
    differences = []
    for tid, calls in sorted(threads.items()):
        # The fork is told by the parent's strace; the first call of the first thread is its exec, by strace itself.
        if told[tid] and calls and told[tid][0]["event"] != calls[0][0]:
            while told[tid] and (told[tid][0]["event"], get(told[tid][0], "data.retval")) != (calls[0][0], calls[0][2]):
                told[tid].pop(0)
        differences += compare_thread(fields, tid, told[tid], calls)
    expect(not differences, "\n".join(differences[:8]))
    return total, len(threads)


def run(session, fields, name, script):
    compared = []

    def one(daemon):
        first = script.split(None, 1)[0]
        if first in ("git", "tar", "openssl", "python3") and not shutil.which(first):
            raise Skip(f"no {first}")
        if first == "systemd-run" and not os.path.isdir("/run/systemd/system"):
            raise Skip("systemd is not PID 1; the VM tier runs it")
        compared[:] = check(daemon, fields, script)

    def told():
        counts = f": {compared[0]} calls of {compared[1]} threads" if compared else ""
        return f"strace and the daemon agree: {name}{counts}"
    session.run(name, one, told)


def expect_compared():
    missing = [kind for kind in INSIDE if not COMPARED.get(kind)]
    expect(not missing, f"no program had an argument of {', '.join(missing)}")


def main():
    args = options(__doc__).parse_args()
    if not shutil.which("strace"):
        print(f"skip {args.label}oracle # no strace")
        return 0
    with Session(args, events=CALLS + ["sched_process_fork", "sched_process_exec", "sched_process_exit"]) as session:
        if not session.start():
            return 1
        fields = Fields(session.daemon)
        for name, script in PROGRAMS:
            if args.only in name:
                run(session, fields, name, script)
        if not args.only:
            session.run("each type of INSIDE", lambda _: expect_compared(), lambda: "every kind of structure was compared")
        session.stop()
    print("# compared: " + ", ".join(f"{kind} {count}" for kind, count in sorted(COMPARED.items())))
    return 1 if session.failed else 0


if __name__ == "__main__":
    sys.exit(main())
