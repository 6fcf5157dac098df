# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files, directories and mounts."""
import ctypes
import errno
import mmap
import os
import select
import socket
import stat
import struct
import subprocess

from cases import alternative, by_calls
from harness import Daemon, Skip, expect, expect_equal, get
from registry import event_case

LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, AT_SYMLINK_NOFOLLOW = -100, 0x100
MNT_DETACH = 2


def call(name, *args):
    """A function of libc; raises OSError. Strings are bytes for it."""
    done = getattr(LIBC, name)(*[os.fsencode(a) if isinstance(a, str) else a for a in args])
    if done == -1:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
    return done


def device(path):
    """How an event prints the device that PATH lies on."""
    number = os.stat(path).st_dev
    return f"{os.major(number)}:{os.minor(number)}"


def expect_file(event, path_or_stat, field=None, path=None, made=False):
    """The event is about this inode (and its FIELD is PATH). MADE of a system call, it does not know the inode."""
    if field:
        expect_equal(get(event, "data." + field), path, field)
    if made:
        expect_equal([get(event, "data." + f) for f in ("inode", "dev", "inode_mode")], [None] * 3, "the inode")
        return
    facts = path_or_stat if isinstance(path_or_stat, os.stat_result) else os.stat(path_or_stat)
    expect_equal(get(event, "data.inode"), facts.st_ino, "inode")
    expect_equal(get(event, "data.dev"), f"{os.major(facts.st_dev)}:{os.minor(facts.st_dev)}", "device")
    expect_equal(int(get(event, "data.inode_mode"), 8), facts.st_mode, "mode of the inode")


@event_case("file_open", "security_file_open", "file_write_open")
def file_open(daemon):
    """A file is opened for writing, and for reading"""
    path = daemon.file_with(b"x")
    run = daemon.act(lambda: (os.close(os.open(path, os.O_RDONLY)), os.close(os.open(path, os.O_WRONLY)))[:0])
    seen = run.of("file_open", pathname=path)
    expect_equal(len(seen), 2, "opens")
    expect_file(seen[1], path)
    expect("O_WRONLY" in get(seen[1], "data.flags"), "flags")
    if daemon.available("security_file_open"):
        expect_equal(len(run.of("security_file_open", pathname=path)), 2, "permission checks")
    if daemon.available("file_write_open"):
        seen = run.one("file_write_open", pathname=path)
        expect_file(seen, path)
        expect("O_WRONLY" in get(seen, "data.flags"), "flags of the write-open")


@event_case("file_open", "file_write_open")
def write_opens(daemon):
    """Files are opened to be written, one right after the other: both events of each have its own path"""
    first = daemon.file_with(b"x")
    paths = [first, first + "-with-a-longer-name", first + "-x", first + "-of-yet-another-length"]

    def work():
        for path in paths:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
            os.close(os.open(path, os.O_RDONLY))
    run = daemon.act(work)
    for path in paths:
        expect_equal(len(run.of("file_open", pathname=path)), 2, f"opens of {path}")
        expect_file(run.one("file_write_open", pathname=path), path)


@event_case("security_inode_unlink")
def unlink(daemon):
    """A file is removed"""
    path = daemon.file_with(b"x")
    facts = os.stat(path)
    run = daemon.act(lambda: os.unlink(path))
    made = by_calls(daemon, "security_inode_unlink")
    expect_file(run.one("security_inode_unlink", pathname=path), facts, made=made)


@event_case("security_inode_rename")
def rename(daemon):
    """A file is renamed into another directory"""
    path, other = daemon.file_with(b"x"), daemon.file_with(b"y")
    facts = os.stat(path)
    run = daemon.act(lambda: os.rename(path, other))
    made = by_calls(daemon, "security_inode_rename")
    expect_file(run.one("security_inode_rename", new_path=other), facts, "old_path", path, made)


@event_case("security_inode_link")
def link(daemon):
    """A file gets a second name"""
    path = daemon.file_with(b"x")
    run = daemon.act(lambda: os.link(path, path + ".link"))
    made = by_calls(daemon, "security_inode_link")
    expect_file(run.one("security_inode_link", new_path=path + ".link"), path, "old_path", path, made)


