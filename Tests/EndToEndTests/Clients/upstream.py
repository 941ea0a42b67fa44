"""An upstream that says what reached it: one line of JSON in --log for each request, before it answers.

It listens on a port that the kernel chooses and prints it. What it answers is in the path:
/echo                what was sent, as JSON
/bytes/N /chunked/N  N bytes, with a length or in chunks
/status/N            that status, without content
/stall               nothing until the --release file is there, or the connection has gone
/cut                 half an answer
/slow                half an answer, and the other half a little later
/drop                no answer, and the end of the connection
/until-close         an answer whose end is the connection's
/goodbye             an answer, and an end of the connection that nobody announced
/early               403 before the body was read, and the end of the connection
/interim             103 before the answer
/git/…               a repository with one branch, for git's dumb protocol
/liar                fields that an upstream may not say to an agent
"""

import argparse, hashlib, http.server, json, os, select, socket, ssl, threading, time

options = argparse.ArgumentParser()
options.add_argument("--log", required=True)
options.add_argument("--release", default="")
options.add_argument("--certificate")
options.add_argument("--key")
options.add_argument("--port", type=int, default=0)
options.add_argument("--address", default="127.0.0.1")
options.add_argument("--clients", help="a root that clients must have a certificate of")


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    lock = threading.Lock()
    count = 0

    def log_message(self, *_):
        pass

    def content(self):
        if self.headers.get("Transfer-Encoding"):
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("half a request is none")
        return body

    def note(self, body):
        seen = {
            "method": self.command,
            "path": self.path,
            "fields": [[name.lower(), value] for name, value in self.headers.items()],
            "length": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "begins": body[:100].decode("latin-1"),
            "port": self.client_address[1],
            "process": os.getpid(),
            "at": time.monotonic_ns(),
        }
        with self.lock, open(self.server.log, "a") as log:
            Upstream.count += 1
            seen["number"] = Upstream.count
            log.write(json.dumps(seen) + "\n")
        return seen

    def answer(self, status, body=b"", content_type="application/json", **fields):
        self.send_response(status)
        if body or status not in (204, 304):
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do(self):
        kind, _, rest = self.path.split("?")[0][1:].partition("/")
        if kind == "early":
            self.note(b"")
            self.answer(403, b"enough")
            self.close_connection = True
            return
        seen = self.note(self.content())
        if kind == "bytes":
            self.answer(200, pattern(int(rest)), "application/octet-stream")
        elif kind == "chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            body = pattern(int(rest))
            for start in range(0, len(body), 70_000):
                piece = body[start : start + 70_000]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        elif kind == "status":
            self.answer(int(rest), ETag='"abc"')
        elif kind == "stall":
            while not os.path.exists(self.server.release):
                if select.select([self.connection], [], [], 0.01)[0]:
                    self.close_connection = True
                    return
            self.answer(200, json.dumps(seen).encode())
        elif kind == "slow":
            body = json.dumps(seen).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            time.sleep(0.08)
            self.wfile.write(body[len(body) // 2 :])
        elif kind == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"only half of it")
            self.close_connection = True
        elif kind == "until-close":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(pattern(100_000))
            self.close_connection = True
        elif kind == "goodbye":
            self.answer(200, json.dumps(seen).encode())
            self.close_connection = True
        elif kind == "interim":
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n")
            self.answer(200, json.dumps(seen).encode())
        elif kind == "git":
            refs = b"ref: refs/heads/main\n" if rest == "HEAD" else b"1" * 40 + b"\trefs/heads/main\n"
            self.answer(200, refs, "text/plain")
        elif kind == "drop":
            self.close_connection = True
        elif kind == "liar":
            self.answer(
                200, b"{}", Tiergate_Hold="h_000000000000", Alt_Svc='h3=":443"', Connection="X-Hop", X_Hop="1", X_End="2"
            )
        else:
            self.answer(200, json.dumps(seen).encode())

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do


def pattern(length):
    block = bytes(range(251))
    return (block * (length // len(block) + 1))[:length]


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    context = None

    def handle_error(self, *_):
        """An agent that hangs up is no news."""

    def finish_request(self, request, client_address):
        # In the connection's own thread: a handshake that hangs keeps nobody else waiting.
        if self.context:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)
        if self.context:
            request.unwrap()


def serve(handler):
    given = options.parse_args()
    if ":" in given.address:
        Server.address_family = socket.AF_INET6
    server = Server((given.address, given.port), handler)
    server.log, server.release = given.log, given.release
    if given.certificate:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(given.certificate, given.key)
        if given.clients:
            server.context.verify_mode = ssl.CERT_REQUIRED
            server.context.load_verify_locations(given.clients)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(Upstream)
