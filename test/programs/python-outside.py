#!/usr/bin/python3
"""Sends to an echo server, over many TCP connections and UDP sockets at once, and counts what comes back."""

import asyncio
import os
import random
import socket

address = (os.environ["GUEST_ADDRESS"], 7)
clients = 20
messages = 50


async def until_server_listens():
    while True:
        try:
            _, writer = await asyncio.open_connection(*address)
            writer.close()
            return
        except ConnectionRefusedError:
            await asyncio.sleep(0.1)


async def tcp_client(seed):
    sizes = random.Random(seed)
    reader, writer = await asyncio.open_connection(*address)
    echoed = 0
    for _ in range(messages):
        message = os.urandom(sizes.randint(1, 20_000))
        writer.write(message)
        echoed += await reader.readexactly(len(message)) == message
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    return echoed


async def udp_client(seed):
    loop = asyncio.get_running_loop()
    sizes = random.Random(seed)
    echoed = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.connect(address)
        for _ in range(messages):
            message = os.urandom(sizes.randint(0, 1400))
            await loop.sock_sendall(client, message)
            answer = await asyncio.wait_for(loop.sock_recv(client, 65536), 60)
            echoed += answer == message
    return echoed


async def main():
    await until_server_listens()
    for name, client in ("tcp", tcp_client), ("udp", udp_client):
        echoed = await asyncio.gather(*(client(seed) for seed in range(clients)))
        print(f"{name}: {sum(echoed)} of {clients * messages}")


asyncio.run(main())