@event_case("security_inode_symlink")
def symlink(daemon):
    """A symbolic link is made"""
    path = daemon.file_with(b"x") + ".link"
    run = daemon.act(lambda: os.symlink("../to/nowhere", path))
    seen = run.one("security_inode_symlink")
    expect_equal((get(seen, "data.linkpath"), get(seen, "data.target")), (path, "../to/nowhere"), "link and target")
    expect_equal(get(seen, "data.linkpath_deleted"), None, "mark")


@event_case("security_inode_mknod")
def mknod(daemon):
    """A FIFO, a device and a socket are made, and an ordinary file"""
    base = daemon.file_with(b"x")

    def make():
        os.mkfifo(base + ".fifo", 0o640)
        os.mknod(base + ".dev", 0o600 | stat.S_IFCHR, os.makedev(1, 300))
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind(base + ".sock")
        os.close(os.open(base + ".file", os.O_CREAT | os.O_WRONLY))
    run = daemon.act(make)
    seen = {get(e, "data.file_name"): e for e in run.of("security_inode_mknod")}
    wanted = {".dev": stat.S_IFCHR, ".fifo": stat.S_IFIFO, ".sock": stat.S_IFSOCK}
    if by_calls(daemon, "security_inode_mknod"):
        wanted.pop(".sock")  # made by bind
    expect_equal({e: stat.S_IFMT(int(get(seen[base + e], "data.mode"), 8)) for e in wanted}, wanted, "types")
    expect_equal(len(seen), len(wanted), "names")
    expect_equal(get(seen[base + ".dev"], "data.dev"), "1:300", "device")


@event_case("security_inode_mkdir", "security_inode_rmdir")
def directories(daemon):
    """A directory is made and removed"""
    path = daemon.file_with(b"x") + ".dir"

    def make():
        os.umask(0)
        os.mkdir(path, 0o1750)
        inode = os.stat(path).st_ino
        os.rmdir(path)
        return inode
    run = daemon.act(make)
    expect_equal(int(get(run.one("security_inode_mkdir", pathname=path), "data.mode"), 8) & 0o7777, 0o1750, "mode")
    inode = None if by_calls(daemon, "security_inode_rmdir") else run.report[0]
    expect_equal(get(run.one("security_inode_rmdir", pathname=path), "data.inode"), inode, "inode")


@event_case("chmod_common")
def chmod(daemon):
    """The permissions of a file are changed, and of one that must not be"""
    path = daemon.file_with(b"x")
    run = daemon.act(lambda: os.chmod(path, 0o4751))
    seen = run.one("chmod_common", pathname=path)
    made = by_calls(daemon, "chmod_common")
    expect_file(seen, path, made=made)
    expect_equal((int(get(seen, "data.mode"), 8) & 0o7777, get(seen, "data.retval")), (0o4751, 0), "mode and result")

    def refused():
        os.setuid(65534)
        try:
            os.chmod(path, 0o777)
        except PermissionError:
            pass
    seen = daemon.act(refused).of("chmod_common", pathname=path)
    expect_equal([get(e, "data.errno") for e in seen], [] if made else ["EPERM"], "error")


@event_case("chown_common")
def chown(daemon):
    """The owner of a file is changed, and only its group"""
    path = daemon.file_with(b"x")
    run = daemon.act(lambda: (os.chown(path, 1234, 4321), os.chown(path, -1, 77))[:0])
    seen = [(get(e, "data.uid"), get(e, "data.gid"), get(e, "data.retval"))
            for e in run.of("chown_common", pathname=path)]
    expect_equal(seen, [(1234, 4321, 0), (2**32 - 1, 77, 0)], "owners")


@event_case("do_truncate")
def truncate(daemon):
    """A file is cut by name, by descriptor and by an open"""
    path = daemon.file_with(b"0123456789")

    def cut():
        os.truncate(path, 7)
        fd = os.open(path, os.O_WRONLY)
        os.ftruncate(fd, 5)
        os.close(os.open(path, os.O_WRONLY | os.O_TRUNC))
    run = daemon.act(cut)
    seen = run.of("do_truncate", pathname=path)
    expect_equal([(get(e, "data.length"), get(e, "data.retval")) for e in seen], [(7, 0), (5, 0), (0, 0)], "lengths")
    made = by_calls(daemon, "do_truncate")
    expect_file(seen[0], path, made=made)
    expect_file(seen[2], path)  # the open is told by its return


