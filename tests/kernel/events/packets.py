# SPDX-License-Identifier: LGPL-2.1-or-later
"""What packets say: headers, DNS, HTTP, TLS. All of it over the loopback, where each packet is seen twice."""
import contextlib
import json
import os
import socket
import ssl
import struct

from harness import expect, expect_equal, get
from registry import EVENT_CASES, event_case

LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
A, CNAME, AAAA = 1, 5, 28


def name(text):
    return b"".join(bytes([len(label)]) + label for label in text.encode().split(b".")) + b"\0"


def query(text, kind=A, number=0x1234):
    return struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + name(text) + struct.pack(">HH", kind, 1)


def answer(request, *records):
    """An answer to REQUEST with records (owner, type, ttl, data)."""
    body = b"".join(owner + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data for owner, kind, ttl, data in records)
    return request[:2] + struct.pack(">HHHHH", 0x8180, 1, len(records), 0, 0) + request[12:] + body


POINTER = b"\xc0\x0c"  # to the name of the question
ALIAS = (POINTER, CNAME, 60, name("cdn.example.net"))


def dns_server(family, address, kind=socket.SOCK_DGRAM):
    """A socket on port 53, or None where that port is taken."""
    server = socket.socket(family, kind)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, 53))
    if kind == socket.SOCK_STREAM:
        server.listen()
    return server


def ask_udp(text):
    """Asks for TEXT over IPv4 and over IPv6, connected and not."""
    for connected, (family, address) in enumerate(LOOPBACK):
        with dns_server(family, address) as server, socket.socket(family, socket.SOCK_DGRAM) as client:
            if connected:
                client.connect((address, 53))
                client.send(query(text))
            else:
                client.sendto(query(text), (address, 53))
            request, peer = server.recvfrom(4096)
            server.sendto(answer(request, ALIAS, (name("cdn.example.net"), A, 300, bytes([192, 0, 2, 7])),
                                 (name("cdn.example.net"), AAAA, 300, bytes([0x20, 1, 0xd, 0xb8] + [0] * 11 + [9]))),
                          peer)
            client.recv(4096)


@event_case("net_packet_dns_request", "net_packet_dns_response", "net_packet_dns")
def dns_udp(daemon):
    """A query and its answer, over IPv4 and IPv6"""
    run = daemon.act(lambda: ask_udp("www.example.com"))
    for _, address in LOOPBACK:
        for direction in ("egress", "ingress"):
            asked = run.one("net_packet_dns_request", dst=address, direction=direction)
            expect_equal(get(asked, "data.query"), "www.example.com", "name")
            expect_equal(get(asked, "data.query_type"), "A", "type")
            expect_equal(get(asked, "data.owner"), "socket", "how the process was found")
            expect_equal(get(asked, "process.pid"), run.pid, "process")
            told = run.one("net_packet_dns_response", src=address, direction=direction)
            expect_equal(get(told, "data.addresses"), ["192.0.2.7", "2001:db8::9"], "addresses")
            expect_equal(get(told, "data.answers")[0], "www.example.com 60 IN CNAME cdn.example.net", "first answer")
            expect_equal(get(told, "data.rcode"), "NOERROR", "result")
            both = run.of("net_packet_dns", direction=direction, src=address)
            expect_equal(sorted(len(get(e, "data.answers")) for e in both), [0, 3], "messages")


def ask_tcp(family, address):
    """Over one connection: a query in pieces, two answers in one piece."""
    with dns_server(family, address, socket.SOCK_STREAM) as server, socket.socket(family) as client:
        client.connect((address, 53))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        there, _ = server.accept()
        with there:
            request = query("tcp.example.com")
            sent = struct.pack(">H", len(request)) + request
            got = b""
            for piece in (sent[:1], sent[1:20], sent[20:]):
                client.send(piece)
                while len(got) < len(sent) and not got.endswith(piece):
                    got += there.recv(4096)
            one = answer(request, (POINTER, A, 300, bytes([192, 0, 2, 8])))
            there.sendall(2 * (struct.pack(">H", len(one)) + one))
            client.recv(4096)


@event_case("net_packet_dns_request", "net_packet_dns_response")
def dns_tcp(daemon):
    """DNS over TCP: a query in three segments, two answers in one"""
    for family, address in LOOPBACK:
        run = daemon.act(lambda f=family, a=address: ask_tcp(f, a))
        for direction in ("egress", "ingress"):
            asked = run.one("net_packet_dns_request", direction=direction)
            expect_equal(get(asked, "data.query"), "tcp.example.com", "name")
            expect_equal(get(asked, "data.tcp"), True, "transport")
            told = run.of("net_packet_dns_response", direction=direction)
            expect_equal([get(e, "data.addresses") for e in told], [["192.0.2.8"]] * 2, "answers")


