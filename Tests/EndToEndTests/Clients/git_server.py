"""The same upstream with a repository that can be pushed to under /pushed.git, by git's own CGI program.

It is a bare repository beside --log.
"""

import os, subprocess

import upstream

SETTINGS = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.receivepack", "GIT_CONFIG_VALUE_0": "true"}


class Git(upstream.Upstream):
    def do(self):
        if not self.path.startswith("/pushed.git/"):
            return super().do()
        body = self.content()
        self.note(body)
        path, _, query = self.path.partition("?")
        ended = subprocess.run(
            ["git", "http-backend"],
            input=body,
            stdout=subprocess.PIPE,
            check=True,
            env=SETTINGS
            | {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": os.path.dirname(self.server.log),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "REMOTE_ADDR": self.client_address[0],
            },
        )
        head, _, answer = ended.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(fields.pop("Status", "200").split()[0])
        self.answer(status, answer, fields.get("Content-Type", "text/plain"))

    do_GET = do_POST = do


if __name__ == "__main__":
    given = upstream.options.parse_args()
    repository = os.path.join(os.path.dirname(given.log), "pushed.git")
    subprocess.run(["git", "init", "-q", "--bare", "--initial-branch=main", repository], check=True)
    upstream.serve(Git)
