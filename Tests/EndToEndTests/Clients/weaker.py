"""What a program without namespaces tries: prints how each try ended, as JSON.

weaker.py HOST-PORT HIDDEN-FILE UNIX-SOCKET: a port of this machine that must not be reached, and what must not be opened."""

import ctypes, errno, json, os, socket, struct, sys, threading

port, hidden, path = int(sys.argv[1]), sys.argv[2], sys.argv[3]
results = {}


def tried(name, attempt):
    try:
        results[name] = str(attempt())
    except OSError as error:
        results[name] = errno.errorcode.get(error.errno, type(error).__name__) if error.errno else type(error).__name__


def ask(family, address, number, **options):
    """The first line of whatever answers there."""
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(15)
        for level, option, value in options.get("set", []):
            connection.setsockopt(level, option, value)
        if "source" in options:
            connection.bind(options["source"])
        if "blocking" in options:
            # settimeout makes it non-blocking below.
            connection.setblocking(True)
        connection.connect((address, number))
        connection.sendall(b"GET / HTTP/1.1\r\nHost: raw.example\r\nConnection: close\r\n\r\n")
        return connection.recv(4096).split(b"\r\n")[0].decode(errors="replace")[:12]


four, six = socket.AF_INET, socket.AF_INET6
tried("tcp-4", lambda: ask(four, "192.0.2.7", 80))
tried("tcp-6", lambda: ask(six, "2001:db8::7", 80))
tried("tcp-mapped", lambda: ask(six, "::ffff:192.0.2.7", 80))
tried("tcp-odd-port", lambda: ask(four, "192.0.2.7", 61234))
tried("tcp-blocking", lambda: ask(four, "192.0.2.7", 80, blocking=True))
tried("tcp-bound", lambda: ask(four, "192.0.2.7", 80, source=("0.0.0.0", 0)))
tried("tcp-late-port", lambda: ask(four, "192.0.2.7", 80, set=[(socket.IPPROTO_IP, 24, 1)]))
tried("tcp-deferred", lambda: ask(four, "192.0.2.7", 80, set=[(socket.IPPROTO_TCP, 30, 1)]))
tried("tcp-source-route", lambda: ask(
    four, "192.0.2.7", 80, set=[(socket.IPPROTO_IP, socket.IP_OPTIONS, b"\x83\x07\x04\x7f\x00\x00\x01\x00")]))
tried("loopback-4", lambda: ask(four, "127.0.0.1", port))
tried("loopback-6", lambda: ask(six, "::1", port))
tried("loopback-any", lambda: ask(four, "0.0.0.0", port))
tried("loopback-mapped", lambda: ask(six, "::ffff:127.0.0.1", port))


def unsent(family, kind, protocol, to, flags=0, message=False):
    with socket.socket(family, kind, protocol) as sender:
        sent = sender.sendmsg([b"?"], [], flags, to) if message else sender.sendto(b"?", flags, to)
        return f"sent {sent}"


tried("udp-4", lambda: unsent(four, socket.SOCK_DGRAM, 0, ("127.0.0.1", port)))
tried("udp-6", lambda: unsent(six, socket.SOCK_DGRAM, 0, ("::1", port)))
tried("udp-names", lambda: unsent(four, socket.SOCK_DGRAM, 0, ("8.8.8.8", 53)))
tried("raw", lambda: unsent(four, socket.SOCK_RAW, 1, ("127.0.0.1", 0)))
tried("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3))
tried("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
tried("vsock", lambda: socket.socket(40, socket.SOCK_STREAM, 0))
tried("mptcp", lambda: socket.socket(four, socket.SOCK_STREAM, 262))
tried("sctp", lambda: socket.socket(four, socket.SOCK_STREAM, 132))
tried("fast-open", lambda: unsent(four, socket.SOCK_STREAM, 0, ("127.0.0.1", port), 0x20000000))
tried("fast-open-message", lambda: unsent(four, socket.SOCK_STREAM, 0, ("127.0.0.1", port), 0x20000000, True))
tried("unix", lambda: socket.socket(socket.AF_UNIX).connect(path))
tried("unix-abstract", lambda: socket.socket(socket.AF_UNIX).connect("\0tiergate"))
tried("unix-datagram", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
one, other = socket.socketpair()
tried("pair", lambda: one.send(b"x"))
tried("pair-datagram", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))


def ring():
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(425, 4, ctypes.create_string_buffer(120))
    if result < 0:
        raise OSError(ctypes.get_errno(), "io_uring_setup")
    return result


def listen(address):
    server = socket.socket(four)
    server.bind((address, 0))
    server.listen(1)
    return "listens"


tried("ring", ring)
tried("listen-everywhere", lambda: listen("0.0.0.0"))
tried("listen-here", lambda: listen("127.0.0.1"))
tried("listen-unbound", lambda: socket.socket(four).listen(1))
tried("hidden-file", lambda: open(hidden).read())
tried("hidden-write", lambda: open(hidden, "w").write("x"))
tried("hidden-truncate", lambda: os.truncate(hidden, 0))
tried("hidden-remove", lambda: os.remove(hidden))
tried("system-write", lambda: open("/etc/tiergate-was-here", "w"))
tried("gate-memory", lambda: open(f"/proc/{os.getppid()}/mem", "rb"))
tried("gate-environment", lambda: open(f"/proc/{os.getppid()}/environ", "rb").read())


def swap():
    """Another thread changes the address while it is looked at: whatever is connected to must be the gate."""
    libc = ctypes.CDLL(None, use_errno=True)
    outside = struct.pack("=H", four) + struct.pack("!H", 80) + socket.inet_aton("192.0.2.7") + bytes(8)
    inside = struct.pack("=H", four) + struct.pack("!H", port) + socket.inet_aton("127.0.0.1") + bytes(8)
    address = ctypes.create_string_buffer(outside, 16)
    done = []

    def change():
        while not done:
            ctypes.memmove(address, inside, 16)
            ctypes.memmove(address, outside, 16)

    thread = threading.Thread(target=change)
    thread.start()
    reached = 0
    try:
        for _ in range(100):
            with socket.socket(four) as connection:
                connection.settimeout(5)
                connection.setblocking(True)
                libc.connect(connection.fileno(), address, 16)
                try:
                    if connection.getpeername()[1] == port:
                        reached += 1
                except OSError:
                    pass
    finally:
        done.append(1)
        thread.join()
    return f"reached {reached}"


tried("swap", swap)


def children():
    """From processes and threads of all kinds, also one whose parent is gone."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        if os.fork() == 0:
            os.setsid()
            try:
                os.write(writer, ask(four, "192.0.2.7", 80).encode())
            except OSError as error:
                os.write(writer, errno.errorcode.get(error.errno, "?").encode())
            os._exit(0)
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(writer)
    return os.read(reader, 100).decode()


tried("orphan", children)
answers = []
threads = [threading.Thread(target=lambda: answers.append(ask(four, "192.0.2.7", 80))) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
results["threads"] = " ".join(sorted(set(answers))) + f" {len(answers)}"
print(json.dumps(results))
