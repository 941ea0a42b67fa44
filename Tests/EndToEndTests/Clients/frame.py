"""Writes a datagram to port 9999 of the world as a frame of its own making, past everything but the last hook. Arguments: the
interface, and the hardware address of the other end."""

import socket, struct, sys

interface, other = sys.argv[1], bytes.fromhex(sys.argv[2].replace(":", ""))
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind((interface, 0))
own = link.getsockname()[4]
data = b"x" * 20
udp = struct.pack(">HHHH", 4444, 9999, 8 + len(data), 0) + data
head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton("10.99.0.2"), socket.inet_aton("10.99.0.1"))
total = sum(struct.unpack(">10H", head))
total = (total & 0xFFFF) + (total >> 16)
head = head[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xFFFF) + head[12:]
print(link.send(other + own + b"\x08\x00" + head + udp))
