"""Socket calls of all kinds, and what came of each: a line `case<TAB>outcome`, the same in every run.

Runs in a guest, over the loopback interface, once with native sockets and once with outsourced ones;
conformance.test.ts compares the two. A case knows no right outcome: the native one is.
"""

import array
import ctypes
import errno
import mmap
import os
import resource
import select
import signal
import socket
import struct
import sys
import tempfile
import threading
import time

FAMILIES = {"inet": (socket.AF_INET, "127.0.0.1"), "inet6": (socket.AF_INET6, "::1")}
TYPES = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
# Long enough for what is to happen, even in an emulated guest's emulated host.
PATIENCE = 5
# For what is not to happen.
MOMENT = 0.05

to_close = []


def report(case, outcome):
    print(f"{case}\t{outcome}", flush=True)


def attempt(call):
    """The result of a call, or the name of its error."""
    try:
        result = call()
    except TimeoutError:
        return "timeout"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    return "ok" if result is None else result


def case(name, call):
    report(name, attempt(call))


def new(family, kind):
    sock = socket.socket(FAMILIES[family][0], TYPES[kind])
    to_close.append(sock)
    return sock


def bound(family, kind):
    sock = new(family, kind)
    sock.bind((FAMILIES[family][1], 0))
    return sock


def listening(family, backlog=16):
    sock = bound(family, "tcp")
    sock.listen(backlog)
    return sock


def pair(family, kind):
    """Two connected sockets."""
    if kind == "tcp":
        server = listening(family)
        client = new(family, kind)
        client.connect(server.getsockname())
        peer, _ = server.accept()
        to_close.append(peer)
        return client, peer
    one, other = bound(family, kind), bound(family, kind)
    one.connect(other.getsockname())
    other.connect(one.getsockname())
    return one, other


def close_all():
    while to_close:
        to_close.pop().close()


def wait_for(sock, events=select.POLLIN):
    poller = select.poll()
    poller.register(sock, events)
    poller.poll(PATIENCE * 1000)


EVENTS = ["IN", "PRI", "OUT", "ERR", "HUP", "NVAL", "RDHUP", "RDNORM", "RDBAND", "WRNORM", "WRBAND"]
ALL_EVENTS = sum(getattr(select, f"POLL{name}", 0) for name in EVENTS)


def name_events(bits):
    names = [name for name in EVENTS if bits & getattr(select, f"POLL{name}", 0)]
    return "+".join(names) or "none"


def events_of(sock):
    poller = select.poll()
    poller.register(sock, ALL_EVENTS)
    found = poller.poll(0)
    return name_events(found[0][1]) if found else "none"


def options():
    """Every option: its value in the beginning, and after it was set in several ways."""
    levels = {
        "SO": (socket.SOL_SOCKET, "TYPE DOMAIN PROTOCOL ERROR ACCEPTCONN REUSEADDR REUSEPORT KEEPALIVE "
               "BROADCAST OOBINLINE DONTROUTE SNDBUF RCVBUF RCVLOWAT PRIORITY"),
        "IP": (socket.IPPROTO_IP, "TOS TTL MTU_DISCOVER RECVTOS RECVTTL RECVERR PKTINFO FREEBIND "
               "BIND_ADDRESS_NO_PORT MULTICAST_TTL MULTICAST_LOOP MINTTL MTU"),
        "IPV6": (socket.IPPROTO_IPV6, "V6ONLY TCLASS UNICAST_HOPS MULTICAST_HOPS MULTICAST_LOOP RECVPKTINFO "
                 "RECVTCLASS RECVHOPLIMIT DONTFRAG MTU_DISCOVER RECVERR"),
        "TCP": (socket.IPPROTO_TCP, "NODELAY CORK KEEPIDLE KEEPINTVL KEEPCNT SYNCNT LINGER2 DEFER_ACCEPT "
                "WINDOW_CLAMP QUICKACK USER_TIMEOUT NOTSENT_LOWAT MAXSEG FASTOPEN"),
    }
    numbers = {
        "SO_DOMAIN": 39, "SO_PROTOCOL": 38, "SO_RCVLOWAT": 18, "SO_ACCEPTCONN": 30,
        "IP_MTU_DISCOVER": 10, "IP_RECVTTL": 12, "IP_RECVERR": 11, "IP_PKTINFO": 8, "IP_FREEBIND": 15,
        "IP_MINTTL": 21, "IP_MTU": 14, "IPV6_MTU_DISCOVER": 23, "IPV6_RECVERR": 25,
    }
    for family in FAMILIES:
        for kind in TYPES:
            for prefix, (level, names) in levels.items():
                for name in (f"{prefix}_{short}" for short in names.split()):
                    number = getattr(socket, name, numbers.get(name))
                    if number is None:
                        continue
                    prefix_of_case = f"option/{family}/{kind}/{name}"
                    sock = new(family, kind)
                    case(f"{prefix_of_case}/initial", lambda: sock.getsockopt(level, number))
                    for value in (0, 1, 7, -1):
                        case(f"{prefix_of_case}/set {value}", lambda: sock.setsockopt(level, number, value))
                        case(f"{prefix_of_case}/after {value}", lambda: sock.getsockopt(level, number))
                    case(f"{prefix_of_case}/no value", lambda: sock.setsockopt(level, number, b""))
                    case(f"{prefix_of_case}/short read", lambda: sock.getsockopt(level, number, 1).hex())
                    close_all()
            sock = new(family, kind)
            for name, value in (("SO_LINGER", struct.pack("ii", 1, 3)), ("SO_RCVTIMEO", struct.pack("ll", 1, 500000)),
                                ("SO_SNDTIMEO", struct.pack("ll", 0, 0))):
                number = {"SO_LINGER": 13, "SO_RCVTIMEO": 20, "SO_SNDTIMEO": 21}[name]
                case(f"option/{family}/{kind}/{name}/set", lambda: sock.setsockopt(socket.SOL_SOCKET, number, value))
                case(f"option/{family}/{kind}/{name}/get", lambda: sock.getsockopt(socket.SOL_SOCKET, number, 16).hex())
            case(f"option/{family}/{kind}/unknown level", lambda: sock.setsockopt(12345, 1, 1))
            case(f"option/{family}/{kind}/unknown name", lambda: sock.setsockopt(socket.SOL_SOCKET, 12345, 1))
            close_all()


