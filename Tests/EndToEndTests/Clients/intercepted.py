"""Tries, as an agent that knows of no gate, everything that leads outside, and says what became of each try, as one JSON
object. Arguments: the gate's certificate, and the address of the gate's own listener."""

import http.client, json, socket, ssl, struct, sys

AUTHORITY, OWN = sys.argv[1], sys.argv[2]
WORLD = {socket.AF_INET: "10.99.0.1", socket.AF_INET6: "fd99::1"}
results = {}


def attempt(name):
    def run(body):
        try:
            results[name] = body()
        except ssl.SSLError as error:
            results[name] = f"TLS {error.reason}"
        except OSError as error:
            results[name] = type(error).__name__ if error.errno is None else f"errno {error.errno}"

    return run


def address(name, family):
    return socket.getaddrinfo(name, 0, family, socket.SOCK_STREAM)[0][4][0]


def connect(host, port):
    # The gate's own port is no port at all where it cannot be reached.
    return socket.create_connection((host, port), timeout=2 if host == OWN else 15)


def secure(stream, name):
    context = ssl.create_default_context(cafile=AUTHORITY)
    context.check_hostname = name is not None
    return context.wrap_socket(stream, server_hostname=name)


def ask(stream, host, method="GET", path="/echo"):
    body = "Content-Length: 1\r\n\r\n1" if method == "POST" else "\r\n"
    host = f"Host: {host}\r\n" if host else ""
    stream.sendall(f"{method} {path} HTTP/1.1\r\n{host}Connection: close\r\n{body}".encode())
    answer = http.client.HTTPResponse(stream, method=method)
    answer.begin()
    return f"{answer.status} {json.loads(answer.read() or b'{}').get('reason', '')}".strip()


def rest(stream, said=b""):
    if said:
        stream.sendall(said)
    try:
        return repr(stream.recv(100))
    except ConnectionResetError:
        return "b''"


for family, number in ((socket.AF_INET, "4"), (socket.AF_INET6, "6")):
    world = WORLD[family]
    literal = world if number == "4" else f"[{world}]"
    attempt(f"https-{number}")(lambda: ask(secure(connect(address("api.test", family), 443), "api.test"), "api.test"))
    attempt(f"http-{number}")(lambda: ask(connect(address("plain.test", family), 8080), "plain.test:8080"))
    attempt(f"post-{number}")(lambda: ask(connect(address("plain.test", family), 8080), "plain.test:8080", "POST"))
    attempt(f"other-name-{number}")(
        lambda: ask(secure(connect(address("api.test", family), 443), "other.test"), "other.test"))
    attempt(f"other-host-{number}")(
        lambda: ask(secure(connect(address("api.test", family), 443), "api.test"), "other.test"))
    attempt(f"other-plain-host-{number}")(lambda: ask(connect(address("plain.test", family), 8080), "api.test:8080"))
    attempt(f"raw-named-{number}")(lambda: ask(secure(connect(world, 443), "api.test"), "api.test"))
    attempt(f"raw-host-{number}")(lambda: ask(connect(world, 8080), "plain.test:8080"))
    attempt(f"raw-unnamed-{number}")(lambda: ask(connect(world, 8080), f"{literal}:8080"))
    attempt(f"raw-unnamed-tls-{number}")(lambda: ask(secure(connect(world, 443), None), literal))
    attempt(f"foreign-{number}")(lambda: rest(connect(world, 5432), b"\0\0\0\x08\x04\xd2\x16\x2f"))
    attempt(f"silent-{number}")(lambda: rest(connect(world, 3306)))
    attempt(f"odd-port-{number}")(lambda: rest(connect(world, 22), b"SSH-2.0-agent\r\n")[:14])
    for port in (123, 443, 9999):
        def datagram():
            stream = socket.socket(family, socket.SOCK_DGRAM)
            stream.settimeout(1)
            stream.connect((world, port))
            stream.send(b"x")
            return stream.recv(10)
        attempt(f"udp-{port}-{number}")(lambda: "refused" if datagram() is None else "answered")

attempt("forgotten-address")(lambda: rest(connect("198.19.255.254", 8080), b"GET / HTTP/1.0\r\n\r\n")[:14])
attempt("connect-inside")(lambda: rest(connect(address("plain.test", socket.AF_INET), 8080), b"CONNECT a.test:443 HTTP/1.1\r\n\r\n")[:14])
attempt("own-port")(lambda: rest(connect(OWN, 15001), b"GET / HTTP/1.1\r\nHost: plain.test\r\n\r\n"))


# ---- Names


def question(name, kind, number=7):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)


def lookup(name, kind, server="8.8.8.8", family=socket.AF_INET):
    stream = socket.socket(family, socket.SOCK_DGRAM)
    stream.settimeout(5)
    stream.connect((server, 53))
    stream.send(question(name, kind))
    return stream.recv(4096)


def told(answer):
    flags, _, count = struct.unpack(">HHH", answer[2:8])
    return f"{flags & 15}{' cut' if flags & 0x200 else ''} {count}"


def pipelined():
    stream = connect("8.8.8.8", 53)
    asked = [question("api.test", 1, 1), question("long.test", 16, 2)]
    stream.sendall(b"".join(struct.pack(">H", len(one)) + one for one in asked))
    file = stream.makefile("rb")
    answers = [file.read(struct.unpack(">H", file.read(2))[0]) for _ in asked]
    return " ".join(f"{answer[1]}: {told(answer)}" for answer in answers)


attempt("names")(lambda: str(address("api.test", socket.AF_INET).startswith("198.1")))
attempt("names-stable")(
    lambda: str(address("api.test", socket.AF_INET) == socket.inet_ntoa(lookup("api.test", 1)[-4:])))
attempt("names-6")(lambda: told(lookup("api.test", 28, "2001:4860:4860::8888", socket.AF_INET6)))
attempt("names-blocked")(lambda: told(lookup("evil.test", 1)))
attempt("names-service")(lambda: told(lookup("api.test", 65)))
attempt("names-text")(lambda: str(lookup("hello.test", 16)[-5:]))
attempt("names-text-long")(lambda: told(lookup("long.test", 16)))
attempt("names-mail")(lambda: told(lookup("api.test", 15)))
attempt("names-tunnel")(lambda: told(lookup("mzxw6ytboi2dmnrugu3tcobzgaydqmrqgeytgna.tunnel.test", 1)))
attempt("names-tunnel-text")(lambda: told(lookup("mzxw6ytboi2dmnrugu3tcobzgaydqmrqgeytgna.tunnel.test", 16)))
attempt("names-localhost")(lambda: socket.inet_ntoa(lookup("localhost", 1)[-4:]))
attempt("names-back")(
    lambda: str(socket.gethostbyaddr(address("api.test", socket.AF_INET))[0]))
attempt("names-pipelined")(pipelined)
attempt("names-garbage")(lambda: told((lambda s: (s.settimeout(5), s.connect(("8.8.8.8", 53)), s.send(b"\1\2\1\0\0\2" + b"\0" * 6), s.recv(100))[-1])(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))))

print(json.dumps(results))
