"""Two programs in jails of their own that share a directory, and hand each other what they have of descriptors.

hostile_descriptors.py take|give DIRECTORY PORT: a service outside is at that port of 127.0.0.1."""

import array, ctypes, os, socket, sys, time

role, directory, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
path = f"{directory}/smuggle"
libc = ctypes.CDLL(None, use_errno=True)


def speaks(connection):
    try:
        connection.settimeout(2)
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return b"Server: BaseHTTP" in connection.recv(4096)
    except OSError:
        return False


# Made once both run: what is there when a jail begins is masked in it.
both = f"{directory}/both"
if role == "take":
    end = time.monotonic() + 60
    while not os.path.exists(both) and time.monotonic() < end:
        time.sleep(0.05)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path + ".new")
    listener.listen()
    os.rename(path + ".new", path)
    listener.settimeout(60)
    peer, _ = listener.accept()
    _, extra, _, _ = peer.recvmsg(16, socket.CMSG_SPACE(16 * 4))
    taken = array.array("i")
    for _, _, data in extra:
        taken.frombytes(data[: len(data) // 4 * 4])
    plain, network, users, root, init = taken[:5]
    print("taken", len(taken))
    for name, space in ("network", network), ("users", users):
        print("joined", name, libc.setns(space, 0) == 0)
    with socket.socket(fileno=plain) as connection:
        try:
            connection.settimeout(3)
            connection.connect(("127.0.0.1", port))
            print("reached", speaks(connection))
        except OSError:
            print("reached", False)
    def opens(way):
        try:
            os.close(os.open(way, os.O_RDONLY, dir_fd=root))
            return True
        except OSError:
            return False
    print("escaped", any(opens("../" * 12 + way) for way in (sys.argv[4].lstrip("/"), "dev/kmsg", "etc/shadow")))
    print("done")
else:
    open(both, "w").close()
    end = time.monotonic() + 60
    carrier = socket.socket(socket.AF_UNIX)
    while carrier.connect_ex(path) != 0:
        if time.monotonic() > end:
            sys.exit("nobody takes")
        time.sleep(0.05)
    mine = [
        socket.socket().detach(), os.open("/proc/self/ns/net", os.O_RDONLY), os.open("/proc/self/ns/user", os.O_RDONLY),
        os.open("/", os.O_RDONLY | os.O_DIRECTORY), os.pidfd_open(1),
    ]
    carrier.sendmsg([b"take these"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", mine))])
    time.sleep(3)
