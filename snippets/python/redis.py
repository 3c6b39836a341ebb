# pip install redis
import os
import uuid

import redis

with redis.from_url(os.environ["@CONNECTIONSTRING@"], decode_responses=True) as client:
    key = f"note:{uuid.uuid4().hex}"
    client.set(key, "hello from Python", ex=60)
    text = client.get(key)
    client.delete(key)

print(f"ok: read '{text}' from Redis")
