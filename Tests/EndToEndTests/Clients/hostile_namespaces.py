"""A program that makes namespaces as fast as it can, each in the last, and looks in each for a way out.

hostile_namespaces.py PORT: a service outside is at that port of 127.0.0.1 and of every other address."""

import ctypes, os, signal, socket, sys, time

libc = ctypes.CDLL(None, use_errno=True)
USER, NET, MOUNT, PID = 0x10000000, 0x40000000, 0x20000, 0x20000000
port = int(sys.argv[1])
made, reached = os.memfd_create("made"), os.memfd_create("reached")
end = time.monotonic() + 3


def look():
    for host in "127.0.0.1", "192.0.2.7", "10.0.0.1":
        try:
            with socket.create_connection((host, port), timeout=0.2) as connection:
                connection.settimeout(0.2)
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                # The gate's refusals are no way out; the service's own word is.
                if b"Server: BaseHTTP" in connection.recv(4096):
                    os.write(reached, b"x")
        except OSError:
            pass
    libc.umount2(b"/tmp", 2)
    libc.umount2(b"/etc/resolv.conf", 2)


def dig(depth):
    while time.monotonic() < end:
        child = os.fork()
        if child == 0:
            signal.alarm(10)
            if libc.unshare(USER | NET | MOUNT | PID) == 0:
                os.write(made, b"x")
                look()
                if depth < 40:
                    dig(depth + 1)
            elif libc.unshare(USER) == 0:
                os.write(made, b"x")
                dig(depth + 1)
            os._exit(0)
        os.waitpid(child, 0)


for _ in range(4):
    if os.fork() == 0:
        dig(0)
        os._exit(0)
for _ in range(4):
    os.wait()
print("made", os.fstat(made).st_size, "reached", os.fstat(reached).st_size)