def errors():
    """Calls in states in which they fail."""
    for family, (_, loopback) in FAMILIES.items():
        for kind in TYPES:
            at = f"error/{family}/{kind}"
            sock = new(family, kind)
            sock.setblocking(False)
            case(f"{at}/recv fresh", lambda: sock.recv(1))
            case(f"{at}/send fresh", lambda: sock.send(b"x"))
            case(f"{at}/getpeername fresh", lambda: sock.getpeername())
            case(f"{at}/getsockname fresh", lambda: sock.getsockname()[0])
            case(f"{at}/shutdown fresh", lambda: sock.shutdown(socket.SHUT_WR))
            case(f"{at}/accept fresh", lambda: sock.accept())
            case(f"{at}/sendto nowhere", lambda: sock.sendto(b"x", (loopback, 0)))
            case(f"{at}/bind foreign", lambda: sock.bind(("192.0.2.1" if family == "inet" else "2001:db8::1", 0)))
            case(f"{at}/bind", lambda: sock.bind((loopback, 0)))
            case(f"{at}/bind again", lambda: sock.bind((loopback, 0)))
            case(f"{at}/listen", lambda: sock.listen(1))
            case(f"{at}/accept none", lambda: sock.accept())
            other = new(family, kind)
            case(f"{at}/bind taken", lambda: other.bind(sock.getsockname()))
            wrong = ("::1", 1) if family == "inet" else ("127.0.0.1", 1)
            case(f"{at}/oob fresh", lambda: other.recv(1, socket.MSG_OOB | socket.MSG_DONTWAIT))
            case(f"{at}/error queue", lambda: other.recvmsg(1, 64, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT))
            close_all()
            refused = new(family, kind)
            case(f"{at}/connect port 1", lambda: refused.connect((loopback, 1)))
            case(f"{at}/send after that", lambda: refused.send(b"x"))
            time.sleep(MOMENT)
            case(f"{at}/SO_ERROR after that", lambda: refused.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
            case(f"{at}/SO_ERROR again", lambda: refused.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
            close_all()
            one, other = pair(family, kind)
            case(f"{at}/connect again", lambda: one.connect(other.getsockname()))
            case(f"{at}/sendto connected", lambda: one.sendto(b"x", other.getsockname()))
            case(f"{at}/listen connected", lambda: one.listen(1))
            case(f"{at}/send bad address", lambda: one.sendmsg([b"x"], [], 0, (loopback, 1)))
            case(f"{at}/too long", lambda: one.send(bytes(70000)))
            case(f"{at}/bad shutdown", lambda: one.shutdown(7))
            close_all()
        sock = socket.socket(FAMILIES[family][0], socket.SOCK_STREAM)
        sock.close()
        case(f"error/{family}/closed", lambda: sock.send(b"x"))
    for kind, number, protocol in (("seqpacket", socket.SOCK_SEQPACKET, 0), ("tcp as udp", socket.SOCK_STREAM, 17),
                                   ("udp as tcp", socket.SOCK_DGRAM, 6), ("type 77", 77, 0)):
        case(f"error/create/{kind}", lambda: socket.socket(socket.AF_INET, number, protocol).close())


def messages():
    """What is sent, and what arrives of it."""
    for family in FAMILIES:
        for kind in TYPES:
            at = f"message/{family}/{kind}"
            for size in (0, 1, 100, 1400, 4096, 9000, 40000, 65000):
                one, other = pair(family, kind)
                data = bytes(index % 251 for index in range(size))
                sender = threading.Thread(target=lambda: one.sendall(data) if size or kind == "udp" else None)
                sender.start()
                if size or kind == "udp":
                    received = other.recv(70000) if kind == "udp" else receive_exactly(other, size)
                    report(f"{at}/{size} bytes", received == data)
                sender.join()
                close_all()
            one, other = pair(family, kind)
            one.sendall(b"0123456789")
            wait_for(other)
            case(f"{at}/peek", lambda: other.recv(4, socket.MSG_PEEK))
            case(f"{at}/peek again", lambda: other.recv(6, socket.MSG_PEEK))
            case(f"{at}/part", lambda: other.recv(4))
            case(f"{at}/rest", lambda: other.recv(100, socket.MSG_DONTWAIT))
            case(f"{at}/nothing", lambda: other.recv(100, socket.MSG_DONTWAIT))
            one.sendall(b"abcdefgh")
            wait_for(other)
            case(f"{at}/truncated", lambda: (lambda r: (r[0], r[2] & ~socket.MSG_CMSG_CLOEXEC))(
                other.recvmsg(3, 0, socket.MSG_TRUNC * (kind == "udp"))))
            case(f"{at}/after it", lambda: other.recv(100, socket.MSG_DONTWAIT))
            case(f"{at}/gather", lambda: one.sendmsg([b"ab", b"", b"cdef", b"g" * 5000]))
            wait_for(other)
            buffers = [bytearray(3), bytearray(1), bytearray(6000)]
            case(f"{at}/scatter", lambda: other.recvmsg_into(buffers)[0] if kind == "udp" else
                 len(receive_exactly(other, 5006)))
            one.sendall(b"inq")
            wait_for(other)
            case(f"{at}/FIONREAD", lambda: inq(other))
            case(f"{at}/zero room", lambda: other.recv(0))
            case(f"{at}/then", lambda: other.recv(10, socket.MSG_DONTWAIT))
            close_all()
            one, other = pair(family, kind)
            other.settimeout(MOMENT)
            case(f"{at}/timeout", lambda: other.recv(1))
            other.settimeout(None)
            other.setsockopt(socket.SOL_SOCKET, 20, struct.pack("ll", 0, 50000))
            case(f"{at}/SO_RCVTIMEO", lambda: other.recv(1))
            close_all()
    for family in FAMILIES:
        at = f"message/{family}"
        one, other = pair(family, "tcp")
        one.sendall(b"xx")
        timer = threading.Timer(MOMENT, lambda: one.sendall(b"yy"))
        timer.start()
        case(f"{at}/waitall", lambda: other.recv(4, socket.MSG_WAITALL))
        timer.join()
        one.sendall(b"more", socket.MSG_MORE)
        one.sendall(b"!")
        case(f"{at}/MSG_MORE", lambda: receive_exactly(other, 5))
        one.send(b"u", socket.MSG_OOB)
        time.sleep(MOMENT)
        case(f"{at}/out of band", lambda: other.recv(1, socket.MSG_OOB))
        case(f"{at}/out of band again", lambda: other.recv(1, socket.MSG_OOB))
        with tempfile.TemporaryFile() as file:
            file.write(b"f" * 10000)
            file.flush()
            case(f"{at}/sendfile", lambda: os.sendfile(one.fileno(), file.fileno(), 0, 10000))
            case(f"{at}/sent file", lambda: receive_exactly(other, 10000) == b"f" * 10000)
        close_all()
        one, other = pair(family, "udp")
        v6 = family == "inet6"
        level = socket.IPPROTO_IPV6 if v6 else socket.IPPROTO_IP
        other.setsockopt(level, socket.IPV6_RECVPKTINFO if v6 else 8, 1)
        other.setsockopt(level, socket.IPV6_RECVTCLASS if v6 else socket.IP_RECVTOS, 1)
        one.setsockopt(level, socket.IPV6_TCLASS if v6 else socket.IP_TOS, 0x20)
        one.send(b"info")
        wait_for(other)
        case(f"{at}/ancillary data", lambda: [(l, t, d.hex()) for l, t, d in other.recvmsg(10, 256)[1]])
        one.send(b"info")
        wait_for(other)
        case(f"{at}/ancillary data cut off", lambda: other.recvmsg(10, 8)[1:3])
        close_all()


def ancillary(data):
    """The first message of ancillary data without what is behind its length, which nobody writes."""
    return data[:int.from_bytes(data[:8], "little")].hex()


def effects():
    """Options of SOL_SOCKET do what they are for, also if nothing was called since."""
    sock = bound("inet", "udp")
    for value in (0, 1, 0):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, value)
        case(f"effects/inet/udp/SO_BROADCAST {value}", lambda: sock.sendto(b"x", ("127.255.255.255", 7)))
    for family in FAMILIES:
        for linger in ((0, 0), (1, 0)):
            one, other = pair(family, "tcp")
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", *linger))
            one.close()
            wait_for(other)
            case(f"effects/{family}/tcp/SO_LINGER {linger}", lambda: other.recv(1))
        for wanted in (0, 1):
            level, option, packet = (socket.IPPROTO_IPV6, 49, 6) if family == "inet6" else (socket.IPPROTO_IP, 8, 9)
            server = listening(family)
            server.setsockopt(level, option, wanted)
            client = new(family, "tcp")
            client.connect(server.getsockname())
            peer, _ = server.accept()
            to_close.append(peer)
            case(f"effects/{family}/tcp/packet of the connection, PKTINFO {wanted}",
                 lambda: ancillary(peer.getsockopt(level, packet, 200)))
        for inline in (0, 1):
            one, other = pair(family, "tcp")
            one.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, inline)
            other.send(b"x", socket.MSG_OOB)
            other.send(b"y")
            wait_for(one)
            time.sleep(MOMENT)
            case(f"effects/{family}/tcp/SO_OOBINLINE {inline}", lambda: one.recv(10))
        close_all()


