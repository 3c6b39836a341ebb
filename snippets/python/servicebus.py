# pip install azure-servicebus
import os
import uuid

from azure.servicebus import ServiceBusClient, ServiceBusMessage
from azure.servicebus.management import ServiceBusAdministrationClient

connection_string = os.environ["@CONNECTIONSTRING@"]
queue = f"notes-{uuid.uuid4().hex}"

with (
    ServiceBusAdministrationClient.from_connection_string(connection_string) as administration,
    ServiceBusClient.from_connection_string(connection_string) as client,
):
    administration.create_queue(queue)
    with client.get_queue_sender(queue) as sender:
        sender.send_messages(ServiceBusMessage("hello from Python"))
    with client.get_queue_receiver(queue) as receiver:
        [message] = receiver.receive_messages(max_wait_time=30)
        receiver.complete_message(message)
    administration.delete_queue(queue)

print(f"ok: received '{message}' from Service Bus")