@event_case("security_inode_setxattr", "security_inode_removexattr")
def xattr(daemon):
    """File capabilities are set on a file, and taken away"""
    path = daemon.file_with(b"x")
    value = struct.pack("<5I", 0x02000000, 1 << 21, 0, 0, 0)  # VFS_CAP_REVISION_2, cap_sys_admin

    def change():
        os.setxattr(path, "security.capability", value)
        os.removexattr(path, "security.capability")
    run = daemon.act(change)
    seen = run.one("security_inode_setxattr", pathname=path)
    expect_equal(get(seen, "data.name"), "security.capability", "name")
    made = by_calls(daemon, "security_inode_setxattr")
    expect_file(seen, path, "pathname", path, made)
    expect_equal(get(seen, "data.size"), len(value), "size")
    expect_equal(get(seen, "data.pathname_any_mount"), None if made else True, "mark of the path")
    expect(get(seen, "data.value"), "no value")
    expect_file(run.one("security_inode_removexattr"), path, "pathname", path,
                by_calls(daemon, "security_inode_removexattr"))


@event_case("vfs_read", "vfs_readv", "vfs_write", "vfs_writev")
def read_write(daemon):
    """A file is read and written, at its position and elsewhere"""
    path = daemon.file_with(b"0123456789")

    def move():
        fd = os.open(path, os.O_RDWR)
        os.read(fd, 4)
        os.read(fd, 100)
        os.pread(fd, 2, 7)
        os.readv(fd, [bytearray(5), bytearray(5)])
        os.preadv(fd, [bytearray(3), bytearray(3)], 2)
        os.write(fd, b"abc")
        os.pwrite(fd, b"x", 1)
        os.writev(fd, [b"de", b"fgh"])
        os.pwritev(fd, [b"k"], 3)
    run = daemon.act(move)

    def seen(name, amount):
        return [(get(e, "data." + amount), get(e, "data.pos"), get(e, "data.retval"))
                for e in run.of(name, pathname=path)]
    expect_equal(seen("vfs_read", "count"), [(4, 0, 4), (100, 4, 6), (2, 7, 2)], "reads")
    expect_equal(seen("vfs_readv", "vlen"), [(2, 10, 0), (2, 2, 6)], "vector reads")
    expect_equal(seen("vfs_write", "count"), [(3, 10, 3), (1, 1, 1)], "writes")
    expect_equal(seen("vfs_writev", "vlen"), [(2, 13, 5), (1, 3, 1)], "vector writes")
    expect_file(run.of("vfs_write", pathname=path)[0], path)


@event_case("__kernel_write")
def kernel_write(daemon):
    """Process accounting writes to its file"""
    path = daemon.file_with(b"")

    def account():
        call("acct", path)
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        os.waitpid(pid, 0)
        call("acct", None)
    run = daemon.act(account)
    seen = run.of("__kernel_write", pathname=path)
    expect(seen, f"no event of {path} in {[e.get('data') for e in run.of('__kernel_write')]}")
    expect_file(seen[0], path)
    expect_equal((get(seen[0], "data.count"), get(seen[0], "data.retval")), (64, 64), "bytes of struct acct_v3")


@event_case("magic_write")
def magic_write(daemon):
    """A program is dropped: by write and by writev; what follows is not told"""
    one, two = daemon.file_with(b""), daemon.file_with(b"")
    head = b"\x7fELF\x02\x01\x01" + bytes(range(50))

    def drop():
        fd = os.open(one, os.O_WRONLY)
        os.write(fd, head)
        os.write(fd, b"more")
        fd = os.open(two, os.O_WRONLY)
        os.writev(fd, [b"#!/bin/", b"sh\n"])
    run = daemon.act(drop)
    seen = run.one("magic_write", pathname=one)
    expect_file(seen, one)
    expect_equal(get(seen, "data.retval"), len(head), "bytes written")
    expect(str(get(seen, "data.bytes")).lower().startswith("7f454c4602"), f"bytes: {get(seen, 'data.bytes')}")
    seen = run.one("magic_write", pathname=two)
    expect(str(get(seen, "data.bytes")).lower().startswith(b"#!/bin/".hex()), f"bytes: {get(seen, 'data.bytes')}")


