# SPDX-License-Identifier: LGPL-2.1-or-later
"""What programs start with: their environment and standard streams."""
import os
import socket
import subprocess

from harness import expect, expect_equal, get
from registry import event_case


@event_case("sched_process_exec")
def start_of_a_program(daemon):
    """A program gets variables that change what it loads, and connections as standard streams"""
    server = socket.create_server(("127.0.0.1", 0))
    junk = {f"JUNK{i}": "x" * i for i in range(100)}

    def start(env, stdio=None):
        def act():
            with socket.create_connection(server.getsockname()) as s:
                if stdio is not None:
                    os.dup2(s.fileno(), stdio)
                os.execve("/bin/true", ["true"], env)
        run = daemon.act(act)
        server.accept()[0].close()
        return run.of("sched_process_exec", pid=run.pid)[-1]
    seen = start({**junk, "LD_PRELOAD": "/tmp/none.so", "SECRET": "1", "HISTFILE": "", "LD_AUDIT": "y" * 3000})
    expect_equal(get(seen, "data.env")[:2], ["LD_PRELOAD=/tmp/none.so", "HISTFILE="], "environment")
    expect(get(seen, "data.env")[2].startswith("LD_AUDIT=yyy"), "the first bytes of a long variable")
    expect("stdio_remote" not in (get(seen, "data.flags") or []), "no connection")
    seen = start(junk)
    expect(get(seen, "data.env") is None, f"environment without such variables: {get(seen, 'data.env')}")
    for fd in range(3):
        expect("stdio_remote" in get(start({}, fd), "data.flags"), f"descriptor {fd} is a connection")


@event_case("sched_process_exec")
def start_under_a_connection(daemon):
    """The parent's standard input is a connection, the program's is a pipe"""
    server = socket.create_server(("127.0.0.1", 0))

    def act():
        with socket.create_connection(server.getsockname()) as s:
            os.dup2(s.fileno(), 0)
            with subprocess.Popen(["/bin/true"], stdin=subprocess.PIPE) as child:
                return child.pid  # when it has ended: it is about what the parent has open
    run = daemon.act(act)
    server.accept()[0].close()
    expect_equal(get(run.one("sched_process_exec", pid=run.report[0]), "data.flags"), ["parent_stdio_remote"], "flags")