def receive_exactly(sock, size):
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            break
        data += part
    return data


def inq(sock):
    import fcntl
    value = array.array("i", [0])
    fcntl.ioctl(sock, 0x541B, value)
    return value[0]


def readiness():
    """poll(), select() and epoll, in each state that a socket can have."""
    for family in FAMILIES:
        at = f"poll/{family}"
        case(f"{at}/tcp fresh", lambda: events_of(new(family, "tcp")))
        case(f"{at}/udp fresh", lambda: events_of(new(family, "udp")))
        server = listening(family)
        case(f"{at}/listening", lambda: events_of(server))
        client = new(family, "tcp")
        client.connect(server.getsockname())
        wait_for(server)
        case(f"{at}/connection waits", lambda: events_of(server))
        peer, _ = server.accept()
        to_close.append(peer)
        case(f"{at}/connected", lambda: events_of(peer))
        client.send(b"x")
        wait_for(peer)
        case(f"{at}/data", lambda: events_of(peer))
        peer.recv(1)
        case(f"{at}/data taken", lambda: events_of(peer))
        client.shutdown(socket.SHUT_WR)
        wait_for(peer)
        case(f"{at}/peer has shut down", lambda: events_of(peer))
        case(f"{at}/end of file", lambda: peer.recv(1))
        case(f"{at}/half closed, other way", lambda: peer.send(b"still"))
        wait_for(client)
        case(f"{at}/half closed, it arrives", lambda: client.recv(10))
        case(f"{at}/half closed, send", lambda: client.send(b"x"))
        peer.shutdown(socket.SHUT_WR)
        wait_for(client)
        time.sleep(MOMENT)
        case(f"{at}/both have shut down", lambda: events_of(client))
        close_all()
        one, other = pair(family, "tcp")
        other.send(b"unread")
        wait_for(one)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()
        wait_for(other, 0)
        time.sleep(MOMENT)
        case(f"{at}/reset", lambda: events_of(other))
        case(f"{at}/reset, recv", lambda: other.recv(1))
        case(f"{at}/reset, recv again", lambda: other.recv(1))
        case(f"{at}/reset, send", lambda: other.send(b"x"))
        close_all()
        for first in ("error", "events", "recv", "send"):
            server = listening(family)
            client = new(family, "tcp")
            client.connect(server.getsockname())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            wait_for(server)
            time.sleep(MOMENT)
            accepted = []
            case(f"{at}/reset before accept, {first}", lambda: accepted.append(server.accept()[0]))
            to_close.extend(accepted)
            for sock in accepted:
                look = {
                    "error": lambda: sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR),
                    "events": lambda: events_of(sock),
                    "recv": lambda: sock.recv(1),
                    "send": lambda: sock.send(b"x"),
                }
                for name in (first, *look):
                    case(f"{at}/reset before accept, {first}, then {name}", look[name])
                case(f"{at}/reset before accept, {first}, peer", lambda: sock.getpeername())
            close_all()
        one, other = pair(family, "tcp")
        one.setblocking(False)
        case(f"{at}/fill up", lambda: fill(one))
        case(f"{at}/full", lambda: events_of(one))
        drainer = threading.Thread(target=lambda: drain(other))
        drainer.start()
        wait_for(one, select.POLLOUT)
        case(f"{at}/room again", lambda: events_of(one))
        one.close()
        drainer.join()
        close_all()
        sock = new(family, "tcp")
        sock.setblocking(False)
        server = listening(family)
        report(f"{at}/non-blocking connect", attempt(lambda: sock.connect(server.getsockname())) in ("ok", "EINPROGRESS"))
        wait_for(sock, select.POLLOUT)
        case(f"{at}/it is connected", lambda: events_of(sock))
        case(f"{at}/its error", lambda: sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        case(f"{at}/connect again", lambda: sock.connect(server.getsockname()))
        refused = new(family, "tcp")
        refused.setblocking(False)
        attempt(lambda: refused.connect((FAMILIES[family][1], 1)))
        wait_for(refused, select.POLLOUT)
        case(f"{at}/refused", lambda: events_of(refused))
        case(f"{at}/refused, its error", lambda: refused.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        case(f"{at}/refused, afterwards", lambda: events_of(refused))
        close_all()
        one, other = pair(family, "udp")
        case(f"{at}/udp connected", lambda: events_of(other))
        one.send(b"x")
        wait_for(other)
        case(f"{at}/udp data", lambda: events_of(other))
        case(f"{at}/select", lambda: [len(found) for found in select.select([one, other], [one, other], [], 0)])
        other.shutdown(socket.SHUT_RD)
        case(f"{at}/udp shut down", lambda: events_of(other))
        close_all()
        for mode in (0, select.EPOLLET, select.EPOLLONESHOT, select.EPOLLET | select.EPOLLONESHOT):
            one, other = pair(family, "tcp")
            poller = select.epoll()
            poller.register(other, select.EPOLLIN | mode)
            steps = [len(poller.poll(MOMENT))]
            one.send(b"a")
            steps.append(len(poller.poll(PATIENCE)))
            steps.append(len(poller.poll(MOMENT)))
            one.send(b"b")
            time.sleep(MOMENT)
            steps.append(len(poller.poll(MOMENT)))
            poller.modify(other, select.EPOLLIN | mode)
            steps.append(len(poller.poll(MOMENT)))
            other.recv(10)
            steps.append(len(poller.poll(MOMENT)))
            one.close()
            time.sleep(MOMENT)
            steps.append(len(poller.poll(MOMENT)))
            report(f"epoll/{family}/mode {mode:#x}", steps)
            poller.close()
            close_all()
        for kind, pairs in (("udp", 1500), ("tcp", 700)):
            for mode in (0, select.EPOLLET):
                report(f"epoll/{family}/{kind}, {pairs} at a time, mode {mode:#x}", many(family, kind, pairs, mode))
                close_all()


def many(family, kind, pairs, mode):
    """Of many sockets, those that are ready, and what they have; every third of them is not."""
    sockets = [pair(family, kind) for _ in range(pairs)]
    poller = select.epoll()
    of = {}
    for one, other in sockets:
        poller.register(other, select.EPOLLIN | mode)
        of[other.fileno()] = other
    for i, (one, _) in enumerate(sockets):
        if i % 3:
            one.send(b"%d" % i)
    received = {}
    deadline = time.monotonic() + 10 * PATIENCE
    while len(received) < pairs - (pairs + 2) // 3 and time.monotonic() < deadline:
        for fileno, _ in poller.poll(PATIENCE, 64):
            received[fileno] = attempt(lambda: of[fileno].recv(100))
    rest = [fileno for fileno, _ in poller.poll(MOMENT)]
    poller.close()
    return [received.get(other.fileno()) for _, other in sockets], rest


def fill(sock):
    try:
        while True:
            sock.send(bytes(65536))
    except BlockingIOError:
        return "full"


def drain(sock):
    while sock.recv(1 << 20):
        pass


class Interrupted(Exception):
    pass


def sharing():
    """Threads, processes and signals."""
    def interrupt(*_):
        raise Interrupted

    for family in FAMILIES:
        at = f"sharing/{family}"
        for kind in TYPES:
            one, other = pair(family, kind)
            signal.signal(signal.SIGALRM, interrupt)
            signal.setitimer(signal.ITIMER_REAL, MOMENT)
            try:
                other.recv(1)
                outcome = "received"
            except Interrupted:
                outcome = "interrupted"
            report(f"{at}/{kind}/signal", outcome)
            signal.signal(signal.SIGALRM, lambda *_: None)
            signal.setitimer(signal.ITIMER_REAL, MOMENT)
            timer = threading.Timer(4 * MOMENT, lambda: one.send(b"later"))
            timer.start()
            case(f"{at}/{kind}/restarted", lambda: other.recv(10))
            timer.join()
            received = []
            readers = [threading.Thread(target=lambda: received.append(other.recv(1))) for _ in range(4)]
            for reader in readers:
                reader.start()
            time.sleep(MOMENT)
            for letter in b"wxyz":
                one.send(bytes([letter]))
            for reader in readers:
                reader.join(PATIENCE)
            report(f"{at}/{kind}/four readers", sorted(received))
            child = os.fork()
            if child == 0:
                one.send(b"from the child")
                os._exit(0)
            os.waitpid(child, 0)
            case(f"{at}/{kind}/fork", lambda: other.recv(100))
            case(f"{at}/{kind}/after fork", lambda: one.send(b"parent"))
            left, right = socket.socketpair()
            socket.send_fds(left, [b"!"], [other.fileno()])
            _, descriptors, _, _ = socket.recv_fds(right, 1, 1)
            passed = socket.socket(fileno=descriptors[0])
            case(f"{at}/{kind}/passed on", lambda: passed.recv(100))
            other.close()
            one.send(b"again")
            case(f"{at}/{kind}/closed elsewhere", lambda: passed.recv(100))
            copy = passed.dup()
            passed.close()
            one.send(b"dup")
            case(f"{at}/{kind}/dup", lambda: copy.recv(100))
            for sock in (left, right, copy):
                sock.close()
            close_all()
        server = listening(family, 64)
        accepted = []
        acceptors = [threading.Thread(target=lambda: accepted.append(server.accept()[0])) for _ in range(6)]
        for acceptor in acceptors:
            acceptor.start()
        clients = [new(family, "tcp") for _ in range(6)]
        for client in clients:
            client.connect(server.getsockname())
        for acceptor in acceptors:
            acceptor.join(PATIENCE)
        report(f"{at}/six acceptors", len(accepted))
        report(f"{at}/peers", sorted(s.getpeername() for s in accepted) == sorted(c.getsockname() for c in clients))
        report(f"{at}/names", {s.getsockname() == server.getsockname() for s in accepted})
        for sock in accepted:
            sock.close()
        close_all()
        one, other = pair(family, "tcp")
        signal.signal(signal.SIGPIPE, lambda *_: report(f"{at}/SIGPIPE", "came"))
        other.close()
        attempt(lambda: one.send(b"x"))
        time.sleep(MOMENT)
        case(f"{at}/broken pipe", lambda: one.send(b"x"))
        case(f"{at}/MSG_NOSIGNAL", lambda: one.send(b"x", socket.MSG_NOSIGNAL))
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        close_all()


def waiting():
    """How long a call waits, and who is woken."""
    for family in FAMILIES:
        at = f"waiting/{family}"
        one, other = pair(family, "tcp")
        other.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 10)
        one.send(b"12345")
        sender = threading.Timer(4 * MOMENT, lambda: one.send(b"6789012345"))
        sender.start()
        case(f"{at}/low-water mark", lambda: other.recv(100))
        sender.join()
        one.send(b"12345")
        time.sleep(MOMENT)
        case(f"{at}/low-water mark, not to wait", lambda: other.recv(100, socket.MSG_DONTWAIT))
        close_all()

        for what, seconds in (("all is taken", PATIENCE), ("nothing is taken", 1), ("not to linger", 0)):
            one, other = pair(family, "tcp")
            one.setblocking(False)
            fill(one)
            if seconds:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))
            drainer = threading.Timer(2 * MOMENT, lambda: drain(other))
            if what == "all is taken":
                drainer.start()
            begin = time.monotonic()
            one.close()
            elapsed = time.monotonic() - begin
            report(f"{at}/close, {what}", "at once" if elapsed < MOMENT else "to its limit" if elapsed >= seconds else "as needed")
            if what == "all is taken":
                drainer.join()
            close_all()

        server = listening(family, 64)
        accepted = []
        woken = {}

        def accept():
            before = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
            accepted.append(server.accept()[0])
            # A thread that waits once has one switch.
            woken[threading.get_ident()] = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw - before

        acceptors = [threading.Thread(target=accept) for _ in range(12)]
        for acceptor in acceptors:
            acceptor.start()
        time.sleep(2 * MOMENT)
        for _ in acceptors:
            client = new(family, "tcp")
            client.connect(server.getsockname())
            time.sleep(MOMENT)
        for acceptor in acceptors:
            acceptor.join(PATIENCE)
        # Were all of them woken for each connection, it would be 78.
        report(f"{at}/twelve acceptors are woken one by one", len(accepted) == 12 and sum(woken.values()) < 40)
        for sock in accepted:
            sock.close()
        close_all()

        # Memory that the kernel cannot pin (memfd_secret)
        descriptor = ctypes.CDLL(None).syscall(447, 0)
        if descriptor < 0:
            report(f"{at}/memory that is secret", "this kernel has none")
            continue
        os.ftruncate(descriptor, 4096)
        secret = mmap.mmap(descriptor, 4096)
        os.close(descriptor)
        for kind in TYPES:
            for flag, name in ((0, "received"), (socket.MSG_TRUNC, "thrown away"), (socket.MSG_PEEK, "looked at")):
                one, other = pair(family, kind)
                secret[:] = b"-" * 4096
                one.send(b"x" * 3000)
                wait_for(other)
                count = attempt(lambda: other.recv_into(secret, 4000, flag))
                report(f"{at}/{kind}/memory that is secret, {name}", [count, secret[:10], secret[2990:3010]])
                one.send(b"rest")
                wait_for(other)
                case(f"{at}/{kind}/memory that is secret, {name}, and then", lambda: len(other.recv(4000)))
                close_all()
        secret.close()