def copies(source, names):
    """Copies SOURCE to each of NAMES in another way, and once behind the begin of a file."""
    given, size = os.open(source, os.O_RDONLY), os.stat(source).st_size
    out = [os.open(name, os.O_WRONLY | os.O_CREAT) for name in names]
    reader, writer = os.pipe()
    done = [os.copy_file_range(given, out[0], size, 0),
            os.copy_file_range(given, out[1], size, 0, 0),
            os.sendfile(out[2], given, 0, size),
            os.splice(given, writer, size, 0) and os.splice(reader, out[3], size),
            os.splice(given, writer, size, 0) and os.splice(reader, out[4], size, None, 0)]
    os.copy_file_range(given, out[5], size - 1, 0, 1)
    os.pwrite(out[6], b"x" * 5, 0)
    os.lseek(out[6], 5, os.SEEK_SET)
    os.sendfile(out[6], given, 0, size)
    subprocess.run(["cp", source, names[7]], check=True)
    return done


def check_copies(daemon, directory):
    """Copies a program within DIRECTORY and looks at what is told."""
    content = b"\x7fELF\x02\x01\x01" + bytes(range(200))
    source, names = f"{directory}/source", [f"{directory}/copy-{i}" for i in range(8)]
    with open(source, "wb") as out:
        out.write(content)
    run = daemon.act(lambda: copies(source, names))
    expect_equal(run.report, [[len(content)] * 5], "bytes copied")
    for name in names[:5] + names[7:]:
        seen = run.one("magic_write", pathname=name)
        expect_file(seen, name)
        expect_equal((get(seen, "data.retval"), get(seen, "data.bytes")), (len(content), content[:32].hex()), f"of {name}")
    expect_equal(run.of("magic_write", pathname=names[5]), [], "a copy to the second byte")
    expect_equal([get(e, "data.retval") for e in run.of("magic_write", pathname=names[6])],
                 [] if alternative(daemon, "magic_write") == "raw_tp" else [5], "a copy behind what was written")


@event_case("magic_write")
def magic_copied(daemon):
    """A program is copied by copy_file_range, sendfile, splice and cp: its first bytes are told though no buffer has them"""
    check_copies(daemon, os.path.dirname(daemon.file_with(b"")))


@event_case("magic_write")
def magic_copied_in_memory(daemon):
    """The same on tmpfs, and on an overlay, whose pages are those of the file below; each copy is told once"""
    directory = os.path.dirname(daemon.file_with(b""))
    call("mount", "none", directory, "tmpfs", 0, None)
    try:
        check_copies(daemon, directory)
        for name in ("lower", "upper", "work", "merged"):
            os.mkdir(f"{directory}/{name}")
        try:
            call("mount", "overlay", directory + "/merged", "overlay", 0,
                 ",".join(f"{d}dir={directory}/{d}" for d in ("lower", "upper", "work")))
        except OSError as problem:
            raise Skip(f"no overlay here: {problem}") from None
        check_copies(daemon, directory + "/merged")
        call("umount2", directory + "/merged", MNT_DETACH)
    finally:
        call("umount2", directory, MNT_DETACH)


@event_case("vfs_utimes")
def utimes(daemon):
    """The times of a file are set back, and set to now"""
    path = daemon.file_with(b"x")
    run = daemon.act(lambda: (os.utime(path, ns=(10**18, 1234567890 * 10**9 + 5)), os.utime(path))[:0])
    old, now = run.of("vfs_utimes", pathname=path)
    made = by_calls(daemon, "vfs_utimes")
    expect_file(old, path, made=made)
    if made:
        expect_equal([get(old, "data." + f) for f in ("atime", "mtime", "retval")], [None, None, 0], "times")
        return
    expect_equal(get(old, "data.atime"), "2001-09-09T01:46:40.000000000Z", "time of access")
    expect_equal(get(old, "data.mtime"), "2009-02-13T23:31:30.000000005Z", "time of change")
    expect(get(now, "data.mtime") > get(old, "data.ctime")[:10], f"time of change: {get(now, 'data.mtime')}")


