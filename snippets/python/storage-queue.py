# pip install azure-storage-queue
import os
import uuid

from azure.storage.queue import QueueServiceClient

with QueueServiceClient.from_connection_string(os.environ["@CONNECTIONSTRING@"]) as service:
    queue = service.create_queue(f"notes-{uuid.uuid4().hex}")
    queue.send_message("hello from Python")
    text = queue.receive_message().content
    queue.delete_queue()

print(f"ok: received '{text}' from Queue Storage account {service.account_name}")