# An index that no interface has.
NOWHERE = 4711


def interfaces():
    """Indices of interfaces, in options, addresses and ancillary data."""
    lo = socket.if_nametoindex("lo")
    for family, (_, loopback) in FAMILIES.items():
        at = f"interface/{family}"
        inet6 = family == "inet6"
        level = socket.IPPROTO_IPV6 if inet6 else socket.IPPROTO_IP
        pktinfo, ask, unicast, multicast = (50, 49, 76, 17) if inet6 else (8, 8, 50, 32)
        join, leave = (20, 21) if inet6 else (35, 36)
        group = socket.inet_pton(FAMILIES[family][0], "ff02::77" if inet6 else "224.0.0.77")
        for name, index in (("lo", lo), ("none", 0), ("nowhere", NOWHERE)):
            sock = new(family, "udp")
            case(f"{at}/UNICAST_IF {name}", lambda: sock.setsockopt(level, unicast, struct.pack("!i", index)))
            case(f"{at}/UNICAST_IF {name}, got", lambda: sock.getsockopt(level, unicast, 4).hex())
            value = struct.pack("i", index) if inet6 else bytes(8) + struct.pack("i", index)
            case(f"{at}/MULTICAST_IF {name}", lambda: sock.setsockopt(level, multicast, value))
            case(f"{at}/MULTICAST_IF {name}, got", lambda: sock.getsockopt(level, multicast, 4).hex())
            if name == "none":
                # Which one it is then depends on the routes.
                continue
            member = group + bytes(0 if inet6 else 4) + struct.pack("i", index)
            for option, what in ((join, "join"), (join, "join again"), (leave, "leave"), (leave, "leave again")):
                case(f"{at}/{what} at {name}", lambda: sock.setsockopt(level, option, member))
            case(f"{at}/bind to {name}", lambda: sock.setsockopt(socket.SOL_SOCKET, 62, index))
            case(f"{at}/bound to {name}", lambda: sock.getsockopt(socket.SOL_SOCKET, 62))
            close_all()
        for name in (b"lo\0", b"nonesuch\0", b"\0"):
            server, client = new(family, "udp"), new(family, "udp")
            case(f"{at}/SO_BINDTODEVICE {name}", lambda: server.setsockopt(socket.SOL_SOCKET, 25, name))
            case(f"{at}/SO_BINDTODEVICE {name}, got", lambda: server.getsockopt(socket.SOL_SOCKET, 25, 16))
            server.bind((loopback, 0))
            client.sendto(b"by lo", server.getsockname())
            case(f"{at}/SO_BINDTODEVICE {name}, receives", lambda: server.recv(10))
            close_all()
        one, other = bound(family, "udp"), bound(family, "udp")
        other.setsockopt(level, ask, 1)
        for name, index in (("lo", lo), ("none", 0), ("nowhere", NOWHERE)):
            info = bytes(16) + struct.pack("i", index) if inet6 else struct.pack("i", index) + bytes(8)
            case(f"{at}/PKTINFO of {name}", lambda: one.sendmsg([b"x"], [(level, pktinfo, info)], 0, other.getsockname()))
            if name != "nowhere":
                case(f"{at}/PKTINFO from {name}",
                     lambda: [[*control[:2], control[2].hex()] for control in other.recvmsg(10, 100)[1]])
        close_all()
        if inet6:
            sock = new(family, "udp")
            for name, index in (("lo", lo), ("nowhere", NOWHERE)):
                case(f"{at}/bind fe80::77%{name}", lambda: sock.bind(("fe80::77", 0, 0, index)))
                case(f"{at}/connect ff02::77%{name}", lambda: sock.connect(("ff02::77", 7, 0, index)))
                case(f"{at}/peer ff02::77%{name}", lambda: sock.getpeername())
                case(f"{at}/sendto fe80::77%{name}", lambda: sock.sendto(b"x", ("fe80::77", 7, 0, index)))
            close_all()


