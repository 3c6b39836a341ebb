# pip install azure-storage-queue azure-identity
import os
import uuid

from azure.identity import DefaultAzureCredential
from azure.storage.queue import QueueServiceClient

# Signs in as the pod's ServiceAccount.
credential = DefaultAzureCredential()

with QueueServiceClient(os.environ["@RESOURCEENDPOINT@"], credential) as service:
    queue = service.create_queue(f"notes-{uuid.uuid4().hex}")
    queue.send_message("hello from Python")
    text = queue.receive_message().content
    queue.delete_queue()

print(f"ok: received '{text}' from {service.url}")
