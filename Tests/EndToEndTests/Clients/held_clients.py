"""Calls that create something, by one of the usual clients, through the proxy of the environment.

held_clients.py CLIENT ATTEMPTS TEXT...: prints for each text what was made, or what the exception says. ATTEMPTS sets how
often the client may try; 0 lets it do as it does by itself.
"""

import json, os, sys

os.environ["REQUESTS_CA_BUNDLE"] = os.environ["AWS_CA_BUNDLE"] = os.environ["SSL_CERT_FILE"]
proxy, authority = os.environ["HTTPS_PROXY"], os.environ["SSL_CERT_FILE"]


def requests(text, attempts):
    import requests

    answer = requests.post("https://api.test/requests", json={"text": text})
    answer.raise_for_status()
    return answer.json()["made"]


def httpx(text, attempts):
    import httpx

    answer = httpx.post("https://api.test/httpx", json={"text": text})
    answer.raise_for_status()
    return answer.json()["made"]


def aiohttp(text, attempts):
    import aiohttp, asyncio

    async def post():
        async with aiohttp.ClientSession(trust_env=True, raise_for_status=True) as session:
            async with session.post("https://api.test/aiohttp", json={"text": text}) as answer:
                return (await answer.json())["made"]

    return asyncio.run(post())


def dynamodb(text, attempts):
    import boto3, botocore.config

    retries = {"total_max_attempts": attempts} if attempts else {}
    client = boto3.client(
        "dynamodb", region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="secret",
        config=botocore.config.Config(retries=retries))
    return client.put_item(TableName="t", Item={"text": {"S": text}})["ConsumedCapacity"]["TableName"]


def stripe(text, attempts):
    import stripe

    stripe.ca_bundle_path = authority
    client = stripe.StripeClient(
        "sk_test_agent", max_network_retries=(attempts or 3) - 1,
        http_client=stripe.RequestsClient(proxy={"https": proxy}, verify_ssl_certs=True))
    return client.v1.refunds.create({"charge": text}).id


def openai(text, attempts):
    import openai

    client = openai.OpenAI(api_key="k", **({"max_retries": attempts - 1} if attempts else {}))
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}]).id


def anthropic(text, attempts):
    import anthropic

    client = anthropic.Anthropic(api_key="k", **({"max_retries": attempts - 1} if attempts else {}))
    return client.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": text}]).id


def github(text, attempts):
    import github

    client = github.Github(auth=github.Auth.Token("t"), lazy=True, **({"retry": None} if attempts == 1 else {}))
    return client.get_repo("o/r").create_issue(text).number


def slack(text, attempts):
    import slack_sdk

    return slack_sdk.WebClient("t").chat_postMessage(channel="c", text=text)["ts"]


def kubernetes(text, attempts):
    import kubernetes.client as client

    given = client.Configuration(host="https://cluster.test")
    given.ssl_ca_cert, given.proxy = authority, proxy
    namespace = client.V1Namespace(metadata=client.V1ObjectMeta(name=text))
    return client.CoreV1Api(client.ApiClient(given)).create_namespace(namespace).metadata.name


name, attempts, *texts = sys.argv[1:]
said = []
for text in texts:
    try:
        said.append({"made": globals()[name](text, int(attempts))})
    except Exception as error:
        said.append({"error": type(error).__name__, "text": str(error)})
print(json.dumps(said, default=str))