def users():
    """SO_REUSEPORT is for the sockets of one user."""
    def owned(family, kind, uid, *options):
        os.seteuid(uid)
        sock = new(family, kind)
        os.seteuid(0)
        for option in options:
            sock.setsockopt(socket.SOL_SOCKET, option, 1)
        return sock

    port, address = socket.SO_REUSEPORT, socket.SO_REUSEADDR
    for family, (_, loopback) in FAMILIES.items():
        everywhere = "::" if family == "inet6" else "0.0.0.0"
        elsewhere = "::ffff:127.0.0.2" if family == "inet6" else "127.0.0.2"
        for kind in TYPES:
            at = f"user/{family}/{kind}"
            first = owned(family, kind, 1000, port)
            case(f"{at}/first", lambda: first.bind((loopback, 0)))
            number = first.getsockname()[1]
            case(f"{at}/same user", lambda: owned(family, kind, 1000, port).bind((loopback, number)))
            case(f"{at}/other user", lambda: owned(family, kind, 1001, port).bind((loopback, number)))
            case(f"{at}/root", lambda: owned(family, kind, 0, port).bind((loopback, number)))
            case(f"{at}/other user, everywhere", lambda: owned(family, kind, 1001, port).bind((everywhere, number)))
            case(f"{at}/other user, elsewhere", lambda: owned(family, kind, 1001, port).bind((elsewhere, number)))
            case(f"{at}/other user, other port", lambda: owned(family, kind, 1001, port).bind((loopback, 0)))
            close_all()
            first = owned(family, kind, 1000)
            first.bind((everywhere, 0))
            number = first.getsockname()[1]
            first.setsockopt(socket.SOL_SOCKET, port, 1)
            case(f"{at}/other user, option set late", lambda: owned(family, kind, 1001, port).bind((loopback, number)))
            case(f"{at}/same user, option set late", lambda: owned(family, kind, 1000, port).bind((loopback, number)))
            first.close()
            close_all()
            case(f"{at}/other user, when it is closed", lambda: owned(family, kind, 1001, port).bind((loopback, number)))
            close_all()
            first = owned(family, kind, 1000, port, address)
            first.bind((loopback, 0))
            number = first.getsockname()[1]
            case(f"{at}/other user, SO_REUSEADDR", lambda: owned(family, kind, 1001, port, address).bind((loopback, number)))
            close_all()
        first = owned(family, "tcp", 1000, port)
        first.listen(1)
        number = first.getsockname()[1]
        case(f"user/{family}/other user, bound by listen()", lambda: owned(family, "tcp", 1001, port).bind((loopback, number)))
        client = new(family, "tcp")
        client.connect((loopback, number))
        accepted, _ = first.accept()
        first.close()
        case(f"user/{family}/other user, accepted", lambda: owned(family, "tcp", 1001, port).bind((loopback, number)))
        accepted.close()
        close_all()


