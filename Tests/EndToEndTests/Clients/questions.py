"""questions.py ADDRESS LOG: notes each question that comes to port 53 of the address, and answers that there is no such name."""

import socket, sys

link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.bind((sys.argv[1], 53))
print("ready", flush=True)
with open(sys.argv[2], "ab", buffering=0) as log:
    while True:
        message, peer = link.recvfrom(4096)
        log.write(message[12:].hex().encode() + b"\n")
        link.sendto(message[:2] + b"\x81\x83" + message[4:6] + b"\0" * 6 + message[12:], peer)
