# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sockets."""
import contextlib
import fcntl
import os
import socket

from harness import expect_equal, get
from registry import event_case


@event_case("net_tcp_connect", "net_tcp_accept")
def tcp(daemon):
    """A connection over the loopback"""
    def talk():
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname())
        server.accept()
        return {"server": server.getsockname()[1], "client": client.getsockname()[1]}
    run = daemon.act(talk)
    ports = run.report[0]
    expect_equal(get(run.one("net_tcp_connect"), "data.dst_port"), ports["server"], "port connected to")
    expect_equal(get(run.one("net_tcp_accept"), "data.src_port"), ports["client"], "port of the peer")


LSM = ("security_socket_create", "security_socket_bind", "security_socket_listen", "security_socket_accept",
       "security_socket_connect", "security_socket_setsockopt", "security_socket_sendmsg",
       "security_socket_recvmsg")


def expect_address(event, field, address, port):
    seen = get(event, f"data.{field}")
    kind = "sin6" if ":" in address else "sin"
    expect_equal((get(seen, kind + "_addr"), get(seen, kind + "_port")), (address, port),
                 f"{event['event']}: {field}")


@event_case(*LSM)
def socket_checks(daemon):
    """A server and a client, over IPv4"""
    def talk():
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.2", 0))
        server.listen(7)
        client = socket.socket()
        client.connect(server.getsockname())
        there, _ = server.accept()
        client.send(b"ping")
        there.recv(100)
        return {"server": server.fileno(), "client": client.fileno(), "there": there.fileno(),
                "port": server.getsockname()[1], "from": client.getsockname()}
    run = daemon.act(talk)
    did = run.report[0]
    made = run.of("security_socket_create", family="AF_INET")
    expect_equal([get(e, "data.type") for e in made], [["SOCK_STREAM"]] * 2, "sockets asked for")
    expect_address(run.one("security_socket_bind", sockfd=did["server"]), "local_addr", "127.0.0.2", 0)
    connect = run.one("security_socket_connect", sockfd=did["client"])
    expect_address(connect, "remote_addr", "127.0.0.2", did["port"])
    if not daemon.available("security_socket_listen"):
        return  # these four have no other way to be seen
    listening = run.one("security_socket_listen", sockfd=did["server"])
    expect_equal(get(listening, "data.backlog"), 7, "backlog")
    expect_address(listening, "local_addr", "127.0.0.2", did["port"])
    expect_address(run.one("security_socket_accept", sockfd=did["server"]), "local_addr", "127.0.0.2", did["port"])
    option = run.one("security_socket_setsockopt", sockfd=did["server"])
    expect_equal(get(option, "data.optname"), socket.SO_REUSEADDR, "option")
    sent = run.one("security_socket_sendmsg", sockfd=did["client"])
    expect_equal(get(sent, "data.size"), 4, "bytes sent")
    expect_address(sent, "remote_addr", "127.0.0.2", did["port"])
    got = run.one("security_socket_recvmsg", sockfd=did["there"])
    expect_address(got, "remote_addr", did["from"][0], did["from"][1])