def instruction(code, registers=0, offset=0, immediate=0):
    return struct.pack("<BBhi", code, registers, offset, immediate)


RETURN = instruction(0x95)


def answer(value):
    return instruction(0xb7, 0, 0, value) + RETURN


def change_port(number):
    """Has the address another port: struct bpf_sock_addr has it, in network byte order, at 24."""
    return instruction(0xb7, 2, 0, socket.htons(number)) + instruction(0x63, 0x21, 24) + answer(1)


LIBC = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, 128)
    result = LIBC.syscall(321, command, buffer, len(buffer))
    if result < 0:
        raise OSError(ctypes.get_errno(), "bpf")
    return result


class Attached:
    """A BPF program that a control group has meanwhile."""

    def __init__(self, group, kind, hook, code):
        self.group, self.hook = os.open(group, os.O_RDONLY), hook
        text, license = ctypes.create_string_buffer(code), ctypes.create_string_buffer(b"GPL")
        attributes = struct.pack("IIQQIIQII16sII", kind, len(code) // 8, ctypes.addressof(text), ctypes.addressof(license),
                                 0, 0, 0, 0, 0, b"case", 0, hook)
        self.program = bpf(5, attributes)

    def __enter__(self):
        bpf(8, struct.pack("IIII", self.group, self.program, self.hook, 0))

    def __exit__(self, *_):
        bpf(9, struct.pack("IIII", self.group, self.program, self.hook, 0))
        os.close(self.program)
        os.close(self.group)