@event_case("security_mmap_file", "do_mmap")
def mapping(daemon):
    """A file is mapped to be read, and to be executed"""
    path = daemon.file_with(b"x" * 10000)

    def map_it():
        fd = os.open(path, os.O_RDONLY)
        mmap.mmap(fd, 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ, offset=4096)
        mmap.mmap(fd, 8192, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ | mmap.PROT_EXEC)
    run = daemon.act(map_it)
    seen = [(get(e, "data.prot"), get(e, "data.mmap_flags")) for e in run.of("security_mmap_file", pathname=path)]
    expect_equal(seen, [(["PROT_READ"], ["MAP_PRIVATE"]), (["PROT_READ", "PROT_EXEC"], ["MAP_SHARED"])],
                 "mappings asked for")
    seen = run.of("do_mmap", pathname=path)
    expect_equal([(get(e, "data.len"), get(e, "data.pgoff"), get(e, "data.prot")) for e in seen],
                 [(4096, 1, ["PROT_READ"]), (8192, 0, ["PROT_READ", "PROT_EXEC"])], "mappings")
    expect_equal([int(get(e, "data.addr"), 16) % 4096 for e in seen], [0, 0], "addresses")


@event_case("shared_object_loaded")
def libraries(daemon):
    """A file is mapped to be executed, and a program starts: its libraries, but not itself, are told as such"""
    path = daemon.file_with(b"x" * 10000)

    def map_it():
        fd = os.open(path, os.O_RDONLY)
        mmap.mmap(fd, 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ, offset=4096)
        mmap.mmap(fd, 8192, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ | mmap.PROT_EXEC)
        os.execv("/bin/true", ["true"])
    run = daemon.act(map_it)
    expect_file(run.one("shared_object_loaded", pathname=path), path)
    seen = [str(get(e, "data.pathname")) for e in run.of("shared_object_loaded")]
    expect(any("libc" in p for p in seen), f"libraries: {seen}")
    expect(not any(p.endswith("/true") or "/ld-" in p for p in seen), f"libraries: {seen}")


@event_case("load_elf_phdrs", "security_bprm_check")
def program(daemon):
    """A program starts, with its interpreter"""
    run = daemon.act(lambda: os.execv("/bin/true", ["true"]))
    seen = run.one("load_elf_phdrs")
    expect("/ld-" in get(seen, "data.pathname"), f"interpreter: {get(seen, 'data.pathname')}")
    expect_file(seen, "/lib64/ld-linux-x86-64.so.2" if os.uname().machine == "x86_64" else get(seen, "data.pathname"))
    seen = run.one("security_bprm_check", cmdpath="/bin/true")
    expect_file(seen, "/bin/true", "pathname", os.path.realpath("/bin/true"))
    expect_equal((get(seen, "data.argv"), get(seen, "data.env")), (["true"], None), "arguments, and no environment")


@event_case("process_execute_failed")
def exec_failed(daemon):
    """A file that is no program is executed"""
    path = daemon.file_with(b"nonsense")
    os.chmod(path, 0o755)

    def try_it():
        try:
            os.execv(path, ["nonsense"])
        except OSError:
            pass
    run = daemon.act(try_it)
    seen = run.one("process_execute_failed", pathname=path)
    expect_file(seen, path, "binary_path", path)
    expect_equal(get(seen, "data.errno"), "ENOEXEC", "error")
    expect_equal(get(seen, "data.argv"), ["nonsense"], "arguments")
    expect_equal((get(seen, "data.dirfd"), get(seen, "data.flags"), get(seen, "data.kernel_invoked")),
                 ("AT_FDCWD", [], False), "as execve asks")
    input_file = daemon.file_with(b"input", "input")
    name = os.path.basename(path)

    def at_directory():
        os.dup2(os.open(input_file, os.O_RDONLY), 0)
        fd = os.open(os.path.dirname(path), os.O_DIRECTORY)
        os.dup2(fd, 77)
        try_exec(call, "execveat", 77, name, None, None, AT_SYMLINK_NOFOLLOW)
    seen = daemon.act(at_directory).one("process_execute_failed")
    expect_equal((get(seen, "data.dirfd"), get(seen, "data.flags")), (77, ["AT_SYMLINK_NOFOLLOW"]), "as execveat asks")
    expect_equal((get(seen, "data.stdin_type"), get(seen, "data.stdin_path")), ("0100000", input_file), "input")


