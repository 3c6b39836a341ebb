# pip install boto3
import os
import uuid

import boto3

s3 = boto3.client("s3")  # reads the endpoint, the region and the key from the AWS_… variables
bucket = os.environ["@S3_BUCKET@"]
key = f"notes/{uuid.uuid4().hex}.txt"

s3.put_object(Bucket=bucket, Key=key, Body=b"hello from Python")
text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
s3.delete_object(Bucket=bucket, Key=key)

print(f"ok: read '{text}' from bucket {bucket}")