def send_bytewise(client, there, data):
    """Each byte in a segment of its own."""
    for i in range(len(data)):
        client.send(data[i:i + 1])
        take(there, 1)


@event_case("net_packet_dns_request")
def dns_tcp_bytes(daemon):
    """DNS over TCP: messages that loop, that lie about their length and end early, and a good one, byte for byte"""
    loop = struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + b"\xc0\x0c" + struct.pack(">HH", A, 1)
    good = query("bytes.example.com")

    def talk():
        for message, length in ((loop, len(loop)), (good, 0), (good, 0xffff), (good, 3), (good, len(good))):
            with dns_server(*LOOPBACK[0][:2], socket.SOCK_STREAM) as server, socket.socket() as client:
                client.connect(("127.0.0.1", 53))
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                there, _ = server.accept()
                with there:
                    send_bytewise(client, there, struct.pack(">H", length) + message)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    run = daemon.act(talk)
    for direction in ("egress", "ingress"):
        names = [get(e, "data.query") for e in run.of("net_packet_dns_request", direction=direction)]
        expect_equal([n for n in names if n], ["bytes.example.com"], "names")


@event_case("net_packet_http_request", "net_tls_client_hello")
def content_malformed(daemon):
    """Requests with NULs, without an end and with too much, and a ClientHello that is cut at each byte; then good ones"""
    hello = client_hello("whole.example.com")
    requests = [b"GET /\0\0 HTTP/1.1\r\nHost: a\0b\r\n\r\n", b"GET ", b"GET / HTTP/1.1", b"\0" * 64,
                b"POST / HTTP/1.1\r\n" + b"X: y\r\n" * 400 + b"\r\n", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n",
                b"GET /last HTTP/1.1\r\nHost: last.example.com\r\n\r\n"]

    def talk():
        for data in requests + [hello[:i] for i in range(1, len(hello))] + [hello]:
            with connection(*LOOPBACK[0]) as (client, there):
                client.send(data)
                take(there, len(data))
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    run = daemon.act(talk)
    seen = [get(e, "data.uri") for e in run.of("net_packet_http_request", direction="egress")]
    expect("/last" in seen and seen[0] in ("/\0\0", None), f"requests: {seen}")
    hosts = [get(e, "data.host") for e in run.of("net_packet_http_request", direction="egress")]
    expect("last.example.com" in hosts, f"hosts: {hosts}")
    names = [get(e, "data.server_name") for e in run.of("net_tls_client_hello", direction="egress")]
    expect_equal([n for n in names if n][-1:], ["whole.example.com"], "server names")
    expect(set(names) <= {None, "whole.example.com"}, f"server names: {set(names)}")


@event_case("net_packet_dns_response", "net_tcp_connect")
def dns_cache(daemon):
    """The name that was asked for is told with the connection that follows, and by sechawkctl"""
    def talk():
        with dns_server(*LOOPBACK[0]) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", 53))
            client.send(query("here.example.com", number=77))
            request, peer = server.recvfrom(4096)
            server.sendto(answer(request, ALIAS, (name("cdn.example.net"), A, 300, bytes([127, 0, 0, 77]))), peer)
            client.recv(4096)
            # nobody asked for this
            server.sendto(answer(query("forged.example.com"), (POINTER, A, 300, bytes([127, 0, 0, 77]))), peer)
            client.recv(4096)
        with connection(socket.AF_INET, "127.0.0.77"):
            pass
    run = daemon.act(talk)
    connected = run.one("net_tcp_connect", dst="127.0.0.77")
    expect_equal(get(connected, "data.dst_dns"), ["here.example.com"], "names of the address")
    shown = json.loads(daemon.ctl("dns", "show", "127.0.0.77", "-o", "json"))
    expect_equal([(n["name"], n["pid"]) for n in shown["names"]], [("here.example.com", run.pid)], "dns show")
    expect("here.example.com" in daemon.ctl("dns", "list"), "dns list")


