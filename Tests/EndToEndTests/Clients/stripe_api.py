"""Stripe as far as the tests ask it: customers and payouts, each payout once for its idempotency key.

Notes each request like upstream.py, with the same arguments.
"""

import json, urllib.parse

import upstream


class Stripe(upstream.Upstream):
    payouts = {}

    def do(self):
        body = self.content()
        self.note(body)
        if self.headers.get("Authorization") != "Bearer sk_live_agent":
            return self.say(401, {"error": {"type": "invalid_request_error", "message": "no such key"}})
        path = self.path.split("?")[0]
        if (self.command, path) == ("GET", "/v1/customers"):
            customer = {"id": "cus_1", "object": "customer", "email": "ann@example.com"}
            return self.say(200, {"object": "list", "url": path, "has_more": False, "data": [customer]})
        if (self.command, path) == ("POST", "/v1/payouts"):
            form = dict(urllib.parse.parse_qsl(body.decode()))
            key = self.headers.get("Idempotency-Key") or "none-%d" % len(self.payouts)
            with self.lock:
                payout = self.payouts.setdefault(key, {"id": "po_%d" % (len(self.payouts) + 1), "object": "payout"})
            payout.update(amount=int(form["amount"]), currency=form["currency"], status="pending")
            return self.say(200, payout)
        self.say(404, {"error": {"type": "invalid_request_error", "message": "no such path"}})

    do_GET = do_POST = do_DELETE = do

    def say(self, status, document):
        self.answer(status, json.dumps(document).encode(), Request_Id="req_%d" % self.count)


upstream.serve(Stripe)
