# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sockets."""
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
