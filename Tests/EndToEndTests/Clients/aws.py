"""One call by boto3, through the proxy of the environment; prints what it returned, or what the exception says.

aws.py setup ADDRESS BUCKET...     a user `agent` with a key that may do everything, and buckets, at moto itself
aws.py CLIENT METHOD [JSON]        boto3.client(CLIENT).METHOD(**JSON)
aws.py copy BUCKET FILE COPY       uploads a file, in parts where it is large, and downloads it again
"""

import json, os, ssl, sys, urllib.request

import boto3, botocore.config, botocore.exceptions


def setup(address, *buckets):
    # moto counts these, and checks the signature of every call after them.
    calls = 3 + len(buckets)
    context = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
    request = urllib.request.Request(
        address + "/moto-api/reset-auth", str(calls).encode(), {"Content-Type": "text/plain"}, method="POST")
    urllib.request.urlopen(request, context=context).read()
    iam = boto3.client("iam", endpoint_url=address, region_name="us-east-1")
    iam.create_user(UserName="agent")
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="agent", PolicyName="everything", PolicyDocument=json.dumps(everything))
    key = iam.create_access_key(UserName="agent")["AccessKey"]
    path = botocore.config.Config(s3={"addressing_style": "path"})
    s3 = boto3.client("s3", endpoint_url=address, region_name="us-east-1", config=path)
    for bucket in buckets:
        s3.create_bucket(Bucket=bucket)
    return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def call(client, method, arguments="{}"):
    try:
        answer = getattr(boto3.client(client, region_name="us-east-1"), method)(**json.loads(arguments))
    except botocore.exceptions.ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"error": str(error), "code": code, "status": status}
    return {"status": answer["ResponseMetadata"]["HTTPStatusCode"], "answer": answer}


def copy(bucket, file, copy):
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.upload_file(file, bucket, "copied")
    s3.download_file(bucket, "copied", copy)
    return {"length": s3.head_object(Bucket=bucket, Key="copied")["ContentLength"]}


words = sys.argv[1:]
said = {"setup": setup, "copy": copy}[words[0]](*words[1:]) if words[0] in ("setup", "copy") else call(*words)
print(json.dumps(said, default=str))
