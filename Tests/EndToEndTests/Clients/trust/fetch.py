"""One GET by a Python client as its users write it, nothing but the environment to go by: fetch.py CLIENT URL"""

import sys

client, url = sys.argv[1:]
if client == "urllib":
    import urllib.request

    print(urllib.request.urlopen(url).read().decode())
elif client == "requests":
    import requests

    print(requests.get(url).text)
elif client == "httpx":
    import httpx

    print(httpx.get(url).text)
elif client == "aiohttp":
    import asyncio

    import aiohttp

    async def fetch():
        async with aiohttp.ClientSession(trust_env=True) as session, session.get(url) as answer:
            print(await answer.text())

    asyncio.run(fetch())
