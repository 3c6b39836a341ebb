# pip install azure-storage-blob
import os
import uuid

from azure.storage.blob import BlobServiceClient

with BlobServiceClient.from_connection_string(os.environ["@CONNECTIONSTRING@"]) as service:
    container = service.create_container(f"notes-{uuid.uuid4().hex}")
    container.upload_blob("note.txt", "hello from Python")
    text = container.download_blob("note.txt", encoding="utf-8").readall()
    container.delete_container()

print(f"ok: read '{text}' from Blob Storage account {service.account_name}")
