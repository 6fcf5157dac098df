# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is done by an io_uring instead of a system call: the hooks behind see it all the same."""
import ctypes
import errno
import mmap
import os
import socket
import struct

from cases import alternative
from file import AT_FDCWD, call
from harness import Skip, expect, expect_equal, get
from registry import event_case


class Ring:
    """An io_uring with one operation at a time (include/uapi/linux/io_uring.h)."""
    SETUP, ENTER, OFF_SQES = 425, 426, 0x10000000
    SENDMSG, RECVMSG, ACCEPT, CONNECT, OPENAT, STATX, OPENAT2 = 9, 10, 13, 16, 18, 21, 28
    RENAMEAT, UNLINKAT, MKDIRAT, SYMLINKAT, LINKAT = 35, 36, 37, 38, 39
    SOCKET, BIND, LISTEN = 45, 56, 57

    def __init__(self):
        params = ctypes.create_string_buffer(120)
        self.fd = call("syscall", self.SETUP, 4, params)
        words = struct.unpack_from("<30I", params)
        self.sq, self.cq = words[10:20], words[20:30]
        size = max(self.sq[6] + 4 * words[0], self.cq[5] + 16 * words[1])
        self.ring = mmap.mmap(self.fd, size)
        self.sqes = mmap.mmap(self.fd, 64 * words[0], offset=self.OFF_SQES)

    def submit(self, opcode, fd, addr=0, off=0, length=0, flags=0):
        """Result of one operation: a negative error; -EINVAL where the kernel does not know it."""
        tail, = struct.unpack_from("<I", self.ring, self.sq[1])
        struct.pack_into("<BBHiQQIIQ", self.sqes, 0, opcode, 0, 0, fd, off, addr, length, flags, 0x5ec0 + opcode)
        struct.pack_into("<I", self.ring, self.sq[6] + 4 * (tail & 3), 0)
        struct.pack_into("<I", self.ring, self.sq[1], tail + 1)
        call("syscall", self.ENTER, self.fd, 1, 1, 1, None, 0)
        head, = struct.unpack_from("<I", self.ring, self.cq[0])
        result, = struct.unpack_from("<i", self.ring, self.cq[5] + 16 * (head & 7) + 8)
        struct.pack_into("<I", self.ring, self.cq[0], head + 1)
        return result


@event_case("io_uring_create", "io_uring_submit", "file_open", "security_inode_unlink", "net_tcp_connect")
def io_uring(daemon):
    """A file is opened and removed and a connection made without a system call for it"""
    path = daemon.file_with(b"x")
    server = socket.create_server(("127.0.0.1", 0))

    def work():
        try:
            ring = Ring()
        except OSError:
            return None
        name = ctypes.create_string_buffer(os.fsencode(path))
        address = ctypes.create_string_buffer(struct.pack("<HHI8x", 2, socket.htons(server.getsockname()[1]),
                                                          0x0100007f))
        client = socket.socket()
        done = [ring.submit(Ring.OPENAT, AT_FDCWD, ctypes.addressof(name)),
                ring.submit(Ring.UNLINKAT, AT_FDCWD, ctypes.addressof(name)),
                ring.submit(Ring.CONNECT, client.fileno(), ctypes.addressof(address), off=16)]
        return [done, ring.fd]
    run = daemon.act(work)
    if not run.report:
        raise Skip("io_uring is switched off")
    (opened, *others), fd = run.report[0]
    expect(opened >= 0, f"open by io_uring: {opened}")
    seen = run.one("io_uring_create")
    expect_equal((get(seen, "data.fd"), get(seen, "data.sq_entries")), (fd, 4), "descriptor and entries")
    seen = [(get(e, "data.opcode"), int(get(e, "data.user_data"), 16)) for e in run.of("io_uring_submit")]
    expect_equal(seen, [("IORING_OP_OPENAT", 0x5ed2), ("IORING_OP_UNLINKAT", 0x5ee4), ("IORING_OP_CONNECT", 0x5ed0)],
                 "operations")
    if others[0] == 0 and alternative(daemon, "security_inode_unlink") not in (None, "syscalls"):  # since 5.11
        run.one("security_inode_unlink", pathname=path)
    if alternative(daemon, "file_open") != "raw_tp":
        run.one("file_open", pathname=path)
    if others[1] == 0 and alternative(daemon, "net_tcp_connect") != "raw_tp":
        expect_equal(get(run.one("net_tcp_connect"), "data.dst_port"), server.getsockname()[1], "port")


@event_case("io_uring_submit")
def io_uring_statx(daemon):
    """A file is looked at by an io_uring: no function tells of it, so the operation does"""
    path = daemon.file_with(b"x")

    def work():
        try:
            ring = Ring()
        except OSError:
            return None
        os.chdir(os.path.dirname(path))
        answer = ctypes.create_string_buffer(256)
        names = [os.fsencode(path), os.path.basename(path).encode(), b"missing"]
        keep = [ctypes.create_string_buffer(name) for name in names]
        directory = os.open("/", os.O_PATH)
        return [ring.submit(Ring.STATX, fd, ctypes.addressof(name), off=ctypes.addressof(answer), length=0x7ff)
                for fd, name in zip((AT_FDCWD, AT_FDCWD, directory), keep)]
    run = daemon.act(work)
    if not run.report:
        raise Skip("io_uring is switched off")
    expect_equal(run.report[0], [0, 0, -errno.ENOENT], "results")
    seen = [(get(e, "data.opcode"), get(e, "data.pathname"), get(e, "data.dirfd_path")) for e in run.of("io_uring_submit")]
    here = os.path.dirname(path)
    if alternative(daemon, "io_uring_submit") != "raw_tp":
        expect_equal(seen, [("IORING_OP_STATX", None, None)] * 3, "operations")
        return
    expect_equal(seen, [("IORING_OP_STATX", path, here), ("IORING_OP_STATX", os.path.basename(path), here),
                        ("IORING_OP_STATX", "missing", "/")], "operations")


