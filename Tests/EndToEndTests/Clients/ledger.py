"""Charges whose state is asked for before it is changed. Notes each request like upstream.py, with the same arguments.

GET /v1/charges/ch_1 says how it stands, with an entity tag; /set?status=paid changes it behind everybody's back, and
/gone makes it unreadable. /stale takes no credential that comes late (X-Request-Id). Everything else is carried out, and
says so.
"""

import json, urllib.parse

import upstream


class Ledger(upstream.Upstream):
    state = {"amount": 2500, "status": "open", "internal_secret": "x"}
    tag = 1
    isGone = False

    def do(self):
        body = self.content()
        path, _, query = self.path.partition("?")
        if path == "/set":
            Ledger.state.update(urllib.parse.parse_qsl(query))
            Ledger.tag += 1
            return self.answer(204)
        if path == "/gone":
            Ledger.isGone = True
            return self.answer(204)
        self.note(body)
        if self.command == "GET" and self.isGone:
            return self.answer(500)
        if self.command == "GET":
            return self.answer(200, json.dumps(self.state).encode(), ETag='"%d"' % self.tag)
        if path == "/stale" and self.headers.get("X-Request-Id") == "late":
            return self.answer(401, b'{"error": "expired"}')
        self.answer(200, b'{"done": true}')

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do


upstream.serve(Ledger)
