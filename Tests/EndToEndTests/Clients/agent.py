"""One request by one of the usual Python clients, through the proxy of the environment; says what the client says.

agent.py CLIENT METHOD URL [BYTES]
"""

import hashlib, json, os, sys


def by_requests(method, url, body):
    import requests

    answer = requests.request(method, url, data=body, headers=fields)
    failure = ""
    try:
        answer.raise_for_status()
    except requests.HTTPError as error:
        failure = str(error)
    return answer.status_code, answer.content, failure


def by_httpx(method, url, body):
    import httpx

    answer = httpx.request(method, url, content=body, headers=fields)
    failure = ""
    try:
        answer.raise_for_status()
    except httpx.HTTPStatusError as error:
        failure = str(error)
    return answer.status_code, answer.content, failure


def by_urllib(method, url, body):
    import urllib.error, urllib.request

    request = urllib.request.Request(url, data=body, method=method, headers=fields)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read(), ""
    except urllib.error.HTTPError as error:
        return error.code, error.read(), str(error)


client, method, url, *size = sys.argv[1:]
body = b"x" * int(size[0]) if size else None
fields = {"Content-Type": "application/octet-stream"} if body else {}
os.environ["REQUESTS_CA_BUNDLE"] = os.environ["SSL_CERT_FILE"]
status, content, failure = globals()["by_" + client](method, url, body)
print(json.dumps({"status": status, "sha256": hashlib.sha256(content).hexdigest(), "failure": failure, "text": content[:4000].decode("utf-8", "replace")}))
