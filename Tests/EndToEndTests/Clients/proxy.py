"""An HTTP proxy for tests: CONNECT and absolute form, one line of JSON in --log for each request that it takes.

It listens on a port that the kernel chooses and prints it. Every name leads to the port of --to on this machine, as if the
proxy alone could resolve it. With --credentials user:password it wants them.
"""

import argparse, base64, http.client, http.server, json, select, socket, threading

options = argparse.ArgumentParser()
options.add_argument("--log", required=True)
options.add_argument("--to", type=int, required=True)
options.add_argument("--credentials")


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = threading.Lock()

    def log_message(self, *_):
        pass

    def is_known(self):
        given = self.server.given
        with self.lock, open(given.log, "a") as log:
            seen = {"method": self.command, "path": self.path, "fields": [n.lower() for n in self.headers]}
            log.write(json.dumps(seen) + "\n")
        if not given.credentials:
            return True
        wanted = "Basic " + base64.b64encode(given.credentials.encode()).decode()
        if self.headers.get("Proxy-Authorization") == wanted:
            return True
        self.send_response(407)
        self.send_header("Proxy-Authenticate", 'Basic realm="test"')
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def do_CONNECT(self):
        if not self.is_known():
            return
        upstream = socket.create_connection(("127.0.0.1", self.server.given.to))
        self.send_response_only(200, "Connection established")
        self.end_headers()
        ends = {self.connection: upstream, upstream: self.connection}
        while ready := select.select(list(ends), [], [])[0]:
            for end in ready:
                data = end.recv(65536)
                if not data:
                    self.close_connection = True
                    upstream.close()
                    return
                ends[end].sendall(data)

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.is_known():
            return
        path = self.path.removeprefix("http://").partition("/")[2]
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.given.to)
        fields = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
        upstream.request(self.command, "/" + path, body, fields)
        answer = upstream.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = do


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A gate that hangs up is no news."""


server = Server(("127.0.0.1", 0), Proxy)
server.given = options.parse_args()
print(server.server_address[1], flush=True)
server.serve_forever()
