# pip install azure-cosmos
import os
import uuid

from azure.cosmos import CosmosClient, PartitionKey

with CosmosClient.from_connection_string(os.environ["@CONNECTIONSTRING@"]) as client:
    database = client.create_database(f"notes-{uuid.uuid4().hex}")
    container = database.create_container("notes", PartitionKey(path="/id"))
    container.create_item({"id": "1", "text": "hello from Python"})
    text = container.read_item("1", partition_key="1")["text"]
    client.delete_database(database)

print(f"ok: read '{text}' from Cosmos DB")
