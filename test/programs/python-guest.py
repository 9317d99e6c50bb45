#!/usr/bin/python3
"""Echoes over TCP and UDP."""

import asyncio
import os

address = os.environ["GUEST_ADDRESS"]


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


class EchoDatagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


async def main():
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(EchoDatagrams, local_addr=(address, 7))
    server = await asyncio.start_server(echo, address, 7)
    await server.serve_forever()


asyncio.run(main())