def try_exec(function, *args):
    """An exec that is to fail."""
    try:
        function(*args)
    except OSError:
        pass


def with_environment(daemon, case):
    """Runs CASE with a daemon that reads the environment of programs."""
    other = Daemon(daemon.program, daemon.bin, events=daemon.events + ["security_bprm_check", "process_execute_failed"],
                   kernel=daemon.kernel + 'environment_max = "4K";')
    try:
        case(other.start())
    finally:
        other.stop()
        other.remove()


@event_case("security_bprm_check", "process_execute_failed")
def exec_arguments(daemon):
    """Programs are asked for by each call, with long arguments, bad pointers and an environment; a script, too"""
    path, script = daemon.file_with(b"nonsense"), daemon.file_with(b"#!/bin/true -x\n")
    os.chmod(path, 0o755)
    os.chmod(script, 0o755)
    long = ["nonsense", "x" * 3000, "behind"]
    many = [str(i) for i in range(100)]

    def work():
        fd = os.open(path, os.O_RDONLY)
        array = (ctypes.c_char_p * 4)(b"bad", ctypes.cast(1, ctypes.c_char_p), None)
        try_exec(os.execve, path, ["one", ""], {"KEY": "value", "B": ""})
        try_exec(os.execve, fd, ["by descriptor"], {"A": "b"})
        try_exec(os.execve, path, long, {})
        try_exec(os.execve, path, many, {})
        try_exec(call, "execve", path, array, None)
        try_exec(call, "execve", path, None, None)
        os.execve(script, ["given", "arg"], {"S": "1"})

    def check(other):
        run = other.act(work)
        failed = [(get(e, "data.argv"), get(e, "data.env")) for e in run.of("process_execute_failed")]
        expect_equal(failed[:2], [(["one", ""], ["KEY=value", "B="]), (["by descriptor"], ["A=b"])], "arguments")
        marked = run.of("process_execute_failed")[2:4]
        expect_equal([get(e, "data.argv") for e in marked], [["nonsense", "x" * 1023], many[:64]], "what is too long")
        expect_equal([get(e, "data.argv_truncated") is None for e in marked], [False, False], "marks of what is cut")
        expect_equal(failed[4:], [(None, None)], "a null pointer; a bad one is refused before")
        asked = run.of("security_bprm_check", pathname=os.path.realpath("/bin/true"))
        expect_equal([(get(e, "data.argv"), get(e, "data.env"), get(e, "data.cmdpath"), get(e, "data.interp"))
                      for e in asked], [(["given", "arg"], ["S=1"], script, "/bin/true")], "the script's interpreter")
    with_environment(daemon, check)


@event_case("security_bprm_check", "process_execute_failed")
def exec_compat(daemon):
    """A 32-bit program asks for programs: its pointers have four bytes"""
    if not os.path.exists(os.path.join(daemon.bin, "compat32")):
        raise Skip("no 32-bit program on this machine")
    directory = os.path.dirname(daemon.file_with(b""))
    try:
        run = daemon.trigger("compat32", directory)
    except OSError as problem:
        raise Skip(f"this kernel does not run 32-bit programs: {problem}") from None
    expect_equal(get(run.one("process_execute_failed"), "data.argv"), ["file32", "thirty", "two"], "of the one that fails")
    expect_equal(get(run.of("security_bprm_check")[-1], "data.argv"), ["compat32", "again", "directory"], "of the other")


@event_case("set_fs_pwd")
def chdir(daemon):
    """The working directory is changed, by a symbolic link"""
    path = os.path.dirname(daemon.file_with(b"x"))
    os.symlink(path, path + "/here")
    run = daemon.act(lambda: os.chdir(path + "/here"))
    run.one("set_fs_pwd", resolved_path=path, unresolved_path=path + "/here")
    run = daemon.act(lambda: os.fchdir(os.open(path, os.O_DIRECTORY)))
    expect_equal(get(run.one("set_fs_pwd", resolved_path=path), "data.unresolved_path"), None, "of another call")


IN_CREATE = 0x100