GROUPS = "/sys/fs/cgroup"
NATIVE = "/sys/module/ek_guest/parameters/native"


def move_to(group):
    with open(f"{group}/cgroup.procs", "w") as members:
        members.write("0")


def control_groups():
    """BPF programs of control groups, and groups that the administrator names."""
    if not os.path.exists(f"{GROUPS}/cgroup.procs"):
        LIBC.mount(b"cgroup2", GROUPS.encode(), b"cgroup2", 0, None)
    group = f"{GROUPS}/case"
    os.makedirs(f"{group}/below", exist_ok=True)
    move_to(group)
    address, packet = 18, 8
    for family, (_, loopback) in FAMILIES.items():
        inet6 = family == "inet6"
        at = f"group/{family}"
        for kind in TYPES:
            server = listening(family) if kind == "tcp" else bound(family, kind)
            port = server.getsockname()[1]
            with Attached(group, address, 9 if inet6 else 8, answer(0)):
                case(f"{at}/{kind}/bind refused", lambda: new(family, kind).bind((loopback, 0)))
            with Attached(group, address, 9 if inet6 else 8, change_port(999)):
                sock = new(family, kind)
                case(f"{at}/{kind}/bind changed", lambda: sock.bind((loopback, 998)))
                case(f"{at}/{kind}/bind changed, name", lambda: sock.getsockname()[1])
                sock.close()
            with Attached(group, address, 9 if inet6 else 8, answer(3)):
                os.seteuid(1000)
                case(f"{at}/{kind}/bind without capability", lambda: new(family, kind).bind((loopback, 997)))
                os.seteuid(0)
            with Attached(group, address, 11 if inet6 else 10, answer(0)):
                case(f"{at}/{kind}/connect refused", lambda: new(family, kind).connect((loopback, port)))
            with Attached(group, address, 11 if inet6 else 10, change_port(port)):
                sock = new(family, kind)
                case(f"{at}/{kind}/connect changed", lambda: sock.connect((loopback, 1)))
                case(f"{at}/{kind}/connect changed, peer", lambda: sock.getpeername()[1] == port)
                with Attached(group, address, 30 if inet6 else 29, change_port(7)):
                    case(f"{at}/{kind}/peer changed", lambda: sock.getpeername()[1])
                with Attached(group, address, 32 if inet6 else 31, change_port(8)):
                    case(f"{at}/{kind}/name changed", lambda: sock.getsockname()[1])
            with Attached(group, packet, 1, answer(0)):
                sock = new(family, kind)
                sock.settimeout(MOMENT)
                # Packets of a connection are filtered as well: it waits in vain.
                case(f"{at}/{kind}/packets out", lambda: sock.sendto(b"x", (loopback, port)) if kind == "udp" else
                     sock.connect((loopback, port)))
            close_all()
        server, client = bound(family, "udp"), bound(family, "udp")
        port = server.getsockname()[1]
        with Attached(group, address, 15 if inet6 else 14, answer(0)):
            case(f"{at}/send refused", lambda: client.sendto(b"x", (loopback, port)))
        with Attached(group, address, 15 if inet6 else 14, change_port(port)):
            case(f"{at}/send changed", lambda: client.sendto(b"x", (loopback, 1)))
        case(f"{at}/send changed, arrives", lambda: server.recv(10))
        client.sendto(b"x", (loopback, port))
        with Attached(group, address, 20 if inet6 else 19, change_port(7)):
            case(f"{at}/receive changed", lambda: server.recvfrom(10)[1][1])
        close_all()
        # A control group that is named has the guest's own sockets, which do not reach outsourced ones.
        server = listening(family)
        if os.path.exists(NATIVE):
            with open(NATIVE, "w") as native:
                native.write("/other,/case/below\n")
        case(f"{at}/listed/not itself", lambda: new(family, "tcp").connect(server.getsockname()))
        move_to(f"{group}/below")
        own = listening(family)
        case(f"{at}/listed/to its own", lambda: new(family, "tcp").connect(own.getsockname()))
        case(f"{at}/listed/to another", lambda: new(family, "tcp").connect(server.getsockname()))
        move_to(group)
        case(f"{at}/listed/from another", lambda: new(family, "tcp").connect(own.getsockname()))
        close_all()


def handed_over():
    """A socket that a program gives to the kernel, which then uses it directly."""
    numbers = struct.pack("IIIII", 15, 4, 4, 1, 0)
    for family in FAMILIES:
        for kind in TYPES:
            one, other = pair(family, kind)
            sockmap = bpf(0, numbers)
            key, value = ctypes.c_uint32(0), ctypes.c_uint32(one.fileno())
            update = struct.pack("IIQQQ", sockmap, 0, ctypes.addressof(key), ctypes.addressof(value), 0)
            case(f"handed over/{family}/{kind}/sockmap", lambda: bpf(2, update))
            case(f"handed over/{family}/{kind}/sockmap, sends", lambda: one.send(b"x"))
            case(f"handed over/{family}/{kind}/sockmap, arrives", lambda: other.recv(10))
            os.close(sockmap)
            close_all()


# It bounds SO_RCVLOWAT, and depends on the memory of the machine otherwise.
with open("/proc/sys/net/ipv4/tcp_rmem", "w") as limits:
    limits.write("4096 131072 4194304")
resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
for part in (errors, effects, messages, readiness, sharing, waiting, interfaces, users, control_groups, handed_over, options):
    part()
    close_all()
sys.stdout.flush()
