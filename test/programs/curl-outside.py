#!/usr/bin/python3
"""Serves random bytes until a client sends a file; compares the two."""

import hashlib
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

data = os.urandom(2_000_000)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received = hashlib.sha256(body).digest()
        self.send_response(204)
        self.end_headers()


server = HTTPServer(("", 8000), Handler)
server.received = None
while server.received is None:
    server.handle_request()
same = server.received == hashlib.sha256(data).digest()
print(f"received what was sent: {same}")
