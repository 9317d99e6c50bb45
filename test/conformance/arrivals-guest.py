#!/usr/bin/python3
"""Messages that come from outside to a guest that is idle: each case, and what came of it.

Runs once with native sockets and once with outsourced ones, for which a message may come with its event;
arrivals.test.ts compares the two. arrivals-outside.py sends, when it is told to.
"""

import array
import errno
import fcntl
import os
import select
import socket
import struct
import sys
import threading
import time

SIOCINQ = 0x541B
# So that the guest is idle when the message comes.
DELAY = 40

for _ in range(600):
    try:
        control = socket.create_connection((os.environ["OUTSIDE_ADDRESS"], 9000), timeout=5)
        break
    except OSError:
        time.sleep(0.1)
control.settimeout(60)
control.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
answers = control.makefile("r")
next_port = iter(range(10000, 20000))


def tell(command):
    control.sendall(f"{command}\n".encode())


def ask(command):
    tell(command)
    return answers.readline().strip()


def later(command, delay=DELAY):
    tell(f"later {delay} {command}")


def pattern(size):
    return bytes(i % 251 for i in range(size))


def shown(data):
    """Bytes as their number, if they are those that were sent."""
    return f"{len(data)}" if data == pattern(len(data)) else f"{len(data)} other bytes: {data[:20].hex()}"


def attempt(call):
    try:
        result = call()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    return shown(result) if isinstance(result, bytes) else str(result)


def case(name, call):
    tell(f"report {name} | {attempt(call)}".replace("\n", " "))


def wait_at_most(sock, seconds):
    """Not settimeout(), with which a socket never blocks itself."""
    whole = int(seconds)
    timeval = struct.pack("ll", whole, int((seconds - whole) * 1e6))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval)


def udp():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    port = next(next_port)
    sock.bind(("0.0.0.0", port))
    wait_at_most(sock, 5)
    return sock, port


def stream():
    """A connection from outside, and the name by which it is known there."""
    port = next(next_port)
    server = socket.create_server(("0.0.0.0", port))
    tell(f"connect {port} {port}")
    sock, _ = server.accept()
    server.close()
    wait_at_most(sock, 5)
    return sock, str(port)


def inq(sock):
    value = array.array("i", [0])
    fcntl.ioctl(sock, SIOCINQ, value)
    return value[0]


def wait_for(sock, events=select.POLLIN, ms=5000):
    poller = select.poll()
    poller.register(sock, events)
    found = poller.poll(ms)
    return found[0][1] if found else 0


def pause():
    time.sleep(2 * DELAY / 1000)


