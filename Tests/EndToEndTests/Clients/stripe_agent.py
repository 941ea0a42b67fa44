"""An agent with the stripe package, through the proxy of the environment; prints a result or what the exception says.

stripe_agent.py customers
stripe_agent.py payout AMOUNT [IDEMPOTENCY-KEY]
"""

import json, os, sys

import stripe

client = stripe.StripeClient(
    "sk_live_agent",
    http_client=stripe.RequestsClient(proxy={"http": os.environ["HTTP_PROXY"], "https": os.environ["HTTPS_PROXY"]},
                                      verify_ssl_certs=True),
)
stripe.ca_bundle_path = os.environ["SSL_CERT_FILE"]
try:
    if sys.argv[1] == "customers":
        said = {"emails": [customer.email for customer in client.v1.customers.list().data]}
    else:
        options = {"idempotency_key": sys.argv[3]} if len(sys.argv) > 3 else {}
        payout = client.v1.payouts.create({"amount": int(sys.argv[2]), "currency": "usd"}, options)
        said = {"payout": payout.id, "amount": payout.amount}
except stripe.StripeError as error:
    said = {"error": str(error), "status": error.http_status, "kind": type(error).__name__}
print(json.dumps(said))
