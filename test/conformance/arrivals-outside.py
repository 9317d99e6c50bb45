#!/usr/bin/python3
"""Does on the clients' side what arrivals-guest.py asks for, and prints what it reports.

A line is a command: `later MS COMMAND ...` is done MS milliseconds after it was read, any other at once.
"""

import os
import socket
import struct
import threading
import time

GUEST, OUTSIDE = os.environ["GUEST_ADDRESS"], os.environ["OUTSIDE_ADDRESS"]
control_server = socket.create_server((OUTSIDE, 9000))
control, _ = control_server.accept()
lines = control.makefile("r")
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind((OUTSIDE, 9001))
streams = {}


def pattern(size, start=0):
    return bytes((start + i) % 251 for i in range(size))


def end_of(name):
    """How the other side has ended a stream."""
    stream = streams[name]
    stream.settimeout(5)
    try:
        return "end" if stream.recv(10) == b"" else "data"
    except ConnectionResetError:
        return "reset"
    except TimeoutError:
        return "open"


def do(command, *words):
    if command == "udp":
        port, *sizes = map(int, words)
        for size in sizes:
            udp.sendto(pattern(size), (GUEST, port))
    elif command == "connect":
        streams[words[0]] = socket.create_connection((GUEST, int(words[1])))
        streams[words[0]].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    elif command == "send":
        for size in map(int, words[1:]):
            streams[words[0]].sendall(pattern(size))
    elif command == "urgent":
        streams[words[0]].send(b"!", socket.MSG_OOB)
    elif command == "finish":
        streams[words[0]].shutdown(socket.SHUT_WR)
    elif command == "reset":
        streams[words[0]].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        streams[words[0]].close()
    elif command == "end-of":
        control.sendall(f"{end_of(words[0])}\n".encode())
    elif command == "sync":
        control.sendall(b"done\n")
    elif command == "report":
        print("\t".join(" ".join(words).split(" | ")), flush=True)


for line in lines:
    command, *words = line.split()
    if command == "later":
        delay = int(words[0]) / 1000
        threading.Thread(target=lambda words=words: (time.sleep(delay), do(*words[1:])), daemon=True).start()
        # Only the delay is still read from here on.
        time.sleep(0.001)
    elif command == "quit":
        break
    else:
        do(command, *words)
