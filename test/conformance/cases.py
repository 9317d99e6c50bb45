"""Socket calls of all kinds, and what came of each: a line `case<TAB>outcome`, the same in every run.

Runs in a guest, over the loopback interface, once with native sockets and once with outsourced ones;
conformance.test.ts compares the two. A case knows no right outcome: the native one is.
"""

import array
import errno
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


# It bounds SO_RCVLOWAT, and depends on the memory of the machine otherwise.
with open("/proc/sys/net/ipv4/tcp_rmem", "w") as limits:
    limits.write("4096 131072 4194304")
resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
for part in (errors, messages, readiness, sharing, options):
    part()
    close_all()
sys.stdout.flush()