@event_case("inotify_watch", "security_path_notify")
def inotify(daemon):
    """A directory is watched"""
    path = os.path.dirname(daemon.file_with(b"x"))
    run = daemon.act(lambda: call("inotify_add_watch", call("inotify_init"), path, IN_CREATE) * 0)
    seen = run.one("inotify_watch", pathname=path)
    expect_file(seen, path)
    expect("IN_CREATE" in get(seen, "data.mask"), f"mask: {get(seen, 'data.mask')}")
    seen = run.one("security_path_notify", pathname=path)
    expect_file(seen, path)
    expect_equal(get(seen, "data.obj_type"), 0, "type")


@event_case("file_modification")
def modification(daemon):
    """A file is written several times through one descriptor; another is only read"""
    path, other = daemon.file_with(b"x"), daemon.file_with(b"y")
    # The change must differ by more than a tick of the kernel's clock.
    os.utime(path, ns=(1, 1))
    before = os.stat(path).st_ctime_ns

    def change():
        while True:
            fd = os.open(path, os.O_WRONLY)
            os.write(fd, b"a")
            os.write(fd, b"b")
            os.close(fd)
            os.close(os.open(other, os.O_RDWR))
            if os.stat(path).st_ctime_ns != before:
                return os.stat(path).st_ctime_ns
    run = daemon.act(change)
    seen = run.one("file_modification", file_path=path)
    expect_file(seen, path)
    expect(get(seen, "data.old_ctime") < get(seen, "data.new_ctime"), "times")
    expect_equal(run.of("file_modification", file_path=other), [], "events of the other file")


@event_case("dirty_pipe_splice")
def dirty_pipe(daemon):
    """A splice from a file behind a write to the pipe; a mended kernel leaves no way to write to the file"""
    path = daemon.file_with(b"0123456789")

    def splice():
        read, write = os.pipe()
        os.write(write, b"x" * 4096)
        os.read(read, 4096)
        fd = os.open(path, os.O_RDONLY)
        return call("splice", fd, None, write, None, 1, 0)
    run = daemon.act(splice)
    expect_equal(run.report, [1], "bytes spliced")
    if not run.of("dirty_pipe_splice"):
        raise Skip("no kernel of the tests has the fault")
    run.one("dirty_pipe_splice", in_file_path=path)


MS_REMOUNT, MS_NOEXEC, MS_BIND, MS_PRIVATE, MS_REC = 32, 8, 4096, 1 << 18, 16384
CLONE_NEWNS = 0x20000


def own_namespace():
    """A mount namespace of our own, from which nothing gets out."""
    call("unshare", CLONE_NEWNS)
    call("mount", "none", "/", None, MS_REC | MS_PRIVATE, None)


@event_case("security_sb_mount", "security_sb_umount", "security_sb_remount")
def mounts(daemon):
    """A tmpfs is mounted, its options are changed, and it is unmounted"""
    path = os.path.dirname(daemon.file_with(b"x"))

    def work():
        own_namespace()
        call("mount", "my source", path, "tmpfs", MS_NOEXEC, "size=1M")
        call("mount", "my source", path, "tmpfs", MS_REMOUNT | MS_NOEXEC, "size=2M")
        device_of = device(path)
        call("umount2", path, 2)
        return device_of
    run = daemon.act(work)
    first = [e for e in run.of("security_sb_mount", path=path)][0]
    expect_equal([get(first, f"data.{f}") for f in ("dev_name", "type", "flags")], ["my source", "tmpfs", ["MS_NOEXEC"]],
                 "what was mounted")
    expect_equal(len(run.of("security_sb_mount", path=path)), 2, "mount calls")
    for name, flags in (("security_sb_remount", None), ("security_sb_umount", ["MNT_DETACH"])):
        seen = run.one(name, mountpoint=path)
        if name == "security_sb_umount" and by_calls(daemon, name):
            expect_equal((get(seen, "data.type"), get(seen, "data.dev")), (None, None), name)
        else:
            device_of = None if by_calls(daemon, name) else run.report[0]
            expect_equal((get(seen, "data.type"), get(seen, "data.dev")), ("tmpfs", device_of), name)
        expect_equal(get(seen, "data.flags"), flags, "flags")


SYS_MOVE_MOUNT, SYS_OPEN_TREE = 429, 428
OPEN_TREE_CLONE, MOVE_MOUNT_F_EMPTY_PATH = 1, 4


