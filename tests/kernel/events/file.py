# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files, directories and mounts."""
import os

from harness import expect_equal, get
from registry import event_case


@event_case("file_open", "security_file_open")
def file_open(daemon):
    """A file is opened for writing"""
    path = daemon.file_with(b"x")
    run = daemon.act(lambda: os.close(os.open(path, os.O_WRONLY)))
    seen = run.one("file_open", pathname=path)
    expect_equal(get(seen, "data.inode"), os.stat(path).st_ino, "inode")
    expect_equal("O_WRONLY" in get(seen, "data.flags"), True, "flags")
    if daemon.available("security_file_open"):
        run.one("security_file_open", pathname=path)
