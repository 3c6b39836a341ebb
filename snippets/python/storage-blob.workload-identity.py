# pip install azure-storage-blob azure-identity
import os
import uuid

from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

# Signs in as the pod's ServiceAccount.
credential = DefaultAzureCredential()

with BlobServiceClient(os.environ["@RESOURCEENDPOINT@"], credential) as service:
    container = service.create_container(f"notes-{uuid.uuid4().hex}")
    container.upload_blob("note.txt", "hello from Python")
    text = container.download_blob("note.txt", encoding="utf-8").readall()
    container.delete_container()

print(f"ok: read '{text}' from {service.url}")