@event_case("security_move_mount")
def move_mount(daemon):
    """A copy of a mount is attached elsewhere"""
    path = os.path.dirname(daemon.file_with(b"x"))

    def work():
        own_namespace()
        fd = call("syscall", SYS_OPEN_TREE, AT_FDCWD, "/tmp", OPEN_TREE_CLONE)
        call("syscall", SYS_MOVE_MOUNT, fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH)
    run = daemon.act(work)
    run.one("security_move_mount", to_path=path)


@event_case("security_sb_pivotroot")
def pivot_root(daemon):
    """A process makes a directory its root"""
    path = os.path.dirname(daemon.file_with(b"x"))

    def work():
        own_namespace()
        call("mount", "none", path, "tmpfs", 0, None)
        os.mkdir(path + "/old")
        call("pivot_root", path, path + "/old")
    run = daemon.act(work)
    seen = run.one("security_sb_pivotroot")
    expect_equal((get(seen, "data.new_root"), get(seen, "data.put_old")), (path, path + "/old"), "paths")


FIGETBSZ = 2


@event_case("security_file_ioctl")
def ioctl(daemon):
    """A file system is asked for its block size"""
    path = daemon.file_with(b"x")

    def ask():
        size = ctypes.c_int()
        call("ioctl", os.open(path, os.O_RDONLY), FIGETBSZ, ctypes.byref(size))
    seen = daemon.act(ask).one("security_file_ioctl", pathname=path)
    expect_file(seen, path)
    expect(get(seen, "data.cmd") in (FIGETBSZ, hex(FIGETBSZ), "FIGETBSZ"), f"request: {get(seen, 'data.cmd')}")


class Fuse:
    """A file system with one directory; an entry of it has the inode number 0."""
    LOOKUP, GETATTR, STATFS, INIT, OPENDIR, READDIR, RELEASEDIR = 1, 3, 17, 26, 27, 28, 29

    def __init__(self, path):
        self.fd = os.open("/dev/fuse", os.O_RDWR)
        call("mount", "zeroed", path, "fuse", 0, f"fd={self.fd},rootmode=40000,user_id=0,group_id=0")

    def answer(self, opcode, body):
        """(error, bytes), as include/uapi/linux/fuse.h has them."""
        if opcode == self.INIT:
            return 0, struct.pack("<4I2H2I2H8I", 7, 31, 4096, 0, 1, 1, 4096, 1, 1, 0, *[0] * 8)
        if opcode == self.GETATTR:
            return 0, struct.pack("<QII6Q10I", 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0o40755, 2, 0, 0, 0, 4096, 0)
        if opcode == self.OPENDIR:
            return 0, struct.pack("<QII", 1, 0, 0)
        if opcode == self.READDIR:
            names = [(5, b"shown"), (0, b"hidden")] if struct.unpack_from("<QQ", body)[1] == 0 else []
            return 0, b"".join(struct.pack("<QQII8s", inode, i + 1, len(name), 0, name)
                               for i, (inode, name) in enumerate(names))
        return (0 if opcode == self.RELEASEDIR else -errno.ENOSYS), b""

    def serve(self, until):
        """Answers until the descriptor UNTIL is closed at its other end."""
        while True:
            ready, _, _ = select.select([self.fd, until], [], [])
            if self.fd not in ready:
                return
            request = os.read(self.fd, 1 << 16)
            _, opcode, unique = struct.unpack_from("<IIQ", request)
            if opcode in (2, 36):  # FORGET, INTERRUPT: no answer
                continue
            error, out = self.answer(opcode, request[40:])
            os.write(self.fd, struct.pack("<IiQ", 16 + len(out), error, unique) + out)


@event_case("zeroed_inodes")
def zeroed(daemon):
    """A directory with an entry that has no inode number is read"""
    path = os.path.dirname(daemon.file_with(b"x"))
    if not os.path.exists("/dev/fuse"):
        raise Skip("no FUSE")

    def look():
        own_namespace()
        there, here = os.pipe()
        fuse = Fuse(path)
        if os.fork() == 0:
            os.listdir(path)
            os._exit(0)
        os.close(here)
        fuse.serve(there)
        call("umount2", path, 2)
    run = daemon.act(look)
    run.one("zeroed_inodes", dirent_name="hidden")
