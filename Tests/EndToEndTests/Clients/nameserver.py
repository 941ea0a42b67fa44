"""A name server that says hello: a TXT record for whatever is asked, over UDP and TCP. It notes each question in --log.

Names below `long.` get an answer that only fits TCP."""

import argparse, socket, struct, threading

options = argparse.ArgumentParser()
options.add_argument("--log", required=True)
options.add_argument("--address", required=True)


def answer(question, log, limit):
    index, labels = 12, []
    while question[index]:
        labels.append(question[index + 1 : index + 1 + question[index]].decode())
        index += 1 + question[index]
    end = index + 5
    kind = struct.unpack(">H", question[index + 1 : index + 3])[0]
    with open(log, "a") as file:
        file.write(f"{'.'.join(labels)} {kind}\n")
    text = b"hello" * (40 if labels[0] == "long" else 1)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 16, 1, 300, len(text) + 1) + bytes([len(text)]) + text
    records = record * (8 if labels[0] == "long" else 1)
    head = question[:2] + b"\x81\x80" + struct.pack(">HHHH", 1, len(records) // len(record), 0, 0)
    whole = head + question[12:end] + records
    if len(whole) <= limit:
        return whole
    return question[:2] + b"\x83\x80" + struct.pack(">HHHH", 1, 0, 0, 0) + question[12:end]


def converse(stream, log):
    with stream:
        length = struct.unpack(">H", stream.recv(2))[0]
        said = answer(stream.recv(length), log, 65535)
        stream.sendall(struct.pack(">H", len(said)) + said)


def listen(listener, log):
    while True:
        threading.Thread(target=converse, args=(listener.accept()[0], log), daemon=True).start()


given = options.parse_args()
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.bind((given.address, 53))
listener = socket.create_server((given.address, 53))
threading.Thread(target=listen, args=(listener, given.log), daemon=True).start()
print(53, flush=True)
while True:
    question, peer = datagrams.recvfrom(4096)
    datagrams.sendto(answer(question, given.log, 1232), peer)
