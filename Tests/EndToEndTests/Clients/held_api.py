"""As much of several APIs as their SDKs need to take a created thing for created; notes requests like upstream.py."""

import json

import upstream

ANSWERS = {
    "/v1/chat/completions": {
        "id": "made",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "made"}}],
    },
    "/v1/messages": {
        "id": "made",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "made"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
    "/v1/refunds": {"id": "made", "object": "refund"},
    "/repos/o/r/issues": {"number": 1, "title": "made", "url": "https://api.github.com/repos/o/r/issues/1"},
    "/api/chat.postMessage": {"ok": True, "ts": "made"},
    "/api/v1/namespaces": {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "made"}},
    "/requests": {"made": True},
    "/httpx": {"made": True},
    "/aiohttp": {"made": True},
    # DynamoDB
    "/": {"ConsumedCapacity": {"TableName": "made"}},
}


class Services(upstream.Upstream):
    def do(self):
        self.note(self.content())
        self.answer(200, json.dumps(ANSWERS[self.path.split("?")[0]]).encode())

    do_GET = do_POST = do


upstream.serve(Services)
