"""Opens a tunnel for every combination of names that an agent may give in CONNECT, its Host field, the client hello and
the request inside, and says how each was answered, one JSON line each. Its argument is the gate's port."""

import itertools
import json
import socket
import ssl
import sys

GATE = ("127.0.0.1", int(sys.argv[1]))
# Who is spoken to is the gate, under whatever name: its certificate is looked at elsewhere.
TRUSTING = ssl.create_default_context()
TRUSTING.check_hostname = False
TRUSTING.verify_mode = ssl.CERT_NONE


def head(stream):
    text = b""
    while not text.endswith(b"\r\n\r\n"):
        byte = stream.recv(1)
        if not byte:
            break
        text += byte
    return int(text.split(b" ")[1]) if text.count(b" ") else 0


def ask(target, field, name, host):
    with socket.create_connection(GATE, timeout=20) as stream:
        lines = f"Host: {field}\r\n" if field else ""
        stream.sendall(f"CONNECT {target} HTTP/1.1\r\n{lines}\r\n".encode())
        status = head(stream)
        if status != 200:
            return status
        with TRUSTING.wrap_socket(stream, server_hostname=name) as tunnel:
            where, host = ("/echo", host) if "/" not in host else (host, "api.test")
            tunnel.sendall(f"GET {where} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            return head(tunnel)


targets = ["api.test:443", "other.test:443", "api.test:8443"]
fields = ["api.test:443", "api.test", "other.test:443", "other.test", "api.test:8443", None]
names = ["api.test", "other.test", "API.test", None]
hosts = ["api.test", "other.test", "api.test:443", "api.test:8443", "https://api.test/echo"]
for target, field, name, host in itertools.product(targets, fields, names, hosts):
    print(json.dumps([target, field, name, host, ask(target, field, name, host)]))
