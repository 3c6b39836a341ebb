# pip install azure-data-tables
import os
import uuid

from azure.data.tables import TableServiceClient

with TableServiceClient.from_connection_string(os.environ["@CONNECTIONSTRING@"]) as service:
    table = service.create_table(f"notes{uuid.uuid4().hex}")
    table.create_entity({"PartitionKey": "notes", "RowKey": "1", "text": "hello from Python"})
    text = table.get_entity("notes", "1")["text"]
    table.delete_table()

print(f"ok: read '{text}' from Table Storage account {service.account_name}")