def datagrams():
    sock, port = udp()
    for size in (0, 1, 64, 1400, 2048, 2049, 4000, 60000):
        later(f"udp {port} {size}")
        case(f"udp/recv {size}", lambda: sock.recv(65535))
    later(f"udp {port} 64")
    case("udp/address", lambda: sock.recvfrom(100)[1] == (os.environ["OUTSIDE_ADDRESS"], 9001))
    later(f"udp {port} 64 3")
    case("udp/short buffer", lambda: sock.recv(10))
    case("udp/short buffer, the next one", lambda: sock.recv(10))
    later(f"udp {port} 64 3")
    case("udp/MSG_TRUNC", lambda: sock.recv_into(bytearray(10), 10, socket.MSG_TRUNC))
    case("udp/MSG_TRUNC, the next one", lambda: sock.recv(10))
    later(f"udp {port} 64")
    case("udp/truncated, flags", lambda: sock.recvmsg(10)[2] & socket.MSG_TRUNC)
    later(f"udp {port} 64")
    case("udp/MSG_PEEK", lambda: sock.recv(10, socket.MSG_PEEK))
    case("udp/MSG_PEEK, again", lambda: sock.recv(100, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    case("udp/MSG_PEEK, then recv", lambda: sock.recv(100))
    case("udp/MSG_PEEK, then nothing", lambda: sock.recv(100, socket.MSG_DONTWAIT))
    later(f"udp {port} 64 7 9")
    case("udp/poll", lambda: wait_for(sock))
    pause()
    case("udp/SIOCINQ", lambda: inq(sock))
    case("udp/recv after SIOCINQ", lambda: sock.recv(100))
    case("udp/SIOCINQ of the second", lambda: inq(sock))
    case("udp/second", lambda: sock.recv(100))
    case("udp/third", lambda: sock.recv(100))
    case("udp/poll without anything", lambda: wait_for(sock, ms=0))
    case("udp/SIOCINQ without anything", lambda: inq(sock))
    later(f"udp {port} 64")
    case("udp/poll for both", lambda: wait_for(sock, select.POLLIN | select.POLLOUT))
    case("udp/poll for IN, RDHUP, PRI", lambda: wait_for(sock, select.POLLIN | select.POLLRDHUP | select.POLLPRI))
    case("udp/poll again", lambda: wait_for(sock, ms=0))
    case("udp/recv after poll", lambda: sock.recv(100))
    wait_at_most(sock, DELAY / 4000)
    later(f"udp {port} 64")
    case("udp/timeout", lambda: sock.recv(100))
    wait_at_most(sock, 5)
    case("udp/after the timeout", lambda: sock.recv(100))
    later(f"udp {port} 64")
    pause()
    sock.close()
    sock, port = udp()
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
    sock.setsockopt(socket.IPPROTO_IP, 8, 1)
    sock.setsockopt(socket.SOL_SOCKET, 29, 1)
    later(f"udp {port} 64")
    case("udp/ancillary data", lambda: sorted((level, kind, len(data)) for level, kind, data in sock.recvmsg(100, 500)[1]))
    later(f"udp {port} 64")
    pause()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 100)
    case("udp/low-water mark after it came", lambda: sock.recv(100))
    sock.close()


def many_datagrams():
    for name, mode in (("level", 0), ("edge", select.EPOLLET), ("one shot", select.EPOLLONESHOT)):
        sock, port = udp()
        sock.setblocking(False)
        poller = select.epoll()
        poller.register(sock, select.EPOLLIN | mode)
        got = []
        for burst in range(12):
            later(f"udp {port} " + " ".join(str(3 * burst + 1 + i) for i in range(1 + burst % 3)), delay=DELAY // 2)
            while len(got) < sum(1 + b % 3 for b in range(burst + 1)):
                if not poller.poll(5):
                    got.append("lost")
                    break
                while (data := attempt(lambda: sock.recv(100))) != "EAGAIN":
                    got.append(data)
                    if name == "level":
                        break
                if name == "one shot":
                    poller.modify(sock, select.EPOLLIN | mode)
        case(f"udp/epoll, {name}", lambda: got)
        case(f"udp/epoll, {name}, nothing left", lambda: poller.poll(0))
        sock.close()
    sock, port = udp()
    got = []

    def receive():
        while (data := attempt(lambda: sock.recv(100))) != "1":
            got.append(data)
        later(f"udp {port} 1", delay=1)

    threads = [threading.Thread(target=receive) for _ in range(3)]
    for thread in threads:
        thread.start()
    for size in range(2, 30):
        later(f"udp {port} {size}", delay=5)
        time.sleep(0.01)
    later(f"udp {port} 1")
    for thread in threads:
        thread.join(20)
    case("udp/three threads", lambda: sorted(got, key=int) == [str(size) for size in range(2, 30)])
    sock.close()


def several_sockets():
    slow, slow_port = udp()
    others = [udp() for _ in range(4)]
    later(f"udp {slow_port} 64")
    case("several/poll the slow one", lambda: wait_for(slow))
    for turn in range(3):
        for sock, port in others:
            later(f"udp {port} {10 + turn}", delay=DELAY // 2)
            case(f"several/turn {turn}", lambda: sock.recv(100))
    later(f"udp {slow_port} 65")
    pause()
    for sock, port in others:
        later(f"udp {port} 20", delay=DELAY // 2)
        case("several/after a second one for the slow", lambda: sock.recv(100))
    case("several/the slow one is readable", lambda: wait_for(slow, ms=0))
    case("several/its first", lambda: slow.recv(100))
    case("several/its second", lambda: slow.recv(100))
    case("several/its third", lambda: slow.recv(100, socket.MSG_DONTWAIT))
    later(f"udp {slow_port} 66")
    case("several/it waits again", lambda: slow.recv(100))
    for sock, _ in others:
        sock.close()
    slow.close()


def streams():
    sock, name = stream()
    for size in (1, 64, 1400, 2048, 2049, 5000, 100000, 64):
        later(f"send {name} {size}")
        case(f"tcp/MSG_WAITALL {size}", lambda: sock.recv(size, socket.MSG_WAITALL))
    later(f"send {name} 100")
    wait_for(sock)
    parts = [sock.recv(30) for _ in range(4)]
    case("tcp/in parts", lambda: b"".join(parts))
    case("tcp/in parts, their sizes", lambda: [len(part) for part in parts])
    case("tcp/then nothing", lambda: sock.recv(10, socket.MSG_DONTWAIT))
    later(f"send {name} 5")
    case("tcp/MSG_PEEK", lambda: sock.recv(10, socket.MSG_PEEK))
    case("tcp/SIOCINQ", lambda: inq(sock))
    later(f"send {name} 6")
    pause()
    case("tcp/MSG_PEEK of both", lambda: len(sock.recv(20, socket.MSG_PEEK)))
    case("tcp/SIOCINQ of both", lambda: inq(sock))
    case("tcp/part of the first", lambda: len(sock.recv(3)))
    case("tcp/SIOCINQ of the rest", lambda: inq(sock))
    case("tcp/MSG_PEEK of the rest", lambda: len(sock.recv(20, socket.MSG_PEEK)))
    case("tcp/the rest", lambda: len(sock.recv(20)))
    later(f"send {name} 40")
    case("tcp/MSG_TRUNC", lambda: sock.recv_into(bytearray(100), 30, socket.MSG_TRUNC))
    case("tcp/behind MSG_TRUNC", lambda: len(sock.recv(100)))
    poller = select.epoll()
    poller.register(sock, select.EPOLLIN | select.EPOLLET | select.EPOLLRDHUP)
    poller.poll(0)
    later(f"send {name} 5")
    pause()
    later(f"send {name} 5")
    pause()
    case("tcp/edge", lambda: [events for _, events in poller.poll(5)])
    case("tcp/edge, both parts", lambda: len(sock.recv(100)))
    case("tcp/edge, no other", lambda: poller.poll(0))
    later(f"send {name} 7")
    case("tcp/edge, next", lambda: [events for _, events in poller.poll(5)])
    later(f"send {name} 8")
    pause()
    case("tcp/edge, one more", lambda: [events for _, events in poller.poll(0)])
    case("tcp/edge, both", lambda: len(sock.recv(100)))
    poller.close()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 10)
    later(f"send {name} 5")
    case("tcp/low-water mark, too little", lambda: wait_for(sock, ms=3 * DELAY))
    later(f"send {name} 5")
    case("tcp/low-water mark, enough", lambda: wait_for(sock))
    case("tcp/low-water mark, recv", lambda: len(sock.recv(100)))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
    later(f"send {name} 5")
    pause()
    tell(f"urgent {name}")
    pause()
    case("tcp/before urgent data", lambda: sock.recv(100))
    case("tcp/urgent data", lambda: sock.recv(10, socket.MSG_OOB))
    later(f"send {name} 5")
    later(f"finish {name}", delay=DELAY + 5)
    case("tcp/last data", lambda: sock.recv(100))
    case("tcp/end", lambda: sock.recv(100))
    case("tcp/end again", lambda: wait_for(sock, select.POLLIN | select.POLLRDHUP))
    sock.close()


def ends_of_streams():
    for name_of_case, taken in (("unread", 0), ("partly read", 5), ("read", 64)):
        sock, name = stream()
        later(f"send {name} 64")
        wait_for(sock)
        if taken:
            sock.recv(taken)
        sock.close()
        case(f"end/{name_of_case}", lambda: ask(f"end-of {name}"))
    sock, name = stream()
    other, other_name = stream()
    later(f"send {name} 64")
    wait_for(sock)
    later(f"send {other_name} 64")
    case("end/other stream", lambda: other.recv(100))
    later(f"send {other_name} 64")
    case("end/other stream again", lambda: other.recv(100))
    sock.close()
    case("end/unread for long", lambda: ask(f"end-of {name}"))
    later(f"send {other_name} 64")
    pause()
    tell(f"reset {other_name}")
    pause()
    case("end/data before a reset", lambda: other.recv(100))
    case("end/the reset", lambda: other.recv(100))
    case("end/after the reset", lambda: other.recv(100))
    other.close()
    sock, name = stream()
    later(f"send {name} 64")
    pause()
    sock.shutdown(socket.SHUT_RD)
    case("end/shut down, data", lambda: sock.recv(100))
    case("end/shut down, then", lambda: sock.recv(100))
    sock.close()
    sock, name = stream()
    later(f"send {name} 64")
    pause()
    child = os.fork()
    if not child:
        os._exit(len(sock.recv(10)))
    case("end/a child reads", lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    case("end/its parent reads", lambda: len(sock.recv(100)))
    sock.close()


for part in (datagrams, many_datagrams, several_sockets, streams, ends_of_streams):
    part()
ask("sync")
tell("quit")
sys.exit(0)