def address_of(data, keep):
    """Where the bytes DATA are; KEEP holds them."""
    keep.append(ctypes.create_string_buffer(data, len(data)))
    return ctypes.addressof(keep[-1])


def name_of(path, keep):
    return address_of(os.fsencode(path) + b"\0", keep)


def with_ring(work):
    """Runs WORK(ring, keep) where io_uring can be used, else gives None back."""
    try:
        ring = Ring()
    except OSError:
        return None
    return work(ring, [])


# What a kernel says of operations that it does not know; before 5.11 those are not told either.
UNKNOWN = (-errno.EINVAL, -errno.EOPNOTSUPP)


def check_done(daemon, run, operations):
    """Each of (opcode, event, data) that the kernel knows succeeded, and is told where its hook is."""
    if not run.report or run.report[0] is None:
        raise Skip("io_uring is switched off")
    known = [result for result in run.report[0] if result not in UNKNOWN]
    expect(len(run.of("io_uring_submit")) >= len(known) > 0, "operations submitted")
    for (opcode, event, data), result in zip(operations, run.report[0]):
        if result in UNKNOWN:
            continue
        expect(result >= 0, f"operation {opcode}: {result}")
        if daemon.available(event) and alternative(daemon, event) not in ("raw_tp", "syscalls"):
            expect(run.of(event, **data), f"no {event} with {data} for operation {opcode}")


@event_case("io_uring_submit", "file_write_open", "security_inode_mkdir", "security_inode_rename", "security_inode_link",
            "security_inode_symlink")
def names(daemon):
    """Files and directories are made and renamed by an io_uring"""
    old = daemon.file_with(b"x")
    new, hard, soft, made, opened = (old + end for end in (".new", ".hard", ".soft", ".dir", ".opened"))
    here = AT_FDCWD & 0xffffffff

    def work(ring, keep):
        how = address_of(struct.pack("<QQQ", os.O_CREAT | os.O_RDWR, 0o600, 0), keep)
        return [ring.submit(Ring.OPENAT2, AT_FDCWD, name_of(opened, keep), off=how, length=24),
                ring.submit(Ring.MKDIRAT, AT_FDCWD, name_of(made, keep), length=0o700),
                ring.submit(Ring.SYMLINKAT, AT_FDCWD, name_of("target", keep), off=name_of(soft, keep)),
                ring.submit(Ring.LINKAT, AT_FDCWD, name_of(old, keep), off=name_of(hard, keep), length=here),
                ring.submit(Ring.RENAMEAT, AT_FDCWD, name_of(old, keep), off=name_of(new, keep), length=here)]
    run = daemon.act(lambda: with_ring(work))
    check_done(daemon, run, (
        (Ring.OPENAT2, "file_write_open", {"pathname": opened}),
        (Ring.MKDIRAT, "security_inode_mkdir", {"pathname": made}),
        (Ring.SYMLINKAT, "security_inode_symlink", {"linkpath": soft, "target": "target"}),
        (Ring.LINKAT, "security_inode_link", {"old_path": old, "new_path": hard}),
        (Ring.RENAMEAT, "security_inode_rename", {"old_path": old, "new_path": new})))


@event_case("io_uring_submit", "security_socket_create", "security_socket_bind", "security_socket_listen",
            "security_socket_accept", "security_socket_sendmsg", "security_socket_recvmsg")
def sockets(daemon):
    """A server and its client talk by an io_uring"""
    def work(ring, keep):
        with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as bound, socket.socket() as client:
            client.connect(server.getsockname())
            vector = address_of(struct.pack("<QQ", address_of(b"hello", keep), 5), keep)
            message = address_of(struct.pack("<QQQQQQQ", 0, 0, vector, 1, 0, 0, 0), keep)
            local = address_of(struct.pack("<HHI8x", socket.AF_INET, 0, 0x0100007f), keep)
            done = [ring.submit(Ring.SOCKET, socket.AF_INET, off=socket.SOCK_DGRAM),
                    ring.submit(Ring.BIND, bound.fileno(), local, off=16),
                    ring.submit(Ring.LISTEN, bound.fileno(), length=7),
                    ring.submit(Ring.ACCEPT, server.fileno()),
                    ring.submit(Ring.SENDMSG, client.fileno(), message, length=1)]
            return done + [ring.submit(Ring.RECVMSG, done[3], message, length=1)]
    run = daemon.act(lambda: with_ring(work))
    check_done(daemon, run, (
        (Ring.SOCKET, "security_socket_create", {"type": ["SOCK_DGRAM"]}),
        (Ring.BIND, "security_socket_bind", {"family": "AF_INET"}),
        (Ring.LISTEN, "security_socket_listen", {"backlog": 7}),
        (Ring.ACCEPT, "security_socket_accept", {"family": "AF_INET"}),
        (Ring.SENDMSG, "security_socket_sendmsg", {"size": 5}),
        (Ring.RECVMSG, "security_socket_recvmsg", {"size": 5})))
