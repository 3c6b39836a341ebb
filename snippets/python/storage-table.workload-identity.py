# pip install azure-data-tables azure-identity
import os
import uuid

from azure.data.tables import TableServiceClient
from azure.identity import DefaultAzureCredential

# Signs in as the pod's ServiceAccount.
credential = DefaultAzureCredential()

with TableServiceClient(os.environ["@RESOURCEENDPOINT@"], credential=credential) as service:
    table = service.create_table(f"notes{uuid.uuid4().hex}")
    table.create_entity({"PartitionKey": "notes", "RowKey": "1", "text": "hello from Python"})
    text = table.get_entity("notes", "1")["text"]
    table.delete_table()

print(f"ok: read '{text}' from {service.url}")