@event_case("security_socket_bind", "security_socket_connect", "security_socket_sendmsg")
def other_families(daemon):
    """Unix sockets by path and by abstract name, datagrams over IPv6, addresses within the kernel and of other machines"""
    path = daemon.file_with(b"") + ".sock"

    def talk():
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()
        socket.socket(socket.AF_UNIX).connect(path)
        hidden = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        hidden.bind(b"\0sechawk-test")
        there = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        there.bind(("::1", 0))
        there.sendto(b"x", there.getsockname())
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).bind((4242, 1))
        # Without the module there is no such socket.
        with contextlib.suppress(OSError):
            socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).bind((socket.VMADDR_CID_ANY, 4242))
        return {"hidden": hidden.fileno(), "there": there.fileno(), "port": there.getsockname()[1]}
    run = daemon.act(talk)
    did = run.report[0]
    paths = [get(e, "data.local_addr.sun_path") for e in run.of("security_socket_bind", family="AF_UNIX")]
    expect_equal(paths[0], path, "path bound to")
    hidden = run.one("security_socket_bind", sockfd=did["hidden"])
    expect_equal("sechawk-test" in str(get(hidden, "data.local_addr")), True, "abstract name")
    netlink = run.one("security_socket_bind", family="AF_NETLINK")
    expect_equal(get(netlink, "data.local_addr"), {"sa_family": "AF_NETLINK", "nl_pid": 4242, "nl_groups": 1}, "netlink")
    for machine in run.of("security_socket_bind", family="AF_VSOCK"):
        expect_equal(get(machine, "data.local_addr"), {"sa_family": "AF_VSOCK", "svm_cid": socket.VMADDR_CID_ANY,
                                                       "svm_port": 4242, "svm_flags": 0}, "another machine")
    connect = run.one("security_socket_connect", family="AF_UNIX")
    expect_equal(get(connect, "data.remote_addr.sun_path"), path, "path connected to")
    if daemon.available("security_socket_sendmsg"):
        sent = run.one("security_socket_sendmsg", sockfd=did["there"])
        expect_address(sent, "remote_addr", "::1", did["port"])


@event_case("inet_sock_set_state")
def socket_states(daemon):
    """A connection is made and ended"""
    def talk():
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname())
        there, _ = server.accept()
        client.close()
        there.close()
        return {"server": server.getsockname()[1]}
    run = daemon.act(talk)
    port = run.report[0]["server"]
    steps = [(get(e, "data.old_state"), get(e, "data.new_state"))
             for e in run.of("inet_sock_set_state", dst_port=port)]
    expect_equal(steps[:2], [("TCP_CLOSE", "TCP_SYN_SENT"), ("TCP_SYN_SENT", "TCP_ESTABLISHED")], "client")
    expect_equal(("TCP_CLOSE", "TCP_LISTEN") in [(get(e, "data.old_state"), get(e, "data.new_state"))
                                                 for e in run.of("inet_sock_set_state", src_port=port)], True,
                 "the server listens")


@event_case("socket_dup")
def socket_dup(daemon):
    """A socket becomes standard input and output, as of a reverse shell, by dup2 and by fcntl"""
    def remote_shell():
        server = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(server.getsockname())
        for fd in (0, 1, 2):
            os.dup2(client.fileno(), fd)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 60)
        fcntl.fcntl(client, fcntl.F_GETFD)
        for command in (fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC):
            os.close(0)
            fcntl.fcntl(client, command, 0)
        return {"fd": client.fileno(), "port": server.getsockname()[1]}
    run = daemon.act(remote_shell)
    did = run.report[0]
    seen = run.of("socket_dup")
    expect_equal([(get(e, "data.oldfd"), get(e, "data.newfd")) for e in seen], [(did["fd"], n) for n in (0, 1, 2, 0, 0)],
                 "duplicated sockets, and no files")
    all_three = ["stdin", "stdout", "stderr"]
    expect_equal([get(e, "data.stdio") for e in seen], [["stdin"], ["stdin", "stdout"], all_three, all_three, all_three],
                 "standard streams")
    expect_address(seen[2], "remote_addr", "127.0.0.1", did["port"])


@event_case("socket_accept")
def socket_accept(daemon):
    """Connections over IPv6 and over a unix socket"""
    path = daemon.file_with(b"") + ".sock"

    def talk():
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()
        socket.socket(socket.AF_UNIX).connect(path)
        there, _ = server.accept()
        inet = socket.create_server(("::1", 0), family=socket.AF_INET6)
        client = socket.create_connection(inet.getsockname()[:2])
        taken, _ = inet.accept()
        return {"unix": [server.fileno(), there.fileno()], "inet": [inet.fileno(), taken.fileno()],
                "client": client.getsockname()[1]}
    run = daemon.act(talk)
    did = run.report[0]
    seen = run.of("socket_accept")
    expect_equal([[get(e, "data.sockfd"), get(e, "data.newfd")] for e in seen], [did["unix"], did["inet"]],
                 "descriptors")
    expect_equal(get(seen[0], "data.local_addr.sun_path"), path, "path")
    expect_address(seen[1], "remote_addr", "::1", did["client"])
