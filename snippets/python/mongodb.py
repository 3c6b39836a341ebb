# pip install pymongo
import os
import uuid

import pymongo

with pymongo.MongoClient(os.environ["@CONNECTIONSTRING@"]) as client:
    database = client.get_default_database("test")  # the one in the URL, else "test"
    notes = database[f"notes_{uuid.uuid4().hex}"]
    identity = notes.insert_one({"text": "hello from Python"}).inserted_id
    text = notes.find_one({"_id": identity})["text"]
    notes.drop()

print(f"ok: read '{text}' from MongoDB database {database.name}")
