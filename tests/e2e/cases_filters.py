# SPDX-License-Identifier: LGPL-2.1-or-later
"""The language of filters on live events: what each operator selects, in sinks, watch and trace."""
import ctypes
import json
import os
import socket
import subprocess

from lab import LIFE, case, cgroup_top, expect, expect_equal, get, until

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUTS = 0x04000000
CONTAINER = "0123456789abcdef" * 4

# Who is selected among: own (runs as nobody), named (in a uts namespace of its own), boxed (in the cgroup of a container),
# below (its grandparent is the shell that is called hawk-shell), and host, of which nothing is special.
SELECTS = (
    ("uid=65534", {"own"}),
    ("uid=60000..70000", {"own"}),
    ("uid=1..", {"own"}),
    ("uid=..0", {"named", "boxed", "below", "host"}),
    ("process.caps.effective&=CAP_SYS_ADMIN|CAP_NET_ADMIN", {"named", "boxed", "below", "host"}),
    ("process.caps.effective==0", {"own"}),
    ("process.nodename=hawk-web1", {"named"}),
    ("process.nodename=hawk-web[0-9]", {"named"}),
    ("nodename!=hawk-web1", {"own", "boxed", "below", "host"}),
    ("process.ns.uts.is_host=false", {"named"}),
    ("process.container_id=*", {"boxed"}),
    ("NOT process.container_id=*", {"own", "named", "below", "host"}),
    (f"process.container_id={CONTAINER[:12]}*", {"boxed"}),
    ("process.cgroup.path=*/docker-????????*.scope", {"boxed"}),
    ("ancestor.argv=hawk-shell", {"below"}),
    ("parent.argv=hawk-shell", set()),
    ("process.new=true", {"own", "named", "boxed", "below", "host"}),
    ("process.new=false", set()),
    ("data.argv~='^(mark-own|mark-host)$'", {"own", "host"}),
    ("data.argv=mark-[bn]*", {"named", "boxed", "below"}),
    ("data.inode_mode.type=S_IFREG data.inode_mode.permissions=S_IXUSR",
     {"own", "named", "boxed", "below", "host"}),
    ("data.inode_mode.permissions&=S_ISUID|S_ISGID", set()),
    ("data.pathname=/*/[tx]rue", {"own", "named", "boxed", "below", "host"}),
    ("data.argv=" + "|".join(f"mark-{i}" for i in range(300)) + "|mark-own", {"own"}),
    ("comm=true cpu=0..255 tid=1..", {"own", "named", "boxed", "below", "host"}),
)
ALL = {"own", "named", "boxed", "below", "host"}


def become_nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def become_named():
    if LIBC.unshare(CLONE_NEWUTS) < 0:
        raise OSError(ctypes.get_errno(), "unshare")
    socket.sethostname("hawk-web1")


def run(name, before=None):
    subprocess.run(["true", f"mark-{name}"], preexec_fn=before, check=True)


def run_boxed():
    box = f"{cgroup_top()}/docker-{CONTAINER}.scope"
    os.mkdir(box)
    try:
        def enter():
            with open(f"{box}/cgroup.procs", "w", encoding="utf-8") as procs:
                procs.write("0")
        run("boxed", enter)
    finally:
        os.rmdir(box)


def marked(path):
    """Who is told of in a file of events."""
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8", errors="surrogateescape") as lines:
        events = [json.loads(line) for line in lines if line.endswith("\n")]
    words = [word for event in events for word in get(event, "data.argv") or []]
    return {word[5:] for word in words if word.startswith("mark-")}


@case("the language of filters: each operator selects who it should")
def language(lab):
    a = lab.instance()
    files = [a.path(f"f{i}") for i in range(len(SELECTS))]
    sinks = "".join(f', {{ type = "file"; name = "f{i}"; path = "{files[i]}"; filter = [ "event=exec {text}" ]; }}'
                    for i, (text, _) in enumerate(SELECTS))
    a.start(sinks=a.file_sink() + sinks)
    run("own", become_nobody)
    run("named", become_named)
    run_boxed()
    # the shell that has the mark starts another one, so that it is the grandparent
    subprocess.run(["sh", "-c", "sh -c '/bin/true mark-below; :'; :", "hawk-shell"], check=True)
    run("host")
    until(lambda: marked(a.file) == ALL, lambda: f"all marks: {marked(a.file)}")
    for i, (text, wanted) in enumerate(SELECTS):
        if wanted:
            until(lambda i=i, wanted=wanted: wanted <= marked(files[i]),
                  lambda text=text, i=i: f"{text}: {marked(files[i])}")
        expect_equal(marked(files[i]), wanted, text)
    told = {event["data"]["argv"][1]: event["process"] for event in a.read()
            if event["event"] == "sched_process_exec" and len(event["data"].get("argv", [])) == 2}
    expect_equal(told["mark-named"].get("nodename"), "hawk-web1", "host name")
    expect_equal(told["mark-host"].get("nodename"), os.uname().nodename, "host name of the host")
    expect_equal(told["mark-boxed"].get("container_id"), CONTAINER, "container")
    expect("container_id" not in told["mark-host"], f"no container: {told['mark-host']}")


@case("watch --where and trace take the whole language, and say where a text is wrong")
def streams(lab):
    a = lab.instance().start(events=LIFE)
    watch = a.stream("watch", "exec", "--where", "data.argv~='^mark-w[a-c]{3}$' ancestor.pid=1..",
                     "-o", "json",
                     "--count", "1")
    trace = a.stream("trace", "event=exec|memfd_create", "data.argv=mark-t*[0-9]", "uid=..10|4000000000..",
                     "-o", "json",
                     "--count", "1")
    run("wxyz")
    run("wabc")
    run("trace-x")
    run("trace-7")
    for child, mark in ((watch, "mark-wabc"), (trace, "mark-trace-7")):
        out, err = child.communicate(timeout=20)
        expect_equal((child.returncode, err), (0, ""), "end")
        expect_equal(json.loads(out)["data"]["argv"][1], mark, "selected")
    for text, column, says in (("uid=5..1", 5, "is empty"), ("comm~='(a'", 7, "regular expression"),
                               ("comm=[a", 6, "expected ]"), ("uid=1|2|x", 9, "does not fit")):
        done = a.ctl_run("watch", "--where", text)
        expect(done.returncode != 0 and says in done.stderr and str(column) in done.stderr,
               f"{text}: {done.stderr}")