def malformed():
    """Datagrams that are not what their port says, and names that loop."""
    loop = struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + b"\xc0\x0c" + struct.pack(">HH", A, 1)
    many = struct.pack(">HHHHHH", 2, 0x8180, 1, 0xffff, 0xffff, 0xffff) + name("many.example") + struct.pack(">HH", A, 1)
    with dns_server(*LOOPBACK[0]) as server, socket.socket(*LOOPBACK[0][:1], socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", 53))
        for message in (b"", b"x", b"\0" * 11, loop, many, query("last.example")[:-3], query("good.example")):
            client.send(message)
            server.recv(4096)


@event_case("net_packet_dns_request")
def dns_malformed(daemon):
    """Malformed messages are told as far as they go, and do no harm"""
    run = daemon.act(malformed)
    names = [get(e, "data.query") for e in run.of("net_packet_dns_request", direction="egress")]
    expect_equal(names, [None, None, "good.example"], "names")


@contextlib.contextmanager
def connection(family, address):
    """Both ends of a TCP connection."""
    with socket.socket(family) as server, socket.socket(family) as client:
        server.bind((address, 0))
        server.listen()
        client.connect(server.getsockname())
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        there, _ = server.accept()
        with there:
            yield client, there


def take(there, size):
    """Waits until the other end has SIZE bytes, so that the next write is a segment of its own."""
    while size:
        size -= len(there.recv(size))


def http(family, address):
    with connection(family, address) as (client, there):
        request = (b"GET /index.html?q=1 HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: live/1.0\r\n"
                   b"Accept: */*\r\n\r\n")
        client.send(request)
        take(there, len(request))
        there.send(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno")
        client.recv(4096)


@event_case("net_packet_http", "net_packet_http_request", "net_packet_http_response")
def http_get(daemon):
    """An HTTP request and its response, on a port of its own"""
    for family, address in LOOPBACK:
        run = daemon.act(lambda f=family, a=address: http(f, a))
        for direction in ("egress", "ingress"):
            asked = run.one("net_packet_http_request", direction=direction)
            seen = [get(asked, "data." + key) for key in ("method", "uri", "protocol", "host", "user_agent")]
            expect_equal(seen, ["GET", "/index.html?q=1", "HTTP/1.1", "www.example.com", "live/1.0"], "request")
            expect_equal(get(asked, "data.headers")[2], "Accept: */*", "third header")
            told = run.one("net_packet_http_response", direction=direction)
            seen = [get(told, "data." + key) for key in ("status_code", "status", "content_type")]
            expect_equal(seen, [404, "Not Found", "text/plain"], "response")
            expect_equal(len(run.of("net_packet_http", direction=direction)), 2, "messages")
            expect_equal(get(told, "process.pid"), run.pid, "process")
        expect_targets(daemon, run.pid, "http", "www.example.com", address)


def expect_targets(daemon, pid, kind, server_name, address):
    shown = json.loads(daemon.ctl("process", "show", str(pid), "-o", "json"))
    seen = [(t["kind"], t["name"], t["address"]) for t in shown["targets"]]
    expect_equal(seen, [(kind, server_name, address)], "targets of the process")


def client_hello(server_name):
    """The bytes of a real ClientHello."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=server_name)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def tls(family, address, *cuts):
    hello = client_hello("tls.example.com")
    with connection(family, address) as (client, there):
        for begin, end in zip((0, *cuts), (*cuts, len(hello))):
            client.send(hello[begin:end])
            take(there, end - begin)


@event_case("net_tls_client_hello")
def tls_hello(daemon):
    """A ClientHello in one segment and in several, the first one of a few bytes, too"""
    for family, address in LOOPBACK:
        for cuts in ((), (100,), (60, 61, 200), (1,), (5, 6), (1, 2, 3, 13)):
            run = daemon.act(lambda f=family, a=address, c=cuts: tls(f, a, *c))
            for direction in ("egress", "ingress"):
                seen = run.one("net_tls_client_hello", direction=direction)
                expect_equal(get(seen, "data.server_name"), "tls.example.com", "server name")
                expect_equal(get(seen, "data.alpn"), ["h2", "http/1.1"], "ALPN")
                expect_equal(get(seen, "data.version"), "TLS 1.3", "version")
                expect_equal(get(seen, "data.segments"), len(cuts) + 1, "segments")
            expect_targets(daemon, run.pid, "tls", "tls.example.com", address)


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def ping():
    echo = struct.pack(">BBHHH", 8, 0, 0, 0x5ec, 7) + b"12345678"
    echo = echo[:2] + struct.pack(">H", checksum(echo)) + echo[4:]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as s:
        s.sendto(echo, ("127.0.0.1", 0))
        while s.recv(4096)[20] != 0:
            pass
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as s:
        s.sendto(struct.pack(">BBHHH", 128, 0, 0, 0x5ec, 8) + b"12345678", ("::1", 0))
        while s.recv(4096)[0] != 129:
            pass


@event_case("net_packet_icmp", "net_packet_icmpv6")
def icmp(daemon):
    """A ping over IPv4 and IPv6"""
    run = daemon.act(ping)
    asked = run.one("net_packet_icmp", direction="egress", type=8)
    expect_equal([get(asked, "data.id"), get(asked, "data.seq")], [0x5ec, 7], "identifier and number")
    run.one("net_packet_icmp", direction="ingress", type=0)
    asked = run.one("net_packet_icmpv6", direction="egress", type=128)
    expect_equal([get(asked, "data.id"), get(asked, "data.seq")], [0x5ec, 8], "identifier and number")
    run.one("net_packet_icmpv6", direction="ingress", type=129)


def datagrams():
    """Plain ones, one with an IPv6 extension header, and a fragment after the first."""
    for family, address in LOOPBACK:
        with socket.socket(family, socket.SOCK_DGRAM) as server, socket.socket(family, socket.SOCK_DGRAM) as client:
            server.bind((address, 0))
            port = server.getsockname()[1]
            client.sendto(b"plain", (address, port))
            server.recv(100)
            if family == socket.AF_INET6:
                client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, bytes([0, 0, 1, 4, 0, 0, 0, 0]))
                client.sendto(b"with options", (address, port))
                server.recv(100)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as s:
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 36, 0x77, 0x2000 | 3, 64, 17, 0, bytes([127, 0, 0, 1]),
                           bytes([127, 0, 0, 1]))
        s.sendto(head + b"GET / HTTP/1.0\r\n", ("127.0.0.1", 0))


@event_case("net_packet_udp", "net_packet_ipv4", "net_packet_ipv6", "net_packet_raw")
def headers(daemon):
    """Datagrams with and without extension headers, and a fragment"""
    run = daemon.act(datagrams)
    for _, address in LOOPBACK:
        seen = run.of("net_packet_udp", dst=address, length=8 + len("plain"))
        expect_equal(sorted(get(e, "data.direction") for e in seen), ["egress", "ingress"], "plain datagrams")
    seen = run.of("net_packet_udp", dst="::1", length=8 + len("with options"))
    expect_equal(len(seen), 2, "datagrams behind an extension header")
    seen = run.of("net_packet_ipv6", protocol="UDP", next_header="DSTOPTS", extensions=1)
    expect_equal(len(seen), 2, "extension headers")
    fragment = run.one("net_packet_ipv4", direction="egress", fragment_offset=24)
    expect_equal(get(fragment, "data.flags"), ["MF"], "flags of the fragment")
    raw = [e for e in run.of("net_packet_raw", direction="egress") if get(e, "data.data", "").endswith("706c61696e")]
    expect_equal(len(raw), 2, "packets that end in the payload")
    expect(get(raw[0], "data.data").startswith("45"), "the bytes begin with an IPv4 header")


@event_case("net_packet_tcp")
def segments(daemon):
    """The first two segments of a connection"""
    def talk():
        with connection(*LOOPBACK[0]) as (client, _):
            return client.getsockname()[1]
    run = daemon.act(talk)
    port = run.report[0]
    syn = run.one("net_packet_tcp", direction="egress", src_port=port, flags=["SYN"])
    expect_equal(get(syn, "data.payload_len"), 0, "payload")
    reply = run.of("net_packet_tcp", direction="ingress", dst_port=port, flags=["SYN", "ACK"])
    expect_equal([get(e, "data.ack") for e in reply], [(get(syn, "data.seq") + 1) % 2 ** 32], "acknowledgment")


@event_case("net_flow_tcp_begin", "net_flow_tcp_end")
def flows(daemon):
    """Begin and end of a connection, from both ends, with the bytes of both directions"""
    for family, address in LOOPBACK:
        def talk(family=family, address=address):
            with connection(family, address) as (client, there):
                ports = [client.getsockname()[1], there.getsockname()[1]]
                for _ in range(3):
                    client.sendall(b"q" * 1000)
                    take(there, 1000)
                there.sendall(b"a" * 100000)
                take(client, 100000)
                client.shutdown(socket.SHUT_WR)
                there.recv(1)
            return ports
        run = daemon.act(talk)
        client, server = run.report[0]
        for direction, sent, received in (("outgoing", 3000, 100000), ("incoming", 100000, 3000)):
            ends = {"src": address, "dst": address, "src_port": client, "dst_port": server, "conn_direction": direction}
            begin = run.one("net_flow_tcp_begin", pid=run.pid, **ends)
            end = run.one("net_flow_tcp_end", pid=run.pid, **ends)
            expect_equal([get(end, "data.bytes_sent"), get(end, "data.bytes_received")], [sent, received], direction)
            expect(get(end, "data.packets_sent") >= 3, "packets")
            expect(0 < get(end, "data.duration") < 60e9, "duration")
            expect(get(begin, "time") < get(end, "time"), "order")


@event_case("net_packet_http_request", "net_flow_tcp_end")
def who_accepts(daemon):
    """Of several processes with a listening socket the one that accepts is told"""
    def talk():
        with socket.create_server(("127.0.0.1", 0)) as server:
            worker = os.fork()
            if worker == 0:
                there, _ = server.accept()
                there.sendall(b"ready")
                there.recv(100)
                there.close()
                os._exit(0)
            with socket.create_connection(server.getsockname()) as client:
                take(client, 5)
                client.sendall(b"GET /worker HTTP/1.1\r\nHost: a\r\n\r\n")
                client.recv(1)
            os.waitpid(worker, 0)
            return worker
    run = daemon.act(talk)
    worker = run.report[0]
    run.one("net_packet_http_request", pid=run.pid, direction="egress", uri="/worker")
    seen = run.one("net_packet_http_request", pid=worker, direction="ingress", uri="/worker")
    expect_equal(get(seen, "data.owner"), "socket", "how it was found")
    run.one("net_flow_tcp_end", pid=worker, conn_direction="incoming")


@event_case("net_packet_dns_request", "net_packet_dns_response")
def who_sends(daemon):
    """Of several processes with a socket the one that sends is told, connected or not, over UDP and TCP"""
    def in_child(act):
        child = os.fork()
        if child == 0:
            act()
            os._exit(0)
        os.waitpid(child, 0)
        return child

    def talk():
        told = []
        for connected, (family, address) in enumerate(LOOPBACK):
            with dns_server(family, address) as server, socket.socket(family, socket.SOCK_DGRAM) as client:
                if connected:
                    client.connect((address, 53))
                told.append(in_child(lambda c=client, a=address: c.sendto(query("child.example.com"), (a, 53))))
                request, peer = server.recvfrom(4096)
                told.append(in_child(lambda s=server, r=request, p=peer: s.sendto(answer(r), p)))
                client.recv(4096)
        address = LOOPBACK[0][1]
        with dns_server(*LOOPBACK[0], socket.SOCK_STREAM) as server, socket.create_connection((address, 53)) as client:
            there, _ = server.accept()
            for end, message in ((client, query("child.example.com")), (there, answer(query("child.example.com")))):
                told.append(in_child(lambda e=end, m=message: e.sendall(struct.pack(">H", len(m)) + m)))
            there.recv(4096)
            client.recv(4096)
            there.close()
        return told

    run = daemon.act(talk)
    for i, pid in enumerate(run.report[0]):
        kind = "net_packet_dns_response" if i % 2 else "net_packet_dns_request"
        seen = run.one(kind, direction="egress", pid=pid, tcp=i >= 4)
        expect_equal(get(seen, "data.owner"), "socket", "how it was found")


@event_case("net_packet_http_request")
def sockets_of_old(daemon):
    """Sockets that were open before packets were watched"""
    names = sorted({name for case in EVENT_CASES if case.family == "packets" for name in case.names})
    daemon.ctl("event", "disable", *names)
    attached = {name for name in daemon.attached() if name.startswith("net_")}
    expect(not attached & {"net_in_skb", "net_out_skb", "net_create_cg", "net_flow_rtp"}, f"still attached: {attached}")
    go, ready = os.pipe()

    def talk():
        with connection(*LOOPBACK[0]) as (client, there):
            os.write(there_is, b"x")
            os.read(go, 1)
            client.sendall(b"GET /old HTTP/1.1\r\nHost: a\r\n\r\n")
            there.recv(100)

    here, there_is = os.pipe()
    run = daemon.act(talk, meanwhile=lambda: (os.read(here, 1), daemon.ctl("event", "enable", *names),
                                              os.write(ready, b"x")))
    for end in (go, ready, here, there_is):
        os.close(end)
    for direction, how in (("egress", "socket"), ("ingress", "seed")):
        seen = run.one("net_packet_http_request", pid=run.pid, direction=direction, uri="/old")
        expect_equal(get(seen, "data.owner"), how, "how it was found")
